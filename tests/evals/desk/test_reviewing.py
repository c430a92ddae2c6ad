"""The review queue on its pages: blind, by keyboard or by plain form, one answer after the other."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from evals.answers import Source
from evals.graders import GRADERS
from evals.models import CaseRevision, Review, Run
from evals.reviewing.queue import send
from evals.reviewing.saying import say
from knowledge.access import Viewer
from tests.evals.factories import answer, case, dataset, grading, result, run_of
from tests.people import person

pytestmark = pytest.mark.django_db
ATTACK = "<img src=x onerror=alert(1)>"


@pytest.fixture
def ann() -> Client:
    return signed_in("ann")


def signed_in(name: str, role: str = "agent") -> Client:
    client = Client()
    client.force_login(person(role, username=name))
    return client


def queued(count: int = 1, grader: str = "tone", **more: str) -> Run:
    run = run_of(dataset(*(case(f"case-{n}", **more) for n in range(count))))
    send(run.results.all(), grader, by=None)
    return run


def start(client: Client, rubric: str = "tone") -> str:
    """The address of the first answer."""
    return str(client.post(reverse("review"), {"rubric": rubric})["Location"])


def test_without_an_answer_the_page_says_where_they_come_from(ann):
    page = ann.get(reverse("review")).content.decode()
    assert "The queue is empty" in page
    assert "Begin with a run" in page
    run = run_of(dataset())
    page = ann.get(reverse("review")).content.decode()
    assert f'<option value="{run.pk}">Run {run.pk}: support@1</option>' in page
    assert "Begin with a run" not in page


def test_one_answer_comes_after_the_other_until_nothing_is_left(ann):
    queued(2)
    first = start(ann)
    second = ann.post(first, {"do": "say", "word": "fitting", "reason": "plain words"})["Location"]
    assert second not in (first, reverse("review"))
    end = ann.post(second, {"word": "rude"}, follow=True)
    assert end.redirect_chain == [(reverse("review"), 302)]
    assert "Nothing is left for you" in end.content.decode()
    assert Review.objects.filter(state="open").count() == 2


def test_the_page_shows_what_counts_and_nothing_of_model_version_judge_or_others(ann):
    run = queued(question="What is the late fee?", expert_answer="It is $35.")
    row = run.results.get()
    grading(row, "tone", label="pushy", reason="too eager, says the judge", model="judge-9000")
    say(
        Viewer.of(person("agent", username="bob")),
        Review.objects.get().pk,
        GRADERS["tone"],
        "rude",
        reason="bobs words",
    )
    page = ann.get(start(ann)).content.decode()
    assert "What is the late fee?" in page
    assert "It is $35." in page
    assert "A late fee of $35 is charged when a payment arrives" in page  # the passage
    assert f'href="#source-{row.pk}-1"' in page
    assert f'id="source-{row.pk}-1"' in page
    for secret in (
        "demo-strong",
        "judge-9000",
        "says the judge",
        "bobs words",
        "bob",
        f"run {run.pk}",
        f"runs/{run.pk}",
    ):
        assert secret not in page, secret
    for word in ("fitting", "stiff", "too casual", "pushy", "rude"):
        assert f'value="{word}"' in page


def test_the_third_person_sees_both_words_without_their_names(ann):
    queued()
    for name, word in (("bob", "fitting"), ("cy", "rude")):
        reviewer = Viewer.of(person("agent", username=name))
        say(reviewer, Review.objects.get().pk, GRADERS["tone"], word, reason=f"because {word}")
    page = ann.get(start(ann)).content.decode()
    assert "yours is the last word" in page
    assert "because fitting" in page
    assert "because rude" in page
    assert "bob" not in page
    ann.post(start(ann), {"word": "rude"})
    assert Review.objects.get().state == "settled"


def test_passing_on_gives_it_back_and_brings_the_next(ann):
    queued(2)
    first = start(ann)
    second = ann.post(first, {"do": "pass"})["Location"]
    assert second != first
    assert start(signed_in("bob")) == first
    end = ann.post(second, {"do": "pass"}, follow=True).content.decode()
    assert "You have passed on the rest" in end
    assert start(ann) == second  # bob has the first; beginning again shows the others once more


def test_the_last_word_is_taken_back_within_the_session(ann):
    queued(2)
    first = start(ann)
    second = ann.post(first, {"word": "rude"})["Location"]
    assert ann.post(second, {"do": "undo"})["Location"] == first
    assert not Review.objects.filter(gradings__isnull=False).exists()
    assert "nothing to take back" in ann.post(first, {"do": "undo"}, follow=True).content.decode()


def test_a_word_that_nobody_offered_brings_the_same_answer_again(ann):
    queued()
    first = start(ann)
    again = ann.post(first, {"word": "splendid"}, follow=True)
    assert again.redirect_chain == [(first, 302)]
    assert "Choose one of the words" in again.content.decode()


def test_what_another_has_open_says_so_and_its_lock_is_not_renewed(ann):
    queued()
    address = start(ann)
    bob = signed_in("bob")
    assert bob.post(address, {"do": "hold"}).status_code == 409
    assert ann.post(address, {"do": "hold"}).status_code == 204
    refused = bob.get(address, follow=True)
    assert refused.redirect_chain == [(reverse("review"), 302)]
    assert "not for you to grade now" in refused.content.decode()
    assert "somebody else has it open" in bob.post(address, {"word": "rude"}, follow=True).content.decode()


def test_hostile_words_stay_words(ann):
    run = run_of(dataset(case(question=ATTACK, expert_answer=ATTACK)))
    row = run.results.get()
    row.delete()
    passage = Source("f.md", ATTACK, ATTACK, number=1, place=ATTACK)
    hostile = result(run, CaseRevision.objects.get(), answer=answer(f"{ATTACK} **bold** [1]", passages=(passage,)))
    send([hostile], "tone", by=None)
    page = ann.get(start(ann)).content.decode()
    assert "<img" not in page
    assert "<strong>bold</strong>" in page


def test_a_real_turn_says_that_nobody_wrote_what_is_expected(ann):
    run = Run.objects.create(trigger=Run.Trigger.ONLINE)
    kept = {"id": "turn-1", "question": "And for [EMAIL]?", "history": [{"question": "First?", "reply": "Yes."}]}
    row = result(run, question="And for [EMAIL]?", receipt={"case": kept})
    send([row], "tone", by=None)
    page = ann.get(start(ann)).content.decode()
    assert "And for [EMAIL]?" in page
    assert "First?" in page
    assert "A real question, with personal data masked" in page


def test_answers_are_sent_by_their_ids_or_as_a_part_of_a_run(ann):
    run = run_of(dataset(*(case(f"case-{n}") for n in range(3))), {"case-1": False})
    sending = reverse("send_to_review")
    one = run.results.get(case__key="case-0")
    back = reverse("judges")
    response = ann.post(sending, {"result": one.pk, "rubric": "tone", "back": back}, follow=True)
    assert response.redirect_chain == [(back, 302)]
    assert "1 answer is in the review queue now" in response.content.decode()
    ann.post(sending, {"run": run.pk, "which": "failed", "rubric": "tone"})
    assert set(Review.objects.values_list("result__case__key", flat=True)) == {"case-0", "case-1"}
    ann.post(sending, {"run": run.pk, "which": "random", "count": "2", "rubric": "relevance"})
    assert Review.objects.filter(grader="relevance").count() == 2
    again = ann.post(sending, {"result": one.pk, "rubric": "tone"}, follow=True).content.decode()
    assert "in the review queue for “Tone” already" in again


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"rubric": "nothing", "which": "disliked"}, 400),
        ({"rubric": "pairwise", "which": "disliked"}, 400),
        ({"rubric": "tone"}, 400),
        ({"rubric": "tone", "run": "9999999"}, 404),
        ({"rubric": "tone", "run": "9" * 40}, 404),
        ({"rubric": "tone", "run": "x"}, 404),
    ],
)
def test_what_cannot_be_sent_is_refused(ann, body, status):
    assert ann.post(reverse("send_to_review"), body).status_code == status
    assert not Review.objects.exists()


def test_it_leads_back_to_no_other_site(ann):
    run = run_of(dataset())
    body = {"result": run.results.get().pk, "rubric": "tone", "back": "//evil.example/x"}
    assert ann.post(reverse("send_to_review"), body)["Location"] == reverse("review")


def test_the_queue_is_for_staff(ann):
    queued()
    address = start(ann)
    customer = signed_in("carl", "customer")
    assert customer.get(address).status_code == 404
    assert customer.post(address, {"word": "rude"}).status_code == 404
    assert customer.post(reverse("review"), {"rubric": "tone"}).status_code == 404

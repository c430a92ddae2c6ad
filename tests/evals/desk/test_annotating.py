"""What people do with an answer: works, not allowed, bad input, twice."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from app.models import User
from chat.models import AssistantVersion
from chat.versions.states import live_version, make_draft, publish, version_of
from evals.annotations import MOST_EXAMPLES
from evals.datasets.sets import freeze, keep, remove
from evals.models import CaseRevision, Grading, Result, Review
from tests.evals.factories import case, dataset, grading, run_of
from tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> Result:
    return run_of(dataset(case("late-fee"))).results.get()


def post(client: Client, name: str, row: Result, **posted: object) -> str:
    response = client.post(reverse(name, args=[row.pk]), posted, follow=True)
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


def test_a_person_grades_by_the_words_of_the_rubric(client: Client, agent: User, row: Result):
    html = post(client, "annotate_result", row, grader="relevance", word="4", reason="warm\x00 enough")
    said = Grading.objects.by_people().get()
    assert (said.person, said.grader, said.points, said.score, said.passed) == (agent, "relevance", 4, 0.75, True)
    assert said.reason == "warm enough"
    assert "agent: 4 of 5" in html


def test_the_judge_is_wrong_here_and_its_own_word_stays(client: Client, agent: User, row: Result):
    judged = grading(row, "fact_vs_expert", label="conflict", score=0.0, is_hard_failure=True)
    html = post(client, "annotate_result", row, grader="fact_vs_expert", word="same", reason="35 is right")
    assert "a person says otherwise" in html
    judged.refresh_from_db()
    assert judged.is_current
    assert Grading.objects.by_people().get().label == "same"


def test_a_word_is_changed_and_the_one_before_is_kept(client: Client, agent: User, row: Result):
    for word in ("1", "5"):
        post(client, "annotate_result", row, grader="relevance", word=word)
    assert Grading.objects.by_people().get().points == 5
    assert Grading.objects.filter(grader="relevance").count() == 2


def test_who_cannot_say_says_that(client: Client, agent: User, row: Result):
    post(client, "annotate_result", row, grader="relevance", word="abstain")
    said = Grading.objects.by_people().get()
    assert (said.outcome, said.score) == ("abstained", None)


def test_ones_own_word_is_taken_back_and_nobody_elses(client: Client, agent: User, row: Result):
    mine = grading(row, "relevance", points=4, by=agent)
    theirs = grading(row, "relevance", points=2, by=person("customer", username="bob"))
    machine = row.gradings.get(grader="must_include")
    assert "There is nothing to take back" in post(client, "annotate_result", row, undo=theirs.pk)
    assert "There is nothing to take back" in post(client, "annotate_result", row, undo=machine.pk)
    assert "Your word is taken back" in post(client, "annotate_result", row, undo=mine.pk)
    assert "There is nothing to take back" in post(client, "annotate_result", row, undo=mine.pk)
    assert set(Grading.objects.filter(is_current=True)) == {theirs, machine}


def test_a_word_of_the_blind_review_is_not_changed_here(client: Client, agent: User, row: Result):
    review = Review.objects.create(result=row, grader="relevance")
    blind = grading(row, "relevance", points=2, by=agent, review=review)
    assert "in the review queue" in post(client, "annotate_result", row, grader="relevance", word="5")
    assert "There is nothing to take back" in post(client, "annotate_result", row, undo=blind.pk)
    assert Grading.objects.by_people().get() == blind


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"grader": "relevance"},
        {"grader": "relevance", "word": "6"},
        {"grader": "latency", "word": "pass"},
        {"grader": "pairwise", "word": "pass"},
        {"grader": "no_such", "word": "pass"},
        {"undo": "x"},
        {"undo": "9" * 30},
    ],
)
def test_what_is_no_word_is_not_kept(client: Client, agent: User, row: Result, posted: dict[str, str]):
    post(client, "annotate_result", row, **posted)
    assert not Grading.objects.filter(is_human=True).exists()


def test_the_list_that_one_came_from_stays(client: Client, agent: User, row: Result):
    path = reverse("annotate_result", args=[row.pk])
    response = client.post(f"{path}?outcome=all&evil=//x", {"grader": "relevance", "word": "4"})
    assert response["Location"] == f"{reverse('result', args=[row.pk])}?outcome=all#said-relevance"


def test_the_experts_answer_is_corrected_as_a_new_revision(client: Client, admin: User, row: Result):
    before = row.case
    assert before
    html = post(client, "correct_expert", row, text="It is $35.", seen=before.pk)
    assert "counts from the next frozen version" in html
    latest = CaseRevision.objects.get(key="late-fee", is_latest=True)
    assert (latest.revision, latest.case.expert_answer, latest.origin) == (2, "It is $35.", "corrected")
    assert latest.case.question == before.case.question
    assert latest.created_by == admin
    row.refresh_from_db()
    assert row.case == before
    assert row.run.dataset_version
    assert list(row.run.dataset_version.cases.order_by("pk")) == [before]
    assert latest in freeze(latest.dataset).cases.all()


def test_two_people_do_not_overwrite_each_others_correction(client: Client, admin: User, row: Result):
    seen = row.case_id
    post(client, "correct_expert", row, text="It is $35.", seen=seen)
    assert "Somebody has changed this case meanwhile" in post(client, "correct_expert", row, text="$36?", seen=seen)
    assert CaseRevision.objects.get(is_latest=True).case.expert_answer == "It is $35."


def test_a_proposed_case_stays_proposed_when_it_is_corrected(client: Client, admin: User, row: Result):
    CaseRevision.objects.update(state="proposed")
    post(client, "correct_expert", row, text="It is $35.", seen=row.case_id)
    assert CaseRevision.objects.get(is_latest=True).state == "proposed"


@pytest.mark.parametrize("text", ["x" * 8_001, "This is how it is with late-fee."])
def test_a_correction_that_changes_nothing_or_is_too_long_is_refused(
    client: Client, admin: User, row: Result, text: str
):
    html = post(client, "correct_expert", row, text=text, seen=row.case_id)
    assert "cannot be kept" in html or "the same as before" in html
    assert CaseRevision.objects.count() == 1


def test_a_case_that_was_taken_out_is_not_corrected(client: Client, admin: User, row: Result):
    assert row.case
    remove(row.case)
    assert "put it back first" in post(client, "correct_expert", row, text="New.", seen=row.case_id)


def test_an_answer_becomes_an_example_in_a_draft(client: Client, admin: User, row: Result):
    live = live_version()
    response = client.post(reverse("result_as_example", args=[row.pk]), {"answer": "It is $35. [1]"})
    draft = AssistantVersion.objects.get(state="draft")
    assert response["Location"] == reverse("diff_version", args=[draft.number])
    (*before, example) = version_of(draft).assistant.examples
    assert (example.question, example.answer) == (row.question, "It is $35. [1]")
    assert tuple(before) == live.assistant.examples
    assert draft.created_by == admin
    assert live_version().hash == live.hash  # nothing went live


def test_an_example_that_is_there_already_or_one_too_many_is_refused(client: Client, admin: User, row: Result):
    live_as_it_is = live_version()
    for number in range(MOST_EXAMPLES):
        assistant = live_version().assistant
        example = {"question": row.question if number == 0 else f"q{number}", "answer": "So."}
        changed = assistant.model_validate({**assistant.model_dump(), "examples": [*assistant.examples, example]})
        draft = make_draft(changed, based_on=AssistantVersion.objects.get(number=live_as_it_is.number))
        publish(draft, note="one more")
        if number == 0:
            assert "has this example already" in post(client, "result_as_example", row, answer="So.")
    assert "remove one first" in post(client, "result_as_example", row, answer="Another.")
    assert not AssistantVersion.objects.filter(state="draft").exists()


def test_an_empty_example_is_refused(client: Client, admin: User, row: Result):
    assert "cannot be an example" in post(client, "result_as_example", row, answer="  ")


@pytest.mark.parametrize("name", ["correct_expert", "result_as_example"])
def test_sets_and_drafts_are_not_for_agents(client: Client, agent: User, row: Result, name: str):
    response = client.post(reverse(name, args=[row.pk]), {"text": "x", "answer": "x", "seen": row.case_id})
    assert response.status_code == HTTPStatus.NOT_FOUND
    html = client.get(reverse("result", args=[row.pk])).content.decode()
    assert reverse(name, args=[row.pk]) not in html
    assert CaseRevision.objects.count() == 1


def test_no_correction_for_what_is_no_case(client: Client, admin: User, row: Result):
    Result.objects.filter(pk=row.pk).update(case=None)
    response = client.post(reverse("correct_expert", args=[row.pk]), {"text": "x"})
    assert response.status_code == HTTPStatus.NOT_FOUND


def test_a_revision_that_was_kept_since_is_named(client: Client, admin: User, row: Result):
    keep(row.case.dataset, case("late-fee", expert_answer="Newer."))  # type: ignore[union-attr]
    html = client.get(reverse("result", args=[row.pk])).content.decode()
    assert "This run asked revision 1" in html
    assert "Newer." in html  # the form begins with what is there now

"""One case over all runs, and one answer: what is shown, what is marked, and that all of it stays text."""

from __future__ import annotations

import re
import uuid
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from app.models import User
from chat.models import Conversation, Question, Reply
from evals.datasets.sets import freeze, keep
from evals.models import CaseRevision, Result, Run
from llm.models import Call
from tests.evals.factories import PASSAGE, TEXT, answer, case, dataset, grading, result, run_of
from tests.people import person

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def one(**more: Any) -> Result:
    return run_of(dataset(case("late-fee", **more))).results.get()


def page(client: Client, row: Result, **query: str) -> str:
    response = client.get(reverse("result", args=[row.pk]), query)
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


def claim(text: str, quote: str, *, verdict: str = "supported") -> dict[str, Any]:
    """As the judge of claims keeps it."""
    at, quote_at = TEXT.find(text), PASSAGE.find(quote)
    return {
        "claim": text,
        "claim_at": [at, at + len(text)] if at >= 0 else None,
        "quote": quote,
        "quote_at": [quote_at, quote_at + len(quote)] if quote_at >= 0 else None,
        "source": {"kind": "passage", "index": 0, "title": "Late fees"} if quote_at >= 0 else None,
        "verdict": verdict,
        "why": "the passage says so",
    }


def test_an_answer_is_shown_with_its_conversation_its_case_and_its_passages(client: Client, agent: User):
    row = one(history=[{"question": "Hello?", "reply": "Good morning."}], must_include=[["$35", "35 dollars"]])
    html = page(client, row)
    for words in ("Hello?", "Good morning.", "What about late-fee?", "This is how it is", "$35 / 35 dollars", PASSAGE):
        assert words in html, words
    assert f'href="#source-{row.pk}-1"' in html  # the citation in the answer, as the chat renders it
    assert f'id="source-{row.pk}-1"' in html


def test_the_difference_to_the_expert_is_shown_word_by_word(client: Client, agent: User):
    html = page(client, one(expert_answer="A late fee of $20 is charged after the 15th."))
    assert re.search(r"<del>20 ?</del><ins>35 ?</ins>", html)


def test_claims_are_marked_in_answer_and_passage_with_words_beside_the_marks(client: Client, agent: User):
    row = one()
    supported = claim("A late fee of $35 is charged", "A late fee of $35 is charged")
    invented = claim("after the 15th", "after the 20th", verdict="invented")
    grading(row, "groundedness", score=0.5, evidence=[invented, supported])
    html = page(client, row)
    assert (
        '<mark class="claim" data-supported="yes">A late fee of $35 is charged</mark><sup><a href="#claim-1">' in html
    )
    assert '<mark class="claim" data-supported="no">after the 15th</mark><sup><a href="#claim-2">2<span' in html
    assert (
        html.count('<mark class="claim" data-supported="yes">A late fee of $35 is charged</mark>') == 2
    )  # passage too
    assert "The judge&#x27;s quote stands nowhere" in html


@pytest.mark.parametrize("at", [[5, 3], [-1, 4], [0, 9_999], "x", [1], [0, "9"], None, {"a": 1}])
def test_a_place_that_does_not_lie_in_the_text_marks_nothing(client: Client, agent: User, at: Any):
    row = one()
    grading(row, "groundedness", evidence=[claim("A late fee", "A late fee") | {"claim_at": at, "quote_at": at}, "odd"])
    assert '<mark class="claim"' not in page(client, row)


def test_a_quote_that_a_judge_made_up_is_said_to_be(client: Client, agent: User):
    row = one()
    evidence = [{"where": "source", "quote": "free of charge", "source": None, "at": None}]
    grading(row, "faithfulness", points=2, evidence=evidence, reason="it says otherwise")
    assert "stands nowhere: the judge made it up" in page(client, row)


def test_machine_and_human_words_stand_side_by_side_and_earlier_ones_are_folded(client: Client, agent: User):
    row = one()
    grading(row, "relevance", points=2, model="judge-1", version="aaaaaaaaaaaa", reason="curt")
    grading(row, "relevance", points=3, model="judge-2", version="bbbbbbbbbbbb", reason="a little curt")
    grading(row, "relevance", points=5, by=person("admin"), reason="quite friendly")
    grading(row, "groundedness", outcome="failed", reason="ReadTimeout")
    grading(row, "citations", outcome="abstained", reason="no citation is due")
    html = page(client, row)
    for words in ("a little curt", "judge-2", "admin: 5 of 5", "quite friendly", "a person says otherwise"):
        assert words in html, words
    assert "1 earlier word" in html
    assert ">broke" in html
    assert ">abstained" in html


def test_an_answer_that_never_came_says_why(client: Client, agent: User):
    row = one()
    Result.objects.filter(pk=row.pk).update(error="provider_auth", text="", answer=answer("").as_json(), passed=None)
    assert "There is no answer: provider_auth" in page(client, row)


def test_j_and_k_walk_through_the_list_that_one_came_from(client: Client, agent: User):
    run = run_of(dataset(*(case(f"q{n}") for n in range(4))), {"q1": False, "q2": False, "q3": False})
    q1, q2, q3 = (run.results.get(case__key=key) for key in ("q1", "q2", "q3"))
    html = page(client, q2)
    assert f'rel="prev" data-key="k" href="{reverse("result", args=[q1.pk])}"' in html
    assert f'rel="next" data-key="j" href="{reverse("result", args=[q3.pk])}"' in html
    html = page(client, q2, q="q3")
    assert 'rel="prev"' not in html
    assert f'href="{reverse("result", args=[q3.pk])}?q=q3"' in html


def test_steps_and_calls_are_drawn_from_the_results_own_receipt(client: Client, agent: User):
    row = one()
    receipt = {"steps": [{"step": "search", "at_ms": 0, "ms": 40}, {"step": "model", "at_ms": 40, "ms": 900}]}
    Result.objects.filter(pk=row.pk).update(receipt=receipt)
    Call.objects.create(turn=row.turn, purpose="answer", model="demo-strong", alias="strong", duration_ms=880)
    html = page(client, row)
    assert "Call: answer" in html
    assert "of 940 ms" in html


def test_prompts_are_for_those_who_manage_the_assistant(client: Client, agent: User):
    row = one()
    assert "What the model was sent" not in page(client, row)
    client.force_login(person("admin"))
    assert "What the model was sent" in page(client, row)


def test_a_real_turn_offers_to_make_a_case_of_it(client: Client):
    client.force_login(person("admin"))
    conversation = Conversation.objects.create(visitor="v1")
    question = Question.objects.create(conversation=conversation, client_id=uuid.uuid4(), text="my own words", number=1)
    reply = Reply.objects.create(conversation=conversation, question=question, status="done", text="So.")
    online = Run.objects.create(trigger=Run.Trigger.ONLINE)
    row = result(online, reply=reply, question="what the mask left")
    html = page(client, row)
    assert reverse("case_from_reply", args=[reply.pk]) in html
    assert "what the mask left" in html
    assert "my own words" not in html


def test_hostile_text_stays_text_on_the_page_of_an_answer(client: Client):
    client.force_login(person("admin"))
    words = {"question": HOSTILE, "expert_answer": HOSTILE, "must_include": [HOSTILE], "tags": ["<b>t</b>"]}
    run = run_of(dataset(case("evil", **words, history=[{"question": HOSTILE, "reply": HOSTILE}])), label=HOSTILE)
    row = run.results.get()
    evil = answer(f"{HOSTILE} [x](javascript:alert(1)) [1]", steered=HOSTILE, proposed=(HOSTILE,), model=HOSTILE[:190])
    Result.objects.filter(pk=row.pk).update(text=evil.text, answer=evil.as_json(), model=HOSTILE)
    evidence = [
        {"claim": HOSTILE, "claim_at": [0, 9], "quote": HOSTILE, "verdict": HOSTILE, "why": HOSTILE, "source": {}}
    ]
    grading(row, "groundedness", label=HOSTILE[:40], reason=HOSTILE, evidence=evidence, model=HOSTILE)
    html = page(client, row) + client.get(reverse("case", args=[row.case_id])).content.decode()
    for markup in ("<script>alert", "<img src=x", "<b>t", 'href="javascript:'):
        assert markup not in html, markup


def test_a_case_shows_all_its_revisions_over_all_runs(client: Client, agent: User):
    support = dataset(case("late-fee"), case("other"))
    first = run_of(support, {"late-fee": False})
    keep(support, case("late-fee", expert_answer="Better now."), note="put right")
    freeze(support)
    second = run_of(support, {"late-fee": [True, False]})
    errors = run_of(support)
    errors.results.filter(case__key="late-fee").update(error="timeout")
    latest = CaseRevision.objects.get(key="late-fee", is_latest=True)
    html = client.get(reverse("case", args=[latest.pk])).content.decode()
    assert re.findall(r'data-outcome="(\w+)"', html) == ["failed", "passed", "failed", "error"]
    for run in (first, second, errors):
        for row in run.results.filter(case__key="late-fee"):
            assert reverse("result", args=[row.pk]) in html
    assert "Run %d, version 1, repetition 2: failed" % second.pk in html  # noqa: UP031
    assert "put right" in html
    assert "<br>r1" in html  # the first run asked another revision


def test_two_answers_of_a_case_stand_beside_each_other(client: Client, agent: User):
    support = dataset()
    rows = [run_of(support, {"late-fee": passed}).results.get() for passed in (True, False, False)]
    path = reverse("case", args=[rows[0].case_id])
    shown = re.findall(r'aria-label="Answer of run (\d+)"', client.get(path).content.decode())
    assert shown == [str(rows[2].run_id), str(rows[0].run_id)]  # the latest, and the latest that came out differently
    chosen = client.get(path, {"with": [str(rows[1].pk), str(rows[0].pk), "x"]}).content.decode()
    assert set(re.findall(r'aria-label="Answer of run (\d+)"', chosen)) == {str(rows[0].run_id), str(rows[1].run_id)}


def test_a_case_that_no_run_has_asked_says_so(client: Client, agent: User):
    row = dataset().cases.get()
    assert "No run has asked it yet" in client.get(reverse("case", args=[row.pk])).content.decode()

"""Questions that the strong model writes: kept when the passages bear them out, answered as customers are, graded, and
learned from only when somebody who may has said so."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.models import Conversation, Feedback, Question, Reply
from evals.answers import Answer, LookedUp, Source
from evals.cases import Case
from evals.datasets.sets import keep
from evals.distillation import ordering, settling
from evals.distillation.answering import decided, why_unfit
from evals.distillation.options import Refused
from evals.distillation.writing import Given, Known, WrittenQuestion, checked
from evals.models import Dataset, QuestionOrder, TrainingQuestion
from evals.tasks import resume_questions, write_questions
from knowledge.access import Audience
from knowledge.models import Document
from llm.models import Call
from tests import standin
from tests.factories import LATE_FEE, article

QUOTE = "A late fee of $35 is charged when a payment arrives after the 15th of the month."
GIVEN = Given((("Late fees", "Fees", LATE_FEE),), 3)
State = TrainingQuestion.State


def written(question: str = "paid on the 20th, what will it cost me?", **more: Any) -> WrittenQuestion:
    said = {"language": "en", "difficulty": "easy", "quotes": [QUOTE], "answer": "A late fee of $35."}
    return WrittenQuestion.model_validate(said | {"question": question} | more)


def graded(**more: Any) -> dict[str, Any]:
    said = {"kind": "rule", "outcome": "scored", "passed": True, "is_hard_failure": False}
    return said | {"is_demo": False, "may_gate": False} | more


JUDGE = graded(kind="judge", may_gate=True)


# ── what is kept of what it writes ──


def whys(*ones: WrittenQuestion, known: Known | None = None, document: Document | None = None) -> list[str]:
    return [one.why_dropped for one in checked(ones, GIVEN, document, known or Known([]))]


def test_what_does_not_rest_on_the_passages_is_dropped():
    assert whys(written(quotes=["A late fee of $40 is charged."])) == ["no_quote"]
    assert whys(written(quotes=[])) == ["no_quote"]
    assert whys(written(quotes=[QUOTE, "invented, all of it"])) == ["no_quote"]


def test_what_asks_the_same_as_others_or_as_golden_cases_is_dropped():
    known = Known(["When is a late fee charged?"], golden=["Can the fee for a late payment be waived?"])
    assert whys(written("when is the late fee charged"), written(), written(), known=known) == ["twin", "", "twin"]
    assert whys(written("can the late payment fee be waived"), known=known) == ["golden"]


def test_what_rests_on_the_sentence_of_a_golden_case_is_dropped():
    from evals.datasets.writing import cluster_of

    document = Document(name="late-fees.md")
    known = Known([], golden_clusters=frozenset({cluster_of(document, QUOTE)}))
    assert whys(written("How much do I owe after the 15th?"), known=known, document=document) == ["golden"]


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("I am ann@example.com, what is the fee?", "personal"),
        ("What is the fee for [EMAIL_1]?", "personal"),
        ("", "unusable"),
        ("x" * 1_200, "unusable"),
    ],
)
def test_what_is_personal_or_no_question_is_dropped(question: str, why: str):
    assert whys(written(question)) == [why]


# ── what becomes of it ──


@pytest.mark.parametrize(
    ("grades", "state", "why"),
    [
        ({"format": graded(), "faithfulness": JUDGE}, State.APPROVED, "may gate"),
        ({"format": graded(), "faithfulness": JUDGE | {"may_gate": False}}, State.PROPOSED, "a person decides"),
        ({"format": graded(passed=False), "faithfulness": JUDGE}, State.PROPOSED, "not passed: Format"),
        ({"format": graded(), "faithfulness": JUDGE | {"passed": False}}, State.PROPOSED, "not passed: Faithfulness"),
        ({"faithfulness": JUDGE, "relevance": JUDGE | {"outcome": "failed"}}, State.PROPOSED, "could not be graded"),
        ({"format": graded()}, State.PROPOSED, "no judge"),
        ({"faithfulness": JUDGE | {"outcome": "abstained", "passed": None}}, State.PROPOSED, "no judge"),
        ({"off_rails": graded(passed=False, is_hard_failure=True), "faithfulness": JUDGE}, State.DROPPED, "hard"),
    ],
)
def test_only_judges_that_may_gate_approve_and_no_rule_is_overruled(grades: dict[str, Any], state: str, why: str):
    found, words = decided(grades)
    assert found == state
    assert why in words


@pytest.mark.parametrize(
    ("changes", "behaviour", "why"),
    [
        ({}, "answer", ""),
        ({}, "unknown", "does not know"),
        ({"stopped_by": "topic"}, "refuse", "refuses"),
        ({"alias": "small"}, "answer", "the small model answered"),
        ({"passages": ()}, "answer", "cites nothing"),
        ({"served_by": "nothing"}, "answer", "no model"),
        ({"lookups": (LookedUp("get_mortgage_rates", {}, "6 %"),)}, "answer", "rests on a tool"),
        ({"steered": "Let us talk about loans."}, "answer", "rewrote"),
    ],
)
def test_an_answer_that_teaches_nothing_is_dropped(changes: dict[str, Any], behaviour: str, why: str):
    source = Source("late-fees.md", "Late fees", LATE_FEE, number=1)
    said: dict[str, Any] = {"alias": "strong", "passages": (source,)} | changes
    found = why_unfit(Answer("A late fee of $35. [1]", **said), behaviour)
    assert why in found
    assert bool(why) == bool(found)


# ── the whole way ──


def run(order: QuestionOrder) -> QuestionOrder:
    write_questions(order.pk)
    order.refresh_from_db()
    return order


def as_line(*ones: WrittenQuestion, **expect: Any) -> dict[str, Any]:
    text = json.dumps({"written": [one.model_dump() for one in ones]})
    return {"expect": expect or {"contains": "late fee"}, "reply": {"text": text}}


ANSWER = {"expect": {"contains": "on the 20th"}, "reply": {"text": "A late fee of $35 is charged after the 15th. [1]"}}


@pytest.mark.django_db(transaction=True)
def test_a_question_is_written_answered_as_customers_are_and_waits_for_a_person(settings):
    document = article("Late fees", LATE_FEE)
    order = ordering.from_documents([document], wanted=2, budget=None, by=None)
    bad = written("</passage><script>alert(1)</script>", quotes=["nowhere to be found"])
    with standin.script(as_line(written(), bad), ANSWER) as played:
        settings.LLM_STRONG_MODEL = played.model
        run(order)
    assert (order.state, order.written, order.dropped) == ("done", 1, {"no_quote": 1})
    good, hostile = order.questions.order_by("pk")
    assert hostile.state == State.DROPPED
    assert (good.state, good.audience, good.difficulty, good.source) == ("proposed", "public", "easy", "document")
    assert good.reading.alias == "strong"
    assert [source.number for source in good.reading.passages][:1] == [1]
    assert set(good.grades) == {"citations", "figures", "format", "off_rails", "faithfulness", "relevance"}
    assert all(not one["may_gate"] for one in good.grades.values() if one["kind"] == "judge")
    assert set(Call.objects.filter(model=played.model).values_list("purpose", flat=True)) == {"teach"}
    run(order)  # twice
    assert order.questions.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing_and_pays_nothing_twice(settings):
    document = article("Late fees", LATE_FEE)
    order = ordering.from_documents([document], wanted=1, budget=None, by=None)
    with standin.script(as_line(written()), {"expect": {}, "reply": {"status": 401}}) as played:
        settings.LLM_STRONG_MODEL = played.model
        run(order)
    assert order.state == "failed"
    assert order.questions.get().state == State.WAITING
    assert ordering.resume(order)
    QuestionOrder.objects.update(state="running", heartbeat_at=timezone.now() - timedelta(hours=1))
    with standin.script(ANSWER) as played:
        settings.LLM_STRONG_MODEL = played.model
        assert ordering.abandoned() == [order.pk]
        run(order)
    assert (order.state, order.questions.get().state) == ("done", State.PROPOSED)
    assert ordering.abandoned() == []
    resume_questions()


@pytest.mark.django_db(transaction=True)
def test_no_more_than_the_budget_is_spent_and_more_money_goes_on(settings):
    document = article("Late fees", LATE_FEE)
    order = ordering.from_documents([document], wanted=1, budget=10, by=None)
    with standin.script(as_line(written())) as played:
        settings.LLM_STRONG_MODEL = played.model
        run(order)
    assert order.state == "over_budget"
    assert order.questions.get().state == State.WAITING
    assert not ordering.stop(order)
    ordering.resume(order, budget=10_000_000)
    with standin.script(ANSWER) as played:
        settings.LLM_STRONG_MODEL = played.model
        run(order)
    assert order.state == "done"


@pytest.mark.django_db(transaction=True)
def test_what_got_no_answer_is_asked_anew_once_a_document_has_something(settings):
    reply = replied("My mail is ann@example.com. what if i pay late, on the 20th?", "I do not know.", verdict="down")
    liked = replied("And the escrow?", "It is reviewed in May.", verdict="up")
    order = ordering.from_unanswered(days=30, wanted=10, budget=None, by=None)
    assert order.plan == [{"reply": str(reply.pk)}]
    assert run(order).dropped == {"still_nothing": 1}
    article("Late fees", LATE_FEE)
    order = ordering.from_unanswered(days=30, wanted=10, budget=None, by=None)
    with standin.script(as_line(written(), contains="[EMAIL]"), ANSWER) as played:
        settings.LLM_STRONG_MODEL = played.model
        run(order)
        assert "ann@example.com" not in json.dumps(played.calls)
    question = order.questions.get()
    assert (question.reply, question.source) == (reply, "unanswered")
    assert question.document
    assert question.document.title == "Late fees"
    assert liked.pk != question.reply_id
    with pytest.raises(Refused, match="no reply that was disliked"):
        ordering.from_unanswered(days=30, wanted=10, budget=None, by=None)


@pytest.mark.django_db(transaction=True)
def test_what_asks_a_golden_question_in_other_words_is_dropped_before_it_costs_an_answer(settings):
    golden = Dataset.objects.create(slug="golden", title="Golden")
    keep(golden, Case(id="fee", question="How much is charged when my payment arrives late?"))
    order = ordering.from_documents([article("Late fees", LATE_FEE)], wanted=1, budget=None, by=None)
    with standin.script(as_line(written("How much is charged if my payment comes in too late?"))) as played:
        settings.LLM_STRONG_MODEL = played.model
        run(order)
    assert (order.state, order.dropped) == ("done", {"golden": 1})
    assert order.questions.get().why.startswith("a golden case asks nearly the same")


@pytest.mark.django_db
def test_what_not_everybody_may_read_is_never_taught():
    document = article("Staff rules", LATE_FEE, audience=Audience.STAFF, is_embedded=False)
    with pytest.raises(Refused, match="not everybody may read"):
        ordering.from_documents([document], wanted=5, budget=None, by=None)


@pytest.mark.django_db
def test_the_same_is_not_ordered_twice_at_once():
    document = article("Late fees", LATE_FEE, is_embedded=False)
    ordering.from_documents([document], wanted=5, budget=None, by=None)
    with pytest.raises(Refused, match="being written already"):
        ordering.from_documents([document], wanted=5, budget=None, by=None)


@pytest.mark.django_db
def test_golden_cases_and_all_questions_are_known():
    from evals.distillation.steps import known_now

    golden = Dataset.objects.create(slug="golden", title="Golden")
    keep(golden, Case(id="fee", question="What is the late fee?", cluster="late-fees.md:abc"))
    TrainingQuestion.objects.create(question="Dropped before?", source="document", state="dropped")
    known = known_now()
    assert (known.questions, known.golden) == (["Dropped before?"], ["What is the late fee?"])
    assert known.golden_clusters == {"late-fees.md:abc"}


# ── a person's word ──


def proposed(**more: Any) -> TrainingQuestion:
    source = Source("late-fees.md", "Late fees", LATE_FEE, number=1)
    answer = Answer("It is $35. [1]", alias="strong", passages=(source,)).as_json()
    columns = {"question": "What is it?", "answer": answer, "grades": {"format": graded()}, "source": "document"}
    return TrainingQuestion.objects.create(**columns | more)


@pytest.mark.django_db
def test_a_person_approves_corrects_drops_and_takes_back():
    row = proposed()
    assert settling.approve(row.pk, by=None).state == State.APPROVED
    with pytest.raises(Refused, match="approved already"):
        settling.approve(row.pk, by=None)
    corrected = settling.correct(row.pk, "The late fee is $35. [1]", by=None)
    assert (corrected.reading.text, corrected.draft) == ("The late fee is $35. [1]", "It is $35. [1]")
    again = settling.reopen(row.pk)
    assert (again.state, again.reading.text, again.draft) == (State.PROPOSED, "It is $35. [1]", "")
    assert settling.drop(row.pk, reason="\0odd").why == "a person dropped it: odd"
    with pytest.raises(Refused, match="is dropped"):
        settling.drop(row.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "No source.", "Invented. [7]", "x [1]" * 4_000])
def test_an_answer_that_cites_nothing_or_what_is_not_there_is_not_taken(text: str):
    row = proposed()
    with pytest.raises(Refused):
        settling.correct(row.pk, text, by=None)
    row.refresh_from_db()
    assert (row.state, row.draft) == (State.PROPOSED, "")


@pytest.mark.django_db
def test_what_was_never_answered_stays_dropped():
    row = proposed(state=State.DROPPED, grades={}, answer={})
    with pytest.raises(Refused, match="before it had an answer"):
        settling.reopen(row.pk)


def replied(question: str, text: str, *, verdict: str = "") -> Reply:
    conversation = Conversation.objects.create(visitor="v")
    asked = Question.objects.create(conversation=conversation, client_id=uuid.uuid4(), text=question, number=1)
    reply = Reply.objects.create(conversation=conversation, question=asked, status="done", text=text, model="m")
    if verdict:
        Feedback.objects.create(reply=reply, verdict=verdict)
    return reply

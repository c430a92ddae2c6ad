"""The pages of teaching: works, not allowed, bad input, twice, hostile."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from app.models import User
from evals.answers import Answer, Source
from evals.desk.training_lines import spoken
from evals.models import QuestionOrder, TrainingExample, TrainingJob, TrainingQuestion, TrainingSet, TunedModel
from knowledge.access import Audience
from tests.factories import LATE_FEE, article

pytestmark = pytest.mark.django_db
State = TrainingQuestion.State
ATTACK = "</textarea></script><script>alert(1)</script><img src=x onerror=alert(1)>"
CARD = {
    "kind": "answers",
    "looked_at": 30,
    "kept": 12,
    "clusters": 9,
    "from": "2026-01-01",
    "to": "2026-02-01",
    "is_demo": False,
    "left_out": {"near_golden": 11, "twin": 7},
    "teachers": [{"model": "strong-1", "lines": 12, "licence": "strong-1:yes"}],
    "judges": [],
    "origins": {"written": 12},
    "approved": {"people: training question": 12},
    "languages": {"en": 12},
    "topics": {ATTACK: 12},
    "prompts": {},
    "reasonings": {},
    "files": {
        "train": {"lines": 11, "bytes": 9, "sha256": "ab"},
        "validation": {"lines": 1, "bytes": 9, "sha256": "c"},
    },
    "tokens": {"train": 12_345, "validation": 500, "longest": 900, "are_estimated": True},
    "price": {"model": "small-1", "per_million": 3.0, "epochs": 3, "dollars": 0.11},
    "golden": {
        "cases": 99,
        "left_out": 11,
        "limits": {"cosine": 0.7, "overlap": 0.6},
        "nearest_kept": 0.66,
        "pairs": [{"question": ATTACK, "case": "support: fee", "golden": "A fee?", "cosine": 0.66, "overlap": 0.2}],
    },
}


def page(client: Client, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == HTTPStatus.OK, answer.status_code
    return answer.content.decode()


def post(client: Client, view: str, /, *args: Any, **said: Any) -> str:
    answer = client.post(reverse(view, args=args), said, follow=True)
    return f"{answer.status_code} {answer.content.decode()}"


def line(question: str = "How late?", answer: str = "$35. [1]") -> dict[str, Any]:
    asked = f"<passages>\n…\n</passages>\n\n<question>{question}</question>"
    said = [("system", "Be kind."), ("user", asked), ("assistant", answer)]
    return {"messages": [{"role": role, "content": text} for role, text in said]}


@pytest.fixture
def ready() -> TrainingSet:
    """A set of eleven lines to learn from, and one that is held back."""
    made = TrainingSet.objects.create(kind="answers", name=f"First {ATTACK}", state="ready", card=CARD, hash="f" * 64)
    origin = {"kind": "written", "approved": "people", "teachers": [{"model": "people", "licence": ""}]}
    TrainingExample.objects.bulk_create(
        TrainingExample(
            training_set=made,
            part="validation" if number == 11 else "train",
            key=f"{number:064}",
            line=line(f"Question {number} {ATTACK}".replace("<", "&lt;"), ATTACK if number else "$35. [1]"),
            tokens=100,
            origin=origin,
        )
        for number in range(12)
    )
    return made


def question(text: str = "paid on the 20th?", **more: Any) -> TrainingQuestion:
    source = Source("late-fees.md", f"Late fees {ATTACK}", f"{LATE_FEE} {ATTACK}", number=1)
    answer = Answer(f"It is $35. [1] {ATTACK}", alias="strong", passages=(source,)).as_json()
    grade = {"kind": "rule", "outcome": "scored", "passed": True, "reason": ATTACK}
    columns = {"question": text, "answer": answer, "grades": {"format": grade}, "source": "document"}
    return TrainingQuestion.objects.create(**columns | more)


# ── overview and sets ──


def test_before_there_is_anything_the_page_says_what_to_do(client: Client, admin: User):
    shown = page(client, "training")
    for words in ("Have questions written", "Make the first set", "make a set first", "Register a model"):
        assert words in shown
    assert 'hx-get="/evals/training/?part=today"' in shown
    today = page(client, "training", part="today")
    assert "begin in the" in today
    assert "Judge: Faithfulness" in today


def test_what_there_is_is_counted_before_a_set_is_built(
    client: Client, admin: User, settings: Any, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.LLM_DEMO = False
    ordered: list[int] = []
    monkeypatch.setattr("evals.desk.training.enqueue_training_set", ordered.append)
    said = {
        "kind": "answers",
        "name": "New",
        "share": "20",
        "likeness": "0.65",
        "seed": "3",
        "epochs": "2",
        "days": "30",
    }
    question(state=State.APPROVED)
    assert "of 1 that was looked at" in post(client, "new_training_set", **said, do="preview")
    assert not TrainingSet.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        shown = post(client, "new_training_set", **said, do="build")
    made = TrainingSet.objects.get()
    assert ordered == [made.pk]
    assert (made.kind, made.created_by, made.options["share"], made.options["likeness"]) == (
        "answers",
        admin,
        0.2,
        0.65,
    )
    assert "for a worker; it begins in a moment" in shown
    assert 'hx-trigger="every 2s"' in shown
    assert '<noscript><meta http-equiv="refresh"' in shown


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "magic"}, "Select a valid choice"),
        ({"kind": "judge"}, "Choose the judge"),
        ({"share": "90"}, "less than or equal to 50"),
        ({"likeness": "0"}, "greater than or equal to 0.3"),
        ({"name": ""}, "required"),
        ({"days": "x"}, "whole number"),
    ],
)
def test_a_set_with_a_slip_is_not_built(client: Client, admin: User, wrong: dict[str, str], said: str):
    given = {
        "kind": "answers",
        "name": "N",
        "share": "10",
        "likeness": "0.7",
        "seed": "7",
        "epochs": "3",
        "do": "build",
    }
    answer = client.post(reverse("new_training_set"), given | wrong)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert said in answer.content.decode()
    assert not TrainingSet.objects.exists()


def test_a_set_shows_its_card_and_each_line_as_a_conversation(client: Client, admin: User, ready: TrainingSet):
    shown = page(client, "training_set", ready.pk)
    for words in ("Left out of 30", "too near a case that measures", "12,345", "$0.11", "0.66", "Question 1"):
        assert words in shown
    assert "this is learned" in shown
    assert "Page 1 of 2" in shown
    assert "Question 11" in page(client, "training_set", ready.pk, show="validation")
    assert "Question 11" not in page(client, "training_set", ready.pk, show="train", page="1")
    assert "Question 0" in page(client, "training_set", ready.pk, show="<x>", page="x")


def test_who_has_watched_a_set_being_built_loads_it_once_it_is_there(client: Client, admin: User, ready: TrainingSet):
    address = reverse("training_set", args=[ready.pk])
    assert client.get(address, {"was": "open"})["HX-Refresh"] == "true"
    TrainingSet.objects.update(state="building", card={"progress": {"doing": "Reading", "done": 3, "of": 9}})
    answer = client.get(address, {"was": "open"})
    assert "HX-Refresh" not in answer
    assert "Reading: 3 of 9" in answer.content.decode()


def test_of_too_little_a_set_says_why_and_what_to_do(client: Client, admin: User):
    made = TrainingSet.objects.create(kind="answers", name="N", state="failed", problem="2 lines are left.", card=CARD)
    shown = page(client, "training_set", made.pk)
    for words in ("2 lines are left.", "Build another set", "too near a case that measures"):
        assert words in shown


def test_a_set_is_downloaded_as_the_provider_takes_it(client: Client, admin: User, ready: TrainingSet):
    answer = client.get(reverse("export_training_set", args=[ready.pk, "train"]))
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 11
    assert json.loads(lines[0]) == line(f"Question 0 {ATTACK}".replace("<", "&lt;"))
    assert answer["Content-Disposition"] == f'attachment; filename="training-{ready.pk}-train.jsonl"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    card = json.loads(client.get(reverse("export_training_set", args=[ready.pk, "card"])).content)
    assert card["hash"] == "f" * 64
    assert client.get(reverse("export_training_set", args=[ready.pk, "all"])).status_code == HTTPStatus.NOT_FOUND
    TrainingSet.objects.update(state="building")
    assert client.get(reverse("export_training_set", args=[ready.pk, "train"])).status_code == HTTPStatus.NOT_FOUND


def test_every_kind_of_line_can_be_read():
    pair = {
        "input": {"messages": [{"role": "user", "content": "Late?"}]},
        "preferred_output": [{"role": "assistant", "content": "Good"}],
        "non_preferred_output": [{"role": "assistant", "content": "Bad"}],
    }
    said = spoken(pair)
    assert [(one.who, one.is_learned, one.is_worse) for one in said][1:] == [
        ("Better answer", True, False),
        ("Worse answer", False, True),
    ]
    assert [one.is_learned for one in spoken(line())] == [False, False, True]
    assert spoken(line("A &lt;b&gt;?"))[1].question == "A <b>?"
    assert spoken({"messages": ["x", {}], "odd": 1}) == spoken({"messages": []}) == spoken({}) == []


# ── what is not theirs, what is not there, what is hostile ──


@pytest.fixture
def everything(ready: TrainingSet) -> dict[str, tuple[Any, ...]]:
    """The pages with an object of each, all of it hostile."""
    model = TunedModel.objects.create(name=f"ft:{ATTACK}", base=ATTACK, note=ATTACK, training_set=ready)
    judge = TunedModel.objects.create(name="j", role="judge", grader="faithfulness", note=ATTACK)
    job = TrainingJob.objects.create(
        training_set=ready, base=ATTACK, state="failed", status=ATTACK[:40], problem=ATTACK, tuned=model,
        events=[{"id": "1", "at": "2026-01-01T00:00:00+00:00", "level": "error", "message": ATTACK}],
    )  # fmt: skip
    QuestionOrder.objects.create(source="document", title=ATTACK, plan=[{"wanted": 3}], state="failed", problem=ATTACK)
    question(f"Why? {ATTACK}", draft=ATTACK, why=ATTACK)
    return {
        "training": (),
        "training_set": (ready.pk,),
        "training_questions": (),
        "new_training_job": (ready.pk,),
        "training_job": (job.pk,),
        "new_tuned_model": (),
        "tuned_model": (model.pk,),
        "tuned_model judge": (judge.pk,),
    }


def test_what_is_hostile_is_only_text(client: Client, admin: User, everything: dict[str, tuple[Any, ...]]):
    for name, args in everything.items():
        shown = page(client, name.split()[0], *args)
        assert "<script>alert" not in shown, name
        assert "<img src=x" not in shown, name


def test_who_does_not_manage_the_assistant_finds_nothing(
    client: Client, agent: User, everything: dict[str, tuple[Any, ...]]
):
    for name, args in everything.items():
        assert client.get(reverse(name.split()[0], args=args)).status_code == HTTPStatus.NOT_FOUND, name
    assert "Training" not in page(client, "evals")


def test_what_is_not_there_is_not_found(client: Client, admin: User):
    for name in ("training_set", "training_job", "tuned_model", "new_training_job"):
        assert client.get(reverse(name, args=[987_654])).status_code == HTTPStatus.NOT_FOUND, name
    for name in ("settle_training_question", "cancel_training_job", "settle_tuned_model"):
        assert client.post(reverse(name, args=[987_654]), {"do": "approve"}).status_code == HTTPStatus.NOT_FOUND, name
        assert client.get(reverse(name, args=[987_654])).status_code == HTTPStatus.METHOD_NOT_ALLOWED, name
    assert client.get(reverse("write_training_questions")).status_code == HTTPStatus.METHOD_NOT_ALLOWED


# ── questions ──


def test_questions_are_ordered_from_documents(
    client: Client, admin: User, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
):
    ordered: list[int] = []
    monkeypatch.setattr("evals.desk.training_questions.enqueue_questions", ordered.append)
    documents = [article(title, LATE_FEE, is_embedded=False).pk for title in ("Fees", "More fees")]
    closed = article("For staff", LATE_FEE, audience=Audience.STAFF, is_embedded=False)
    assert "For staff" not in page(client, "training_questions")
    said = {"documents": documents, "wanted": "7", "languages": "es", "budget": "1.50", "do": "document"}
    with django_capture_on_commit_callbacks(execute=True):
        shown = post(client, "write_training_questions", **said)
    order = QuestionOrder.objects.get()
    assert ordered == [order.pk]
    assert (order.wanted, order.languages, order.budget_microdollars, order.created_by) == (7, "es", 1_500_000, admin)
    assert "0 of 7" in shown
    assert 'hx-trigger="every 3s"' in shown
    assert "are being written already" in post(client, "write_training_questions", **said)
    assert "Select a valid choice" in post(client, "write_training_questions", **said | {"documents": [closed.pk]})
    assert QuestionOrder.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"do": "document"}, "required"),
        ({"do": "document", "wanted": "900", "budget": "-1"}, "greater than or equal to 0.01"),
        ({"do": "unanswered", "unanswered-days": "30", "unanswered-wanted": "5"}, "no reply that was disliked"),
        ({"do": "unanswered", "unanswered-days": "9999", "unanswered-wanted": "5"}, "less than or equal to 730"),
        ({"do": "magic"}, "Write to us"),
    ],
)
def test_an_order_with_a_slip_is_not_taken(client: Client, admin: User, said: dict[str, str], words: str):
    answer = client.post(reverse("write_training_questions"), said)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert words in answer.content.decode()
    assert not QuestionOrder.objects.exists()


def test_an_order_is_stopped_and_goes_on_with_more_money(client: Client, admin: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("evals.desk.training_questions.enqueue_questions", lambda _: None)
    order = QuestionOrder.objects.create(
        source="document", title="Fees", plan=[{"wanted": 1}], budget_microdollars=500, spent_microdollars=480
    )
    assert "It is stopped" in post(client, "write_training_questions", do="stop", order=order.pk)
    assert "ended already" in post(client, "write_training_questions", do="stop", order=order.pk)
    QuestionOrder.objects.update(state="over_budget")
    assert "as much money again" in page(client, "training_questions")
    post(client, "write_training_questions", do="resume", order=order.pk)
    order.refresh_from_db()
    assert (order.state, order.budget_microdollars) == ("waiting", 980)
    assert client.post(reverse("write_training_questions"), {"do": "stop", "order": "x"}).status_code == 404


def settle(client: Client, row: TrainingQuestion, **said: Any) -> str:
    shown = post(client, "settle_training_question", row.pk, **said)
    row.refresh_from_db()
    return shown


def test_questions_are_settled_one_after_the_other_and_taken_back(client: Client, admin: User):
    first, second = question("The first?"), question("The second?")
    shown = page(client, "training_questions")
    assert f'action="{reverse("settle_training_question", args=[first.pk])}"' in shown
    assert 'data-key="a"' in shown
    shown = settle(client, first, do="approve", after=second.pk)
    assert (first.state, first.approved_by) == (State.APPROVED, admin)
    assert f'action="{reverse("settle_training_question", args=[second.pk])}"' in shown
    assert "approved already" in settle(client, first, do="approve")
    settle(client, second, do="undo")
    first.refresh_from_db()
    assert first.state == State.PROPOSED
    assert "no word of yours" in settle(client, second, do="undo")
    settle(client, second, do="correct", text="The fee is $35. [1]")
    assert (second.state, second.reading.text) == (State.APPROVED, "The fee is $35. [1]")
    assert "cites its passages" in settle(client, first, do="correct", text="No source.")
    settle(client, first, do="drop", reason="odd")
    assert (first.state, first.why) == (State.DROPPED, "a person dropped it: odd")
    assert "The first?" in page(client, "training_questions", state="dropped")
    address = reverse("settle_training_question", args=[first.pk])
    assert client.post(address, {"do": "x"}).status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("query", [{"one": "9" * 40}, {"state": "x", "page": "x"}, {"one": "x"}])
def test_an_address_made_up_by_hand_breaks_nothing(client: Client, admin: User, query: dict[str, str]):
    question()
    page(client, "training_questions", **query)


# ── jobs ──


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    ordered: list[int] = []
    monkeypatch.setattr("evals.desk.training_jobs.enqueue_training_job", ordered.append)
    return ordered


def test_a_job_is_begun_once_it_is_meant_and_called_off(
    client: Client, admin: User, ready: TrainingSet, enqueued: list[int], django_capture_on_commit_callbacks: Any
):
    said = {"base": "small-1", "n_epochs": "2", "suffix": "help", "do": "start"}
    assert "Say that this is meant" in post(client, "new_training_job", ready.pk, **said)
    assert "for 2 rounds" in post(client, "new_training_job", ready.pk, **said | {"do": "reckon", "base": "demo-small"})
    with django_capture_on_commit_callbacks(execute=True):
        shown = post(client, "new_training_job", ready.pk, **said, is_meant="on")
    job = TrainingJob.objects.get()
    assert (job.base, job.suffix, job.hyperparameters, job.created_by) == ("small-1", "help", {"n_epochs": 2}, admin)
    assert enqueued == [job.pk]
    assert "Call it off" in shown
    assert "under way already" in post(client, "new_training_job", ready.pk, **said, is_meant="on")
    assert "called off" in post(client, "cancel_training_job", job.pk)
    assert "It is over already" in post(client, "cancel_training_job", job.pk)
    job.refresh_from_db()
    assert job.state == "cancelled"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"base": ""}, "required"),
        ({"base": "a b"}, "no blanks"),
        ({"suffix": "<b>"}, "Small letters"),
        ({"n_epochs": "99"}, "less than or equal to 50"),
        ({"most": "0.50", "base": "unheard-of"}, "No price is known"),
    ],
)
def test_a_job_with_a_slip_is_not_begun(
    client: Client, admin: User, ready: TrainingSet, wrong: dict[str, str], words: str
):
    said = {"base": "small-1", "is_meant": "on", "do": "start"} | wrong
    answer = client.post(reverse("new_training_job", args=[ready.pk]), said)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert words in answer.content.decode()
    assert not TrainingJob.objects.exists()


def test_no_job_is_offered_of_a_set_that_is_not_there_yet(client: Client, admin: User, ready: TrainingSet):
    TrainingSet.objects.update(state="building")
    assert "There is nothing to teach yet" in page(client, "new_training_job", ready.pk)


# ── models ──


def test_a_model_from_elsewhere_is_registered_once_it_answers(
    client: Client, admin: User, monkeypatch: pytest.MonkeyPatch
):
    async def greet(name: str, _alias: str) -> str:
        return "" if name == "open-8b-lora" else f"{name} did not answer."

    monkeypatch.setattr("evals.distillation.tuned.greet", greet)
    said = {"name": "open-8b-lora", "role": "small", "base": "open-8b", "note": "LoRA on our own machine"}
    shown = post(client, "new_tuned_model", **said)
    made = TunedModel.objects.get()
    assert (made.name, made.base, made.created_by) == ("open-8b-lora", "open-8b", admin)
    assert "Not tried yet" in shown
    assert "registered already" in post(client, "new_tuned_model", **said)
    assert "did not answer" in post(client, "new_tuned_model", **said | {"name": "away"})
    assert "which judge" in post(client, "new_tuned_model", **said | {"role": "judge", "name": "x"})
    assert TunedModel.objects.count() == 1


def test_of_a_model_a_draft_is_made_and_it_is_retired_and_taken_back(client: Client, admin: User):
    model = TunedModel.objects.create(name="ft:small", base="small-1")
    shown = post(client, "settle_tuned_model", model.pk, do="draft")
    model.refresh_from_db()
    assert model.draft
    assert reverse("gate", args=[model.draft.number]) in shown
    assert "There is no set to try it on" in post(client, "settle_tuned_model", model.pk, do="try")
    assert "make a draft" in post(client, "settle_tuned_model", model.pk, do="appoint")
    assert "Take it back" in post(client, "settle_tuned_model", model.pk, do="retire")
    assert "It is back" in post(client, "settle_tuned_model", model.pk, do="take_back")
    address = reverse("settle_tuned_model", args=[model.pk])
    assert client.post(address, {"do": "sell"}).status_code == HTTPStatus.BAD_REQUEST


def test_a_taught_judge_shows_what_is_missing_before_it_may_judge(client: Client, admin: User):
    model = TunedModel.objects.create(name="ft:judge", role="judge", grader="faithfulness")
    shown = page(client, "tuned_model", model.pk)
    assert "Let it judge" not in shown
    assert "It may take over once" in shown
    post(client, "settle_tuned_model", model.pk, do="appoint")
    model.refresh_from_db()
    assert model.appointed_at is None

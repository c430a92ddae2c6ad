"""A training set as it is made: what comes in, what stays out and why, and that it is the same whoever makes it."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.utils import timezone

from app.models import User
from chat.models import AssistantVersion, Conversation, Reply, Route
from evals.distillation.building import Options, Refused, abandoned, build, start
from evals.distillation.candidates import LeftOut
from evals.distillation.choosing import choose
from evals.distillation.collecting import COLLECTORS
from evals.distillation.correcting import correct
from evals.distillation.files import deleted_since, lines_of
from evals.distillation.formats import problem_in
from evals.models import RouteVerdict, TrainingExample, TrainingSet
from knowledge.access import Audience, Viewer
from tests import standin
from tests.chat.turns import answered, live_version
from tests.evals.distillation.approved import DIFFERENT, TEACHER, document, graded, reply
from tests.evals.factories import case, dataset
from tests.factories import help_centre
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def licensed(settings) -> None:
    settings.LLM_DEMO = False
    settings.EVALS_TRAINING_LICENCES = ["teacher-*:yes"]


def made(kind: str = "answers", **options: Any) -> TrainingSet:
    grader = options.pop("grader", "")
    row = start(kind, grader=grader, options=Options(**options), by=None)
    build(row.pk)
    row.refresh_from_db()
    return row


def approve_all(texts: Any = DIFFERENT) -> list[Reply]:
    return [reply(question, points=5) for question in texts]


def left_out(kind: str = "answers", grader: str = "", **options: Any) -> Counter[str]:
    found = Counter[str]()
    for one in COLLECTORS[kind](Options(**options), grader):
        found[one.reason if isinstance(one, LeftOut) else "taken"] += one.count if isinstance(one, LeftOut) else 1
    return found


def test_what_people_approved_becomes_lines_and_all_else_is_counted():
    approve_all()
    reply(DIFFERENT[0], points=5)  # the same again
    reply("Do you like me?", liked=True)
    reply("When is the payment due?", points=5, liked=False)
    reply("What is my address?", "It is jane%40example.com as it was. [1]", points=5)  # no mask reads it
    dataset(case("income", question=DIFFERENT[1]))
    row = made()
    assert (row.state, row.problem) == ("ready", "")
    card = row.card
    assert card["left_out"] == {
        "near_golden": 1,
        "not_confirmed": 1,
        "objected_to": 1,
        "personal_data": 1,
        "twin": 1,
    }
    assert card["kept"] == len(DIFFERENT) - 1 == row.examples.count()
    assert card["looked_at"] == card["kept"] + 5
    assert card["teachers"] == [{"model": TEACHER, "lines": 13, "licence": "teacher-*:yes"}]
    assert card["golden"]["left_out"] == 1
    assert card["golden"]["pairs"][0]["case"] == "support: income"
    lines = [json.loads(line) for part in ("train", "validation") for line in lines_of(row, part)]
    assert not any(problem_in("answers", line) for line in lines)
    assert not any(DIFFERENT[1] in json.dumps(line) for line in lines)
    assert all(line["messages"][-1]["content"].endswith("charged. [2]") for line in lines)  # as the model wrote it
    parts = dict.fromkeys(row.examples.values_list("cluster", "part"))
    assert len({cluster for cluster, _ in parts}) == len(parts)


def test_the_same_options_give_the_same_bytes():
    approve_all()
    first, second = made(), made()
    assert first.hash == second.hash
    for part in ("train", "validation"):
        assert b"".join(lines_of(first, part)) == b"".join(lines_of(second, part)) != b""


def test_a_model_is_taught_what_it_will_be_asked(settings):
    help_centre()
    live_version()
    with standin.script({"reply": {"text": "Open Settings. [2] Then choose Close account. [2]"}}) as played:
        settings.LLM_STRONG_MODEL = played.model
        one = async_to_sync(answered)()
        sent = played.calls[0]["body"] if "body" in played.calls[0] else played.calls[0]
    assert one.text == "Open Settings. [1] Then choose Close account. [1]"
    graded(one, 5)
    settings.EVALS_TRAINING_LICENCES = ["*:yes"]
    (found,) = [one for one in COLLECTORS["answers"](Options(), "") if not isinstance(one, LeftOut)]
    assert found.good == "Open Settings. [2] Then choose Close account. [2]"
    assert list(found.messages) == sent["messages"]
    assert list(found.tools) == sent["tools"]


def test_what_may_not_be_learned_is_left_out_with_its_reason(settings):
    signed_in = person()
    objects = Conversation.objects.create(customer=signed_in)
    signed_in.user_permissions.add(Permission.objects.get(codename="not_learned_from"))
    staff_only = document("For staff", audience=Audience.STAFF)
    gone = document("Gone")
    settings.EVALS_TRAINING_CLOSED_COLLECTIONS = [closed := "Never learned"]
    shut = document("Shut")
    shut.collection.pk = None
    shut.collection.name = closed
    shut.collection.save()
    type(shut).objects.filter(pk=shut.pk).update(collection=shut.collection)
    expected = Counter[str]()
    spoiled: dict[str, dict[str, Any]] = {
        "objected": {},
        "closed_document": {"documents": [staff_only]},
        "unfinished": {"finish_reason": "length"},
        "not_teacher": {"inputs": {"alias": "small"}},
        "tools": {"inputs": {"rounds": [{}]}},
        "continued": {"inputs": {"draft": {"text": "So", "sources": 0}}},
        "lost_citation": {"text": "So it is. [7]"},
        "no_receipt": {"inputs": {"version": "v0 00000000"}},
        "demo": {"model": "demo-strong"},
        "no_model": {"model": ""},
        "guardrail": {"stopped_by": "topic"},
        "saved_answer": {"saved_at": timezone.now()},
        "gone_document": {"documents": [gone]},
    }
    for reason, more in spoiled.items():
        one = reply(f"What of {reason}?", points=5, **more)
        expected[reason] += 1
        if reason == "objected":
            Conversation.objects.filter(pk=one.conversation_id).update(customer=signed_in, visitor="")
    reply("And shut?", points=5, documents=[shut])
    gone.removed_at = timezone.now()
    gone.save()
    deleted = reply("And deleted?", points=5)
    deleted.conversation.delete()
    assert objects.pk
    assert left_out() == expected + Counter({"closed_document": 1, "deleted": 1})


def test_a_judge_that_may_not_gate_approves_nothing():
    graded(reply("Who says so?"), 5, is_human=False, version="0123456789ab", model="judge-1")
    assert left_out() == {"unlicensed_judge": 1}


def test_a_golden_case_made_of_a_reply_keeps_it_out():
    one = reply("What is golden?", points=5)
    golden = dataset(case("golden")).cases.get()
    golden.reply = one
    golden.save()
    assert left_out()["golden"] == 1


def test_nothing_is_taught_without_a_licence(settings):
    approve_all(DIFFERENT[:3])
    settings.EVALS_TRAINING_LICENCES = ["other:yes"]
    row = made()
    assert row.state == "failed"
    assert f"“{TEACHER}”" in row.problem
    assert "EVALS_TRAINING_LICENCES" in row.problem
    settings.EVALS_TRAINING_LICENCES = ["teacher-1>pupil-*:no", "teacher-*:yes"]
    row = made(base="pupil-2")
    assert (row.state, row.card["left_out"]) == ("failed", {"licence": 3})
    assert row.examples.count() == 0
    settings.EVALS_TRAINING_LICENCES = ["perhaps"]
    with pytest.raises(Refused, match="perhaps"):
        made()


def test_another_worker_goes_on_where_one_has_died(settings):
    approve_all()
    row = start("answers", options=Options(), by=None)
    TrainingSet.objects.filter(pk=row.pk).update(state="building", heartbeat_at=timezone.now())
    build(row.pk)  # its worker lives
    row.refresh_from_db()
    assert (row.state, abandoned()) == ("building", [])
    long_ago = timezone.now() - timedelta(seconds=2 * settings.EVALS_LEASE_SECONDS)
    TrainingSet.objects.filter(pk=row.pk).update(heartbeat_at=long_ago)
    assert abandoned() == [row.pk]
    build(row.pk)
    build(row.pk)  # a message that comes twice
    row.refresh_from_db()
    assert (row.state, abandoned()) == ("ready", [])
    assert TrainingExample.objects.count() == len(DIFFERENT)
    assert deleted_since(row) == 0
    Conversation.objects.first().delete()  # type: ignore[union-attr]
    assert deleted_since(row) == 1


def test_a_worker_that_was_taken_for_dead_stores_nothing(monkeypatch):
    row = start("answers", options=Options(), by=None)

    def ended_meanwhile(*given: Any) -> Any:
        TrainingSet.objects.filter(pk=row.pk).update(state="ready")
        return choose(*given)

    monkeypatch.setattr("evals.distillation.building.choose", ended_meanwhile)
    build(row.pk)
    assert TrainingExample.objects.count() == 0


def test_a_better_answer_is_preferred_over_the_one_before_it():
    worse = reply("How late may I pay?", "On the 20th. [1]", liked=False)
    reply("How late may I pay?", "By the 15th. [1]", liked=True, again=worse.question, variant=2)
    other = reply("And fees?", "None. [1]", liked=False)
    strange = document("Elsewhere")
    reply("And fees?", "It is $35. [1]", liked=True, again=other.question, variant=2, documents=[strange])
    found = list(COLLECTORS["preferences"](Options(), ""))
    (pair,) = [one for one in found if not isinstance(one, LeftOut)]
    assert (pair.good, pair.bad) == ("By the 15th. [2]", "On the 20th. [2]")
    assert LeftOut("other_passages") in found


def test_what_a_person_corrected_is_learned_and_preferred():
    one = reply("How late may I pay?", "On the 20th. [1]", liked=False)
    with pytest.raises(Refused, match="Cite"):
        correct(Viewer.of(person("admin")), one, "By the 15th.")
    kept = correct(Viewer.of(User.objects.get(username="admin")), one, "By the 15th. [1]")
    assert kept.state == "approved"
    (answer,) = [found for found in COLLECTORS["answers"](Options(), "") if not isinstance(found, LeftOut)]
    (pair,) = [found for found in COLLECTORS["preferences"](Options(), "") if not isinstance(found, LeftOut)]
    assert (answer.good, answer.teachers) == ("By the 15th. [2]", ("people",))
    assert (pair.good, pair.bad) == ("By the 15th. [2]", "On the 20th. [2]")
    assert pair.messages == answer.messages
    proposed = correct(Viewer.of(person("agent")), one, "By the 14th. [1]")
    assert proposed.state == "proposed"  # and the one before it does not count any more
    assert left_out() == {}


@pytest.mark.parametrize(
    ("label", "is_human", "expected"),
    [("worse", True, ("Strong. [2]", "Small. [2]")), ("better", True, ("Small. [2]", "Strong. [2]")),
     ("tie", True, "tie"), ("worse", False, "unlicensed_judge")],
)  # fmt: skip
def test_a_compared_pair_counts_by_a_person_and_not_by_a_judge_without_licence(label, is_human, expected):
    one = reply("How late may I pay?", "Strong. [1]")
    passages = one.receipt["inputs"]["passages"]
    sides = {
        side: {"text": f"{side.capitalize()}. [1]", "model": "teacher-2", "sources": passages[1:], "passages": passages}
        for side in ("small", "strong")
    }
    route = Route.objects.create(reply=one.pk, assistant="x", ease=0.5, first="small", is_compared=True, **sides)
    RouteVerdict.objects.create(route=route, is_human=is_human, outcome="scored", label=label, grader="pairwise")
    (found,) = COLLECTORS["preferences"](Options(), "")
    assert (found.reason if isinstance(found, LeftOut) else (found.good, found.bad)) == expected


def test_the_command_writes_four_files_and_never_over_others(tmp_path, settings, capsys):
    approve_all()
    out = tmp_path / "set"
    call_command("export_training", "answers", out=out, share=0.2)
    assert sorted(file.name for file in out.iterdir()) == ["card.json", "card.md", "train.jsonl", "validation.jsonl"]
    card = json.loads((out / "card.json").read_text())
    assert len((out / "train.jsonl").read_text().splitlines()) == card["files"]["train"]["lines"]
    assert "12 lines in train.jsonl" in capsys.readouterr().out
    for code, words, options in (
        (2, "--force", {}),
        (2, "no day", {"force": True, "since": "soon"}),
        (2, "--share", {"force": True, "share": 0.9}),
        (1, "0 lines are left", {"force": True, "since": "2999-01-01"}),
    ):
        with pytest.raises(CommandError, match=words) as refused:
            call_command("export_training", "answers", out=out, **options)
        assert refused.value.returncode == code
    settings.LLM_DEMO = True
    with pytest.raises(CommandError, match="demo model"):
        call_command("export_training", "answers", out=tmp_path / str(uuid.uuid4()))
    assert AssistantVersion.objects.exists()

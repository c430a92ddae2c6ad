"""Publishing asks the gate: it stops a draft, says what to do, and is overridden only with a reason that is kept."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from chat.models import AssistantVersion, Publication
from chat.versions.states import Blocked, State, find, live_version, publish
from evals.gates import gate_of
from evals.gates.lacking import begin, lacking, price_of
from evals.gates.publishing import refusals
from evals.graders import GRADERS
from evals.models import Run
from evals.running.circumstances import circumstances
from evals.running.runs import versions_of
from tests.chat.versioning import draft, with_prompt
from tests.evals.factories import case, dataset, run_of

pytestmark = pytest.mark.django_db

RULES = [name for name, one in GRADERS.items() if one.kind == "rule"]


def passing(version: AssistantVersion, slug: str = "safety") -> Run:
    """A run of the version on a safety set, all of which passed."""
    cases = dataset(case("leak"), slug=slug, purpose="safety", gates=True)
    return run_of(
        cases,
        assistant_version=version,
        assistant_hash=version.hash,
        circumstances=circumstances(),
        graders=versions_of(RULES),
    )


def run(*args: str) -> str:
    out = StringIO()
    call_command("assistant", *args, stdout=out)
    return out.getvalue()


def test_a_draft_without_any_set_that_gates_is_published_as_ever():
    dataset(case("a"))
    row = draft()
    assert refusals(row) == []
    assert publish(row, note="n").override == ""


def test_a_draft_that_was_not_run_is_stopped_and_nothing_changes():
    dataset(case("leak"), slug="safety", purpose="safety", gates=True)
    row = draft()
    before = live_version()
    with transaction.atomic(), pytest.raises(Blocked, match="Safety: This version was not run on it yet"):
        publish(row, note="n")
    assert (live_version(), find("draft").state) == (before, State.DRAFT)
    assert Publication.objects.count() == 1


def test_a_draft_that_has_passed_goes_live():
    row = draft()
    passing(row)
    publish(row, note="n")
    assert find("live").pk == row.pk


def test_a_draft_that_was_edited_after_it_passed_is_stopped():
    row = draft()
    passing(row)
    AssistantVersion.objects.filter(pk=row.pk).update(hash="f" * 64)
    with pytest.raises(Blocked, match="Version 2 was edited after the run"):
        publish(row, note="n")


def test_a_reason_publishes_all_the_same_and_is_kept_with_the_publication():
    dataset(case("leak"), slug="safety", purpose="safety", gates=True)
    publication = publish(draft(), note="n", override="  The fee is wrong on the live one  ")
    assert publication.override == "The fee is wrong on the live one"


def test_a_reason_is_not_kept_where_nothing_had_to_be_overridden():
    row = draft()
    passing(row)
    assert publish(row, note="n", override="just in case").override == ""


def test_going_back_never_asks_the_gate():
    row = draft()
    publish(row, note="n")
    dataset(case("leak"), slug="safety", purpose="safety", gates=True)
    publish(find("1"), note="Back")
    assert find("live").number == 1


def test_gates_come_from_the_settings(settings: Any):
    dataset(case("leak"), slug="safety", purpose="safety", gates=True)
    settings.CHAT_PUBLISH_GATES = []
    publish(draft(), note="n")
    settings.CHAT_PUBLISH_GATES = ["tests.evals.gates.test_publishing.always_against"]
    with pytest.raises(Blocked) as blocked:
        publish(draft(with_prompt("Not that.")), note="n")
    assert blocked.value.objections == ["v3 (draft) is not wanted."]


def always_against(row: AssistantVersion) -> list[str]:
    return [f"{row} is not wanted."]


def test_the_command_says_what_speaks_against_it_and_takes_a_reason():
    dataset(case("leak"), slug="safety", purpose="safety", gates=True)
    draft()
    with pytest.raises(CommandError, match="Safety: This version was not run on it yet") as stopped:
        run("publish", "draft")
    assert "--override" in str(stopped.value)
    assert "Version 2 is live." in run("publish", "draft", "--override", "Urgent")
    assert Publication.objects.first().override == "Urgent"  # type: ignore[union-attr]
    assert "Version 1 is live." in run("publish", "1")
    assert Publication.objects.first().note == "Back to version 1"  # type: ignore[union-attr]


def test_a_set_without_a_case_says_what_to_do():
    dataset(case("a"), slug="safety", gates=True, frozen=False).cases.all().delete()
    assert refusals(draft()) == ["Safety: It gates and holds no approved case. Add cases, or let it gate no more."]


def test_what_is_lacking_is_begun_once_first_the_live_version():
    dataset(case("a"), case("b"), gates=True)
    dataset(case("leak"), slug="safety", purpose="safety", gates=True)
    row = draft()
    lacks = lacking(gate_of(row), row)
    assert [(one.dataset.slug, one.is_live) for one in lacks] == [
        ("safety", False),
        ("support", True),
        ("support", False),
    ]
    assert price_of(lacks).answers == 5
    runs = begin(lacks, by=None)
    assert [one.assistant_version.number for one in runs] == [2, 1, 2]  # type: ignore[union-attr]
    assert [one.baseline for one in runs] == [None, None, runs[1]]
    assert {one.state for one in runs} == {"waiting"}
    assert lacking(gate_of(row), row) == []
    assert refusals(row) == [
        "Safety: It is being run; look again when that is over.",
        "Support: It is being run; look again when that is over.",
    ]


def test_what_has_passed_is_not_run_again():
    row = draft()
    passing(row)
    assert lacking(gate_of(row), row) == []

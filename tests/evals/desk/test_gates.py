"""The page of a gate: in plain words what holds, what does not, and the button that does something about it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from app.models import User
from chat.models import Publication
from chat.versions.states import find
from evals.models import Result, Run
from tests.chat.versioning import draft
from tests.evals.factories import case, dataset, run_of
from tests.evals.gates.test_publishing import passing
from tests.people import person

pytestmark = pytest.mark.django_db

ATTACK = "<img src=x onerror=alert(1)>"


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The runs that a worker is asked for."""
    asked: list[int] = []
    monkeypatch.setattr("evals.tasks.enqueue", asked.append)
    return asked


def page(client: Client, name: str = "gate", number: int = 2, **query: Any) -> str:
    answer = client.get(reverse(name, args=[number]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_a_set_that_gates_it_says_how_to_have_one(client: Client, admin: User):
    draft()
    assert "No set gates yet" in page(client)


def test_from_a_stopped_publication_to_runs_that_have_begun(
    client: Client, admin: User, enqueued: list[int], django_capture_on_commit_callbacks: Any
):
    dataset(case("a"), gates=True)
    draft()
    stopped = page(client, "publish_version")
    assert "Support: This version was not run on it yet." in stopped
    assert reverse("gate", args=[2]) in stopped
    closed = page(client)
    assert "The gate is closed" in closed
    assert "Run the sets now" in closed
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("run_gate", args=[2]), follow=True)
    assert "2 runs have begun" in answer.content.decode()
    assert enqueued == list(Run.objects.order_by("pk").values_list("pk", flat=True))
    under_way = page(client)
    assert "Run the sets now" not in under_way
    assert f"run {enqueued[0]}" in under_way


def test_pressing_twice_begins_nothing_more(client: Client, admin: User, enqueued: list[int]):
    dataset(case("a"), gates=True)
    draft()
    client.post(reverse("run_gate", args=[2]))
    again = client.post(reverse("run_gate", args=[2]), follow=True)
    assert "Nothing is lacking" in again.content.decode()
    assert Run.objects.count() == 2


def test_an_open_gate_leads_on_to_publish(client: Client, admin: User):
    passing(draft())
    opened = page(client)
    assert "The gate is open" in opened
    assert reverse("publish_version", args=[2]) in opened
    assert "No gate speaks against it." in page(client, "publish_version")


def test_the_answers_that_keep_it_closed_are_linked(client: Client, admin: User):
    run = passing(draft())
    Result.objects.filter(run=run).update(passed=False)
    closed = page(client)
    assert "1 of 1 answer did not pass" in closed
    assert reverse("result", args=[run.results.get().pk]) in closed


def test_publishing_against_the_gate_wants_a_reason_which_stands_in_the_log(client: Client, admin: User):
    dataset(case("a"), gates=True)
    row = draft()
    posted = {"note": "n", "seen": row.hash, "instead_of": find("live").hash}
    refused = client.post(reverse("publish_version", args=[2]), posted)
    assert refused.status_code == 400
    assert find("live").number == 1
    client.post(reverse("publish_version", args=[2]), posted | {"override": f"Urgent {ATTACK}"})
    assert (find("live").number, Publication.objects.first().by) == (2, admin)  # type: ignore[union-attr]
    log = client.get(reverse("versions")).content.decode()
    assert "against its gate" in log
    assert "Urgent &lt;img" in log
    assert ATTACK not in log


def test_a_set_that_cannot_be_run_says_why(client: Client, admin: User, enqueued: list[int]):
    dataset(case("a"), gates=True, frozen=False).cases.update(state="proposed")
    draft()
    assert "holds no approved case" in page(client)
    client.post(reverse("run_gate", args=[2]))
    assert enqueued == []


def test_hostile_words_of_a_set_and_a_run_are_only_text(client: Client, admin: User):
    cases = dataset(case("a"), gates=True, title=ATTACK)
    row = draft(note=ATTACK)
    run_of(cases, assistant_version=row, assistant_hash=row.hash, note=ATTACK)
    assert ATTACK not in page(client)
    assert ATTACK not in page(client, "publish_version")


def test_an_agent_and_a_number_that_is_none_find_no_page(client: Client, admin: User):
    assert client.get(reverse("gate", args=[99])).status_code == 404
    client.force_login(person("agent"))
    draft()
    assert client.get(reverse("gate", args=[2])).status_code == 404
    assert client.post(reverse("run_gate", args=[2])).status_code == 404

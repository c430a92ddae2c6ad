"""A set grows, is frozen, and loses nothing: not when two change it at once, not when a case is taken out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from evals.cases import Case
from evals.datasets.changes import between, changes_of, differences, not_frozen_yet, revisions_of
from evals.datasets.likeness import are_alike, cases_like, like
from evals.datasets.listing import listed_cases, listed_sets, tags_and_languages
from evals.datasets.sets import (
    Refused,
    add_all,
    add_new,
    approve,
    cases_at,
    compared,
    freeze,
    keep,
    remove,
    restore,
    revise,
)
from evals.models import CaseRevision, Dataset
from knowledge.access import Viewer
from tests.people import person

pytestmark = pytest.mark.django_db
State, Origin = CaseRevision.State, CaseRevision.Origin
STAFF = Viewer(is_staff=True)


@pytest.fixture
def support() -> Dataset:
    return Dataset.objects.create(slug="support", title="Support")


def case(id: str = "fee", question: str = "What is the fee?", **more: object) -> Case:
    return Case.model_validate({"id": id, "question": question, **more})


def test_what_says_the_same_is_not_kept_twice(support: Dataset):
    first = keep(support, case())
    assert keep(support, case()).pk == first.pk
    assert keep(support, case(question="How much?")).revision == 2


def test_an_id_that_is_taken_is_not_added_again(support: Dataset):
    assert add_new(support, case())
    assert add_new(support, case(question="Another?")) is None


def test_a_version_says_what_changed_and_never_changes(support: Dataset):
    keep(support, case("a"))
    gone = keep(support, case("b"))
    first = freeze(support)
    keep(support, case("a", "Otherwise?"))
    keep(support, case("c"))
    remove(gone)
    pending = not_frozen_yet(support)
    second = freeze(support)
    assert not not_frozen_yet(support)
    for changes in (pending, changes_of(second)):
        assert [row.key for row in changes.added] == ["c"]
        assert [row.key for row in changes.changed] == ["a"]
        assert [row.key for row in changes.removed] == ["b"]
    assert [row.case.question for row in cases_at(support, 1)] == ["What is the fee?"] * 2
    assert (first.number, second.number, len(cases_at(support))) == (1, 2, 2)
    assert freeze(support).pk == second.pk
    with pytest.raises(Refused, match="has no version 9"):
        cases_at(support, 9)


def test_nothing_changes_between_equal_selections():
    assert not between([], [])


def test_of_two_who_save_the_second_is_told(support: Dataset):
    row = keep(support, case())
    assert revise(row, case(question="Mine?"), by=None)
    assert not revise(row, case(question="Yours?"), by=None)
    assert cases_at(support)[0].case.question == "Mine?"


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_the_same_moment_make_one_revision():
    dataset = Dataset.objects.create(slug="support", title="Support")
    row = keep(dataset, case())

    def save(number: int) -> bool:
        try:
            return revise(row, case(question=f"Number {number}?"), by=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        saved = list(threads.map(save, range(4)))
    assert saved.count(True) == 1
    assert CaseRevision.objects.filter(dataset=dataset).count() == 2


def test_a_revision_remembers_where_the_case_is_from(support: Dataset):
    admin = person("admin")
    row = keep(support, case(), state=State.PROPOSED, origin=Origin.GENERATED)
    assert revise(row, case(question="Better?"), by=admin.pk, note="clearer", approve=True)
    latest, first = revisions_of(row)
    assert (latest.row.state, latest.row.note, latest.row.approved_by) == (State.APPROVED, "clearer", admin)
    assert [line.sign for line in latest.lines if line.sign.strip()] == ["-", "+"]
    assert first.lines == []


def test_what_is_taken_out_comes_back_as_it_was(support: Dataset):
    written = keep(support, case("a"))
    proposed = keep(support, case("b"), state=State.PROPOSED, origin=Origin.GENERATED)
    for row in (written, proposed):
        assert remove(row)
        assert not remove(row)
        row.refresh_from_db()
        assert restore(row)
        assert not restore(row)
        row.refresh_from_db()
    assert (written.state, proposed.state) == (State.APPROVED, State.PROPOSED)
    assert approve(proposed, by=None)
    assert not approve(proposed, by=None)


def test_a_case_that_is_taken_out_is_not_changed(support: Dataset):
    row = keep(support, case())
    remove(row)
    assert not revise(row, case(question="Still?"), by=None)


def test_a_file_is_compared_with_what_is_approved(support: Dataset):
    keep(support, case("same"))
    keep(support, case("other"))
    keep(support, case("waits"), state=State.PROPOSED)
    arriving = [case("same"), case("other", "New words?"), case("waits"), case("new")]
    arrival = compared(support, arriving)
    assert [one.id for one in arrival.new] == ["waits", "new"]
    assert [one.id for one in arrival.changed] == ["other"]
    assert add_all(support, arriving, origin=Origin.IMPORTED) == 3
    assert add_all(support, arriving, origin=Origin.IMPORTED) == 0
    assert len(cases_at(support)) == 4


def test_a_diff_shows_facts_as_people_write_them():
    lines = differences(case(must_include=["$35"]), case(must_include=[["$35", "35 dollars"]]))
    assert "  - $35 | 35 dollars" in [line.text for line in lines if line.kind == "added"]


def test_nobody_but_staff_sees_a_set(support: Dataset):
    keep(support, case())
    assert not listed_sets(Viewer()).exists()
    assert not CaseRevision.objects.visible_to(Viewer(user_id=1)).exists()
    row = listed_sets(STAFF).get()
    assert [getattr(row, name) for name in ("approved", "proposed", "latest", "last_run")] == [1, None, None, None]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, ["waits", "fee", "gone_not"]),
        ({"state": "proposed"}, ["waits"]),
        ({"state": "removed"}, ["gone"]),
        ({"tag": "money"}, ["fee"]),
        ({"language": "es"}, ["waits"]),
        ({"severity": "critical"}, ["fee"]),
        ({"expects": "unknown"}, ["gone_not"]),
        ({"origin": "generated"}, ["waits"]),
        ({"q": "LATE"}, ["fee"]),
        ({"q": "%"}, []),
        ({"q": "' OR 1=1 --"}, []),
    ],
)
def test_cases_are_found_by_what_they_say(support: Dataset, chosen, found):
    keep(support, case("fee", "Late?", tags=["money"], severity="critical"))
    keep(support, case("waits", language="es"), state=State.PROPOSED, origin=Origin.GENERATED)
    keep(support, case("gone_not", expects="unknown"))
    remove(keep(support, case("gone")))
    assert [row.key for row in listed_cases(support, chosen)] == found
    assert tags_and_languages(support) == (["money"], ["en", "es"])


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("How do I delete my account?", "how do i DELETE my account", True),
        ("What is the late fee?", "what's the late fee", True),
        ("Can I pause for 3 months?", "Can I pause for 12 months?", False),
        ("What is the late fee?", "How do I close my account?", False),
        ("房贷晚交了要罚多少钱", "房贷晚交了要罚多少钱？", True),
        ("", "What?", False),
    ],
)
def test_questions_are_alike_when_their_words_are(one, other, alike):
    assert are_alike(one, other) is alike
    assert bool(like(one, [other])) is alike


def test_a_case_like_a_question_is_found(support: Dataset):
    row = keep(support, case(question="What is the late fee?"))
    assert cases_like("what's the late fee", [row]) == [row]

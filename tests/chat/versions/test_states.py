"""The states of a version: one is live, what was live never changes, two editors do not overwrite each other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from chat.models import AssistantVersion, Publication
from chat.versions.states import (
    Refused,
    State,
    Unconfirmed,
    discard,
    find,
    house,
    live_version,
    make_draft,
    publish,
    save_draft,
    version_of,
)
from tests.chat.versioning import changed, draft, with_prompt

pytestmark = pytest.mark.django_db


def test_the_first_version_is_what_the_code_has():
    first = live_version()
    assert (first.number, first.assistant) == (1, house())
    assert live_version().id == first.id
    assert Publication.objects.get().version_id == first.id


@pytest.mark.django_db(transaction=True)
def test_two_processes_make_one_first_version():
    def look() -> int:
        try:
            return live_version().number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert [one.result() for one in [threads.submit(look) for _ in range(4)]] == [1, 1, 1, 1]
    assert AssistantVersion.objects.count() == 1


def test_every_turn_asks_for_it_with_one_small_query():
    live_version()
    live_version()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        live_version()
    assert len(asked) == 1
    assert "content" not in asked[0]["sql"]


def test_a_draft_changes_its_hash_with_each_save():
    row = draft()
    before = row.hash
    assert save_draft(row, with_prompt("Who knows?"), seen=before, note="Other words")
    row.refresh_from_db()
    assert row.hash == with_prompt("Who knows?").hash != before
    assert (row.note, row.number) == ("Other words", 2)


def test_the_second_of_two_editors_overwrites_nothing():
    row = draft()
    assert save_draft(row, with_prompt("first"), seen=row.hash, note="")
    assert not save_draft(row, with_prompt("second"), seen=row.hash, note="")
    row.refresh_from_db()
    assert version_of(row).assistant == with_prompt("first")


def test_publishing_makes_one_live_and_retires_the_other():
    old, row = find("live") if live_version() else None, draft()
    publish(row, note="Shorter")
    assert live_version().number == 2
    assert live_version().assistant == with_prompt("I have no idea.")
    states = dict(AssistantVersion.objects.values_list("number", "state"))
    assert states == {1: State.RETIRED, 2: State.LIVE}
    assert old is not None
    old.refresh_from_db()
    assert old.retired_at is not None
    assert [one.version.number for one in Publication.objects.all()] == [2, 1]


def test_rolling_back_makes_the_same_row_live_again_and_the_log_says_so():
    row = draft()
    publish(row, note="Shorter")
    publish(find("1"), note="Back")
    assert live_version().number == 1
    assert [(one.version.number, one.note) for one in Publication.objects.all()] == [
        (1, "Back"),
        (2, "Shorter"),
        (1, "As the code has it"),
    ]
    first = find("1")
    assert (first.note, first.retired_at) == ("As the code has it", None)


@pytest.mark.parametrize("was", [State.LIVE, State.RETIRED, State.DISCARDED])
def test_what_is_no_draft_never_changes(was: str):
    row = draft()
    if was == State.DISCARDED:
        discard(row)
    else:
        publish(row, note="n")
    if was == State.RETIRED:
        publish(find("1"), note="back")
    row.refresh_from_db()
    assert row.state == was
    assert not save_draft(row, house(), seen=row.hash, note="")
    assert not discard(row)
    changes: list[dict[str, Any]] = [{"content": {}}, {"hash": "0"}, {"number": 99}, {"state": State.DRAFT}]
    for fields in changes:
        with pytest.raises(IntegrityError, match="is no draft"), transaction.atomic():
            AssistantVersion.objects.filter(pk=row.pk).update(**fields)
    row.content = {}
    with pytest.raises(IntegrityError, match="is no draft"), transaction.atomic():
        row.save()


def test_two_cannot_be_live():
    live_version()
    with pytest.raises(IntegrityError), transaction.atomic():
        AssistantVersion.objects.create(number=7, state=State.LIVE, content={}, hash="")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_is_told_that_the_live_version_has_changed():
    rows = [draft(with_prompt("one")), draft(with_prompt("two"))]
    live = find("live").hash

    def go(row: AssistantVersion) -> str:
        try:
            publish(row, note="n", seen=row.hash, instead_of=live)
            return "published"
        except Refused as problem:
            return str(problem)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(go, rows))
    assert outcomes[1] == "published"
    assert "has changed since you compared" in outcomes[0]
    assert AssistantVersion.objects.filter(state=State.LIVE).count() == 1


@pytest.mark.parametrize(
    ("assistant", "fields", "words"),
    [
        (house(), {}, "Nothing differs"),
        (with_prompt("x"), {"note": "  "}, "Say in a few words"),
        (with_prompt("x"), {"seen": "0"}, "has changed since"),
        (with_prompt("x"), {"instead_of": "0"}, "has changed since"),
        (with_prompt("No name.", "answer"), {}, r"prompts\.answer: It must hold \$site_name"),
    ],
)
def test_what_is_not_published_and_why(assistant, fields, words):
    row = draft(assistant)
    with pytest.raises(Refused, match=words):
        publish(row, **{"note": "n"} | fields)
    assert live_version().number == 1


def test_the_live_and_a_discarded_version_are_not_published():
    live_version()
    with pytest.raises(Refused, match="Version 1 is live"):
        publish(find("live"), note="n")
    row = draft()
    discard(row)
    with pytest.raises(Refused, match="Version 2 is discarded"):
        publish(row, note="n")


def test_the_number_of_a_discarded_draft_is_not_given_again():
    discard(draft())
    assert draft().number == 3


def test_a_running_turn_keeps_its_version():
    running = live_version()
    publish(draft(), note="n")
    assert running.assistant == house()
    assert live_version().assistant != running.assistant


def test_a_version_that_names_what_is_on_no_shelf_loads_and_runs():
    row = draft(changed(guardrails={"ghost": {"limit": 3}}, tools=["phantom"]))
    publish(row, note="n", confirmed=True)
    assert live_version().assistant.tools == ("phantom",)


def test_a_setting_that_this_code_does_not_know_is_passed_over():
    content = house().model_dump(mode="json")
    content["answer"]["beam_width"] = 4
    row = AssistantVersion(number=9, content=content | {"of_the_future": True}, hash="h" * 64)
    assert version_of(row).assistant == house()
    assert version_of(row).label == "v9 hhhhhhhh"


def test_find_says_what_can_be_named():
    row = draft()
    assert find("live").number == 1
    assert find("draft") == find("2") == find("v2") == row
    for which in ("", "9", "latest", "-1", "999999999999"):
        with pytest.raises(Refused, match="live, draft, or a number"):
            find(which)


def test_a_copy_keeps_what_the_code_had_when_its_origin_was_made():
    row = draft()
    assert row.code == find("live").code
    assert make_draft(house(), based_on=row, code={"prompt x": "1"}).code == {"prompt x": "1"}


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A shelf of guardrails that is never empty, and a live version that runs all of them."""
    from chat.versions import checks as version_checks
    from chat.versions import states as versions
    from tests.chat.shelf import SHELF

    for module in (version_checks, versions):
        monkeypatch.setattr(module, "guardrails_on_the_shelf", lambda: SHELF)
    versions.house.cache_clear()
    yield list(SHELF)
    versions.house.cache_clear()


def test_guardrails_are_switched_off_only_when_that_is_meant(guarded: list[str]):
    one_off = draft(changed(guardrails={guarded[0]: {}}))
    with pytest.raises(Unconfirmed, match=f"switches off {guarded[1]}"):
        publish(one_off, note="n")
    all_off = draft(changed(guardrails={}))
    with pytest.raises(Unconfirmed, match=f"switches off {', '.join(guarded)}"):
        publish(all_off, note="n")
    assert live_version().number == 1
    publish(one_off, note="n", confirmed=True)
    again = draft(changed(guardrails={guarded[0]: {}}, retrieval={"passages": 9}))
    publish(again, note="what was off stays off without a word")
    with pytest.raises(Unconfirmed):
        publish(all_off, note="n")

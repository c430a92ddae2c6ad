"""The states of a version: a draft is edited, published, later retired, and may go live again. Exactly one is live."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.assistant import Assistant, Rule, Version, prompts_of_the_house
from chat.models import AssistantVersion, Publication
from chat.versions.checks import guardrails_on_the_shelf, problems_of, switched_off, tools_on_the_shelf
from chat.versions.code_news import hashes_of
from chat.versions.gates import objections

RULES = Path(__file__).parent / "rules.json"
NOTE_CHARACTERS = 200
OVERRIDE_CHARACTERS = 400
State = AssistantVersion.State


class Refused(Exception):
    """A version cannot be saved or published; the message says why, and what to do."""


class Unconfirmed(Refused):
    """Publishing would switch off guardrails, and nobody has said that this is meant."""


class Blocked(Refused):
    """The gate speaks against publishing, and nobody has said why it is done all the same."""

    def __init__(self, objections: list[str]) -> None:
        super().__init__(" ".join(objections))
        self.objections = objections


@cache
def house() -> Assistant:
    """The assistant that comes with the code: its prompts, its rules, and everything on the shelves switched on."""
    rules = json.loads(RULES.read_text(encoding="utf-8")) if RULES.exists() else []
    return Assistant(
        prompts=prompts_of_the_house(),
        guardrails={name: {} for name in guardrails_on_the_shelf()},
        rules=tuple(Rule.model_validate(rule) for rule in rules),
        tools=tuple(tools_on_the_shelf()),
    )


def live_version() -> Version:
    """The version that answers customers now. The first one is made from the code."""
    live = AssistantVersion.objects.filter(state=State.LIVE).values_list("number", "pk", "hash").first()
    if live is None:
        return version_of(_first())
    number, pk, row_hash = live
    return Version(number, _kept(pk, row_hash), pk, row_hash)


def version_of(row: AssistantVersion) -> Version:
    return Version(row.number, _read(row.content), row.pk, row.hash)


def find(which: str) -> AssistantVersion:
    """The version that `live`, `draft` (the latest one), `7` or `v7` means. Raises `Refused`."""
    rows = AssistantVersion.objects.order_by("-number")
    if which == "live":
        live_version()
        return rows.get(state=State.LIVE)
    if which == "draft":
        found = rows.filter(state=State.DRAFT).first()
    else:
        found = rows.filter(number=int(which.removeprefix("v"))).first() if re.fullmatch(r"v?\d{1,9}", which) else None
    if found is None:
        raise Refused(f"There is no version {which}: write live, draft, or a number.")
    return found


def version_named(which: str) -> Version:
    """What `find` finds, ready to answer. Raises `Refused`."""
    return version_of(find(which))


def make_draft(
    assistant: Assistant,
    *,
    based_on: AssistantVersion | None,
    by: int | None = None,
    note: str = "",
    code: dict[str, str] | None = None,
) -> AssistantVersion:
    """A new draft under the next number. `code` are hashes of what the code brings; else those of `based_on`."""
    with transaction.atomic():
        _lock()
        return AssistantVersion.objects.create(
            number=AssistantVersion.objects.next_number(),
            based_on=based_on,
            created_by_id=by,
            note=note[:NOTE_CHARACTERS],
            code=code if code is not None else based_on.code if based_on else {},
            **content_of(assistant),
        )


def save_draft(row: AssistantVersion, assistant: Assistant, *, seen: str, note: str) -> bool:
    """Keep a draft as edited by somebody who saw it under the hash `seen`. False, and nothing is kept, when it has
    changed since, or is no draft any more."""
    drafts = AssistantVersion.objects.filter(pk=row.pk, state=State.DRAFT, hash=seen)
    now = timezone.now()
    return bool(drafts.update(note=note[:NOTE_CHARACTERS], changed_at=now, **content_of(assistant)))


def discard(row: AssistantVersion) -> bool:
    """Take a draft out of the list. Its number is not given again. False when it is no draft any more."""
    drafts = AssistantVersion.objects.filter(pk=row.pk, state=State.DRAFT)
    return bool(drafts.update(state=State.DISCARDED, changed_at=timezone.now()))


@transaction.atomic
def publish(
    row: AssistantVersion,
    *,
    note: str,
    by: int | None = None,
    seen: str = "",
    instead_of: str = "",
    confirmed: bool = False,
    override: str = "",
) -> Publication:
    """Let a draft, or one that was live before, answer from the next question on; turns that run keep theirs.

    `seen` and `instead_of` are the hashes of this version and of the live one that the person has compared. Raises
    `Refused`; `Unconfirmed` where guardrails would be switched off and `confirmed` is not set; and `Blocked` where the
    gate speaks against a draft and `override` does not say why it is published all the same.
    """
    live = _lock()
    row = AssistantVersion.objects.select_for_update(no_key=True).get(pk=row.pk)
    if row.state not in {State.DRAFT, State.RETIRED}:
        raise Refused(f"Version {row.number} is {row.state}: a draft or a retired version is published.")
    if (seen and seen != row.hash) or (instead_of and instead_of != live.hash):
        raise Refused("One of the two versions has changed since you compared them: look at the difference again.")
    if not note.strip():
        raise Refused("Say in a few words what changes: the note is how people find it again.")
    _check(version_of(row).assistant, version_of(live).assistant, confirmed=confirmed)
    overridden = _ask_the_gate(row, override.strip())
    now = timezone.now()
    AssistantVersion.objects.filter(pk=live.pk).update(state=State.RETIRED, retired_at=now)
    changed: dict[str, Any] = {"state": State.LIVE, "published_at": now, "retired_at": None}
    if row.state == State.DRAFT:
        changed["note"] = note.strip()[:NOTE_CHARACTERS]
    AssistantVersion.objects.filter(pk=row.pk).update(**changed)
    return Publication.objects.create(version=row, by_id=by, note=note.strip()[:NOTE_CHARACTERS], override=overridden)


def newly_off(assistant: Assistant, live: Assistant) -> list[str]:
    """The guardrails that publishing would switch off: those that the live version runs; or all of the shelf, when
    none at all is left on."""
    off = switched_off(assistant)
    none_is_left = len(off) == len(guardrails_on_the_shelf())
    return off if none_is_left else [name for name in off if name in live.guardrails]


def content_of(assistant: Assistant) -> dict[str, Any]:
    """The columns that hold an assistant."""
    return {"content": assistant.model_dump(mode="json"), "hash": assistant.hash}


def _check(assistant: Assistant, live: Assistant, *, confirmed: bool) -> None:
    if assistant == live:
        raise Refused("Nothing differs from the live version: there is nothing to publish.")
    if problems := problems_of(assistant):
        raise Refused(" ".join(f"{path}: {words}" for path, words in problems.items()))
    if not confirmed and (off := newly_off(assistant, live)):
        raise Unconfirmed(f"This switches off {', '.join(off)}. Confirm that this is meant.")


def _ask_the_gate(row: AssistantVersion, override: str) -> str:
    """The reason that is kept with the publication: "" where nothing had to be overridden. Raises `Blocked`.

    Who goes back to what was live before is not asked: that has to be one click.
    """
    if row.state != State.DRAFT or not (against := objections(row)):
        return ""
    if not override:
        raise Blocked(against)
    return override[:OVERRIDE_CHARACTERS]


def _lock() -> AssistantVersion:
    """The live version. Until the transaction ends nobody else makes a draft or publishes: the first row is locked."""
    live_version()
    AssistantVersion.objects.select_for_update(no_key=True).order_by("number").values_list("pk").first()
    return AssistantVersion.objects.get(state=State.LIVE)


def _read(content: dict[str, Any]) -> Assistant:
    """A record from the database. What this code does not know (any more) is passed over."""
    return Assistant.model_validate(content, extra="ignore")


@lru_cache(maxsize=32)
def _kept(pk: int, row_hash: str) -> Assistant:
    """What is live does not change under its hash: it is fetched and validated once in each process."""
    return _read(AssistantVersion.objects.values_list("content", flat=True).get(pk=pk, hash=row_hash))


def _first() -> AssistantVersion:
    try:
        with transaction.atomic():
            first = AssistantVersion.objects.create(
                number=AssistantVersion.objects.next_number(),
                state=State.LIVE,
                published_at=timezone.now(),
                note="As the code has it",
                code=hashes_of(house()),
                **content_of(house()),
            )
            Publication.objects.create(version=first, note=first.note)
            return first
    except IntegrityError:  # another process was quicker
        return AssistantVersion.objects.get(state=State.LIVE)

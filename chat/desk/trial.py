"""One question, answered by two versions side by side. Nothing is stored but the ledger's rows of what it cost."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db.models import Sum
from django.utils.safestring import SafeString

import llm
from chat import blocks, markdown
from chat.assistant import Version
from chat.context import Turn
from chat.errors import FAILURES
from chat.events import ActionProposed, AnswerDelta, Answered, Event, Refused, Replaced, SourcesFound, Steered, ToolUsed
from chat.pipeline import answer
from knowledge.access import Audience, Viewer
from knowledge.search import Passage
from llm.database import in_database
from llm.errors import LLMError

log = structlog.get_logger()


@dataclass
class Side:
    """What one version made of the question. Times are in milliseconds; `dollars` is None when no price is known."""

    version: Version
    id: uuid.UUID
    text: str = ""
    ending: str = ""  # why there is no (whole) answer, in words
    stopped_by: str = ""
    steered: str = ""
    limited: str = ""
    model: str = ""
    found: int = 0
    sources: Sequence[Passage] = ()
    lookups: list[ToolUsed] = field(default_factory=list)
    proposals: list[ActionProposed] = field(default_factory=list)
    findings: Sequence[dict[str, Any]] = ()
    steps: Sequence[dict[str, Any]] = ()
    first_word_ms: int | None = None
    ms: int = 0
    tokens: int = 0
    dollars: float | None = None

    @property
    def blocks(self) -> list[SafeString]:
        return [markdown.render(block, str(self.id)) for block in blocks.of(self.text).finished]

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """What guardrails changed or stopped."""
        return [finding for finding in self.findings if finding["action"] != "allow"]

    def take(self, event: Event) -> None:
        match event:
            case Steered(_, say):
                self.steered = say
            case SourcesFound(passages, limited):
                self.found, self.limited = len(passages), limited
            case ToolUsed():
                self.lookups.append(event)
            case ActionProposed():
                self.proposals.append(event)
            case AnswerDelta(text, sources):
                self.text, self.sources = self.text + text, sources
            case Replaced(text, sources):
                self.text, self.sources = text, sources
            case Answered(text, _, model, sources):
                self.text, self.model, self.sources = text, model, sources
            case Refused(say, by, _):
                self.text, self.stopped_by, self.sources = say, by, ()


def audience_viewer(viewer: Viewer, audience: str) -> Viewer:
    """Whom a trial asks as: the person who tries (`me`), or anybody of an audience, who owns nothing."""
    if audience == "me":
        return viewer
    order = list(Audience)
    readable = order[: order.index(Audience(audience)) + 1]
    return Viewer(audiences=frozenset(readable), is_staff=audience == Audience.STAFF)


async def try_versions(question: str, viewer: Viewer, versions: Sequence[Version]) -> list[Side]:
    """The answers of all versions, at the same time. What breaks is said on its side; the others go on."""
    return list(await asyncio.gather(*(_answer(question, viewer, version) for version in versions)))


async def _answer(question: str, viewer: Viewer, version: Version) -> Side:
    turn = Turn(question, viewer, version)
    side = Side(version, turn.id)
    began = time.monotonic()
    try:
        with llm.on_behalf_of(version.label, turn=turn.id, models=version.models):
            async with aclosing(answer(turn, purpose="try")) as events:
                async for event in events:
                    side.take(event)
                    if side.text and side.first_word_ms is None:
                        side.first_word_ms = _since(began)
    except LLMError as error:
        side.ending = f"{FAILURES.get(error.code, error)} ({error.code})"
    except Exception as error:
        log.exception("a trial failed", version=version.label)
        side.ending = f"This version breaks on the question: {type(error).__name__}: {error}"[:400]
    side.ms = _since(began)
    side.findings, side.steps = turn.findings, turn.receipt.steps
    side.tokens, side.dollars = await in_database(_spent, turn.id)
    return side


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _spent(turn: uuid.UUID) -> tuple[int, float | None]:
    from llm.models import Call

    sums = Call.objects.filter(turn=turn).aggregate(
        prompt=Sum("prompt_tokens"), completion=Sum("completion_tokens"), cost=Sum("cost_microdollars")
    )
    dollars = None if sums["cost"] is None else sums["cost"] / 1_000_000
    return (sums["prompt"] or 0) + (sums["completion"] or 0), dollars

"""Asks the assistant a case's question, by the same pipeline that answers customers. Tools that change something only
propose it, as in a chat; nothing of a conversation is stored.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q, Sum

import llm
from chat.assistant import Version
from chat.context import Exchange, Turn
from chat.events import ActionProposed, AnswerDelta, Answered, Event, Refused, Replaced, SourcesFound, Steered
from chat.pipeline import answer
from evals.answers import Answer, LookedUp, Source
from evals.cases import VIEWERS, Case
from knowledge.models import Document
from knowledge.search import Passage
from llm.database import in_database
from llm.models import Call

PURPOSE = "eval"


@dataclass
class Asked:
    """What came of a question. `error` is the code of what left it without an answer, and `receipt` as far as it got.

    `turn` names its calls in the ledger.
    """

    turn: uuid.UUID
    receipt: dict[str, Any]
    answer: Answer | None = None
    error: str = ""


async def ask(
    case: Case, version: Version, *, variant: int = 1, turn_id: uuid.UUID | None = None, purpose: str = PURPOSE
) -> Asked:
    """The pipeline's answer to the case's question, asked as its audience. Raises `llm.errors.LLMError`.

    `variant` counts repetitions: each asks with a seed of its own, as "answer again" does. `turn_id` is the name that
    its calls get in the ledger, a new one when it is left out; `purpose` is under what they are counted.
    """
    history = tuple(Exchange(said.question, said.reply) for said in case.history)
    viewer, id = VIEWERS[case.audience], turn_id or uuid.uuid4()
    turn = Turn(case.question, viewer, version, history=history, variant=variant, id=id)
    heard = _Heard(turn)
    with llm.on_behalf_of(version.label, turn=turn.id, models=version.models):
        async with aclosing(answer(turn, purpose=purpose)) as events:
            async for event in events:
                heard.take(event)
    return Asked(turn.id, turn.receipt.as_json(), await in_database(heard.as_answer))


class _Heard:
    """Listens to the events of one turn."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.began = time.monotonic()
        self.first_word_after = 0.0
        self.search = SourcesFound(())
        self.reply = Answered("", "", "", ())
        self.refused: Refused | None = None
        self.steered = ""
        self.proposed: list[str] = []

    def take(self, event: Event) -> None:
        match event:
            case SourcesFound():
                self.search = event
            case Steered(_, say):
                self.steered = say
            case AnswerDelta():
                self.first_word_after = self.first_word_after or self._elapsed()
            case ActionProposed(tool, _):
                self.proposed.append(tool)
            case Replaced(text, sources):
                self.reply = replace(self.reply, text=text, sources=sources)
            case Refused(say):
                self.refused = event
                self.reply = Answered(say, "guardrail", "", ())
            case Answered():
                self.reply = event

    def as_answer(self) -> Answer:
        """All that was heard. Reads file names and the ledger."""
        whole_after = self._elapsed()
        names = _file_names([*self.reply.sources, *self.turn.passages, *self.search.passages])
        spent = spent_on([self.turn.id])
        understood = self.turn.understood
        return Answer(
            self.reply.text,
            cited=_each_once(names, self.reply.sources),
            found=_each_once(names, self.turn.passages or self.search.passages),
            finish_reason=self.reply.finish_reason,
            model=self.reply.model,
            limited=self.search.limited,
            first_word_after=self.first_word_after,
            whole_after=whole_after,
            alias=self.turn.receipt.inputs.get("alias", ""),
            passages=_sources(self.turn.passages or self.search.passages, self.reply.sources, names),
            lookups=tuple(LookedUp(one.tool, one.arguments, one.result, one.failed) for one in self.turn.lookups),
            proposed=tuple(self.proposed),
            stopped_by=self.refused.by if self.refused else "",
            hands_over=self.refused.hands_over if self.refused else False,
            steered=self.steered,
            language=understood.language if understood else "",
            findings=tuple(finding for finding in self.turn.findings if finding["action"] != "allow"),
            assistant=self.turn.version.label,
            served_by="guardrail" if self.refused else "model" if self.reply.model else "nothing",
            **spent,
        )

    def _elapsed(self) -> float:
        return time.monotonic() - self.began


def spent_on(turns: Sequence[uuid.UUID]) -> dict[str, Any]:
    """What the ledger says of these turns: tokens and dollars, as `Answer` keeps them.

    Dollars are None where no price is known of a model that wrote: what is known of the others is not what it cost.
    """
    unpriced = Q(kind="chat", cost_microdollars=None, completion_tokens__gt=0)
    sums = Call.objects.filter(turn__in=turns).aggregate(
        prompt=Sum("prompt_tokens"),
        completion=Sum("completion_tokens"),
        cost=Sum("cost_microdollars"),
        unpriced=Count("pk", unpriced),
    )
    return {
        "prompt_tokens": sums["prompt"] or 0,
        "completion_tokens": sums["completion"] or 0,
        "dollars": None if sums["cost"] is None or sums["unpriced"] else sums["cost"] / 1_000_000,
    }


def _file_names(passages: Sequence[Passage]) -> dict[uuid.UUID, str]:
    ids = {passage.document_id for passage in passages}
    return dict(Document.objects.filter(id__in=ids).values_list("id", "name"))


def _each_once(names: dict[uuid.UUID, str], passages: Sequence[Passage]) -> tuple[str, ...]:
    """The files that the passages come from, each once, in the passages' order."""
    return tuple(dict.fromkeys(names[p.document_id] for p in passages if p.document_id in names))


def _sources(given: Sequence[Passage], cited: Sequence[Passage], names: dict[uuid.UUID, str]) -> tuple[Source, ...]:
    """All passages that the model was given: first those that the answer cites, by their numbers."""
    numbers = {passage.chunk_id: number for number, passage in enumerate(cited, start=1)}
    rest = [passage for passage in given if passage.chunk_id not in numbers]
    return tuple(_source(p, numbers.get(p.chunk_id, 0), names.get(p.document_id, "")) for p in [*cited, *rest])


def _source(passage: Passage, number: int, name: str) -> Source:
    return Source(
        name,
        passage.title,
        passage.text,
        number,
        passage.place,
        passage.chunk_id,
        str(passage.document_id),
        passage.version_number,
        round(passage.score, 4),
    )

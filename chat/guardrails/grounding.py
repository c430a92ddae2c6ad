"""What an answer states, its sources say: a statement without support is taken out at the answer's end.

Most statements are decided by their words and figures. All that are left go to the judge in one call; while it is
away or slow they stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from html import escape

import structlog
from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field

import llm
from chat.context import Turn
from chat.grounding import evidence
from chat.grounding.cutting import without
from chat.grounding.statements import is_statement
from chat.grounding.support import Support, support_of
from chat.prompting import as_data, prompt
from chat.sentences import split
from chat.verdicts import Verdict, guardrail
from llm.errors import LLMError

log = structlog.get_logger()
MOST_JUDGED = 20  # statements in one call
NAME = "judge_support"
AWAY = ", who was away"


class Ruling(BaseModel):
    """The judge's word on one statement."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(ge=1, le=MOST_JUDGED)
    why: str = Field(max_length=400)
    supported: bool


class Rulings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rulings: list[Ruling] = Field(max_length=MOST_JUDGED)


@guardrail(reads="answer")
async def grounding(turn: Turn, text: str) -> Verdict:
    sentences = split(text)
    found = await asyncio.to_thread(_look_at, turn, sentences)
    out = {place for place, support in found.items() if support is Support.NONE}
    unsure = [place for place, support in found.items() if support is Support.UNSURE][:MOST_JUDGED]
    judged = await _judge(turn, [sentences[place] for place in unsure]) if unsure else {}
    out |= {place for number, place in enumerate(unsure, start=1) if judged and not judged.get(number, True)}
    reason = f"{len(found)} statements, {len(unsure)} for the judge"
    if judged is None:
        reason += AWAY
    if not out:
        return Verdict.allow(reason)
    kept = "".join(without(sentence) if place in out else sentence for place, sentence in enumerate(sentences))
    return Verdict.rewrite(kept, f"{len(out)} without support, of {reason}")


def _look_at(turn: Turn, sentences: Sequence[str]) -> dict[int, Support]:
    """The support of each statement, by its place among the sentences."""
    return {n: support_of(turn, sentence) for n, sentence in enumerate(sentences) if is_statement(turn, sentence)}


async def _judge(turn: Turn, statements: Sequence[str]) -> Mapping[int, bool] | None:
    """What the judge says of each statement, numbered from 1; None while it is away or takes too long."""
    use = turn.version.assistant.judge
    try:
        async with asyncio.timeout(settings.CHAT_JUDGE_SECONDS):
            said = await llm.complete(
                _messages(turn, statements),
                returns=Rulings,
                purpose="judge",
                model=use.alias,
                max_tokens=use.max_tokens,
                temperature=use.temperature,
                top_p=use.top_p,
                seed=use.seed,
            )
    except (LLMError, TimeoutError) as error:
        log.warning("judge away", reply=str(turn.id), error=type(error).__name__)
        return None
    return {ruling.number: ruling.supported for ruling in said.rulings}


def _messages(turn: Turn, statements: Sequence[str]) -> list[llm.Message]:
    looked_up = "\n".join(
        f'<result tool="{escape(lookup.tool)}">\n{escape(lookup.result, quote=False)}\n</result>'
        for lookup in turn.lookups
    )
    earlier = "\n".join(
        f"<earlier>{escape(turn.masks.mask(reply), quote=False)}</earlier>" for reply in evidence.replies(turn)
    )
    sources = "\n".join(filter(None, (as_data(turn.passages), looked_up, earlier)))
    numbered = "\n".join(
        f'<statement number="{number}">{escape(statement.strip(), quote=False)}</statement>'
        for number, statement in enumerate(statements, start=1)
    )
    data = f"<sources>\n{sources}\n</sources>\n\n<question>{escape(turn.asked, quote=False)}</question>\n\n{numbered}"
    return [{"role": "system", "content": prompt(turn.version.assistant, NAME)}, {"role": "user", "content": data}]

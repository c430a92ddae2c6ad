"""What a guardrail says of a text, and how one is declared.

@guardrail(reads="question")
async def profanity(turn: Turn, text: str) -> Verdict:
    ...
    return Verdict.refuse("a rude word", say="Please ask politely: I am glad to help.")
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from chat.context import Turn

Reads = Literal["question", "sentence", "answer"]


class Action(IntEnum):
    """What is to be done with a text; of several verdicts the highest counts."""

    ALLOW = 0
    REWRITE = 1
    HAND_OVER = 2
    REFUSE = 3


@dataclass(frozen=True)
class Verdict:
    """`reason` is for the receipt and for staff. `text` replaces what was read; `say` is a sentence for the customer:
    with a rewrite what was changed ("" if nobody needs to know), with a refusal why, and what to do next.
    """

    action: Action = Action.ALLOW
    reason: str = ""
    text: str = ""
    say: str = ""

    @classmethod
    def allow(cls, reason: str = "") -> Verdict:
        return cls(reason=reason)

    @classmethod
    def rewrite(cls, text: str, reason: str, *, say: str = "") -> Verdict:
        """Go on with `text` instead. A sentence or an answer may become empty."""
        return cls(Action.REWRITE, reason, text, say)

    @classmethod
    def refuse(cls, reason: str, *, say: str) -> Verdict:
        return cls(Action.REFUSE, reason, say=say)

    @classmethod
    def hand_over(cls, reason: str, *, say: str) -> Verdict:
        """A person is needed; `say` tells the customer how to reach one."""
        return cls(Action.HAND_OVER, reason, say=say)


Check = Callable[["Turn", str], Awaitable[Verdict]]


@dataclass(frozen=True)
class Guardrail:
    """A check on the shelf. `reads`: the question, each sentence before the page shows it, or the whole answer.

    One that `prepares` runs before all others on a question, and they read what it made of it.
    """

    function: Check
    reads: Reads
    prepares: bool = False

    @property
    def name(self) -> str:
        return self.function.__name__

    async def __call__(self, turn: Turn, text: str) -> Verdict:
        return await self.function(turn, text)

    def settings(self, turn: Turn) -> dict[str, Any]:
        """What the assistant's version sets for this guardrail."""
        return turn.version.assistant.guardrails.get(self.name, {})


def guardrail(*, reads: Reads, prepares: bool = False) -> Callable[[Check], Guardrail]:
    """Declare a function as a guardrail; its name is the name in versions, receipts and figures."""
    return lambda function: Guardrail(function, reads, prepares)

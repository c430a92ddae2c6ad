"""What holds a small model's answer back. Any doubt does: the strong model then answers, as it would have anyway.

Nothing here asks a model. A statement holds where a source says it in much the same words and figures; one that only
might be borne out (`Support.UNSURE`) is left to the version's own check of grounding, whose judge reads it, and holds
back where there is no such check, its judge is away, or a figure of it stands in no passage that it cites.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chat.context import Turn
from chat.events import Answered
from chat.grounding.statements import NOT_KNOWING, is_statement
from chat.grounding.support import Support, figures_are_cited, support_of
from chat.guardrails.form import DENSE, FEWEST_LETTERS
from chat.guardrails.grounding import AWAY, grounding
from chat.model_choice.signals import NEAR
from chat.spoken import LANGUAGES, language_of_answer
from knowledge.languages import likeliest_language
from knowledge.search import Passage

LONGEST_CODE = 60  # as `Route.held_back` keeps it
UNKNOWING = re.compile("|".join(NOT_KNOWING), re.IGNORECASE)
NOT_BORNE_OUT = "not borne out"


class HeldBack(Exception):
    """The answer is not shown. `str()` is a short code of why."""

    def __init__(self, why: str) -> None:
        super().__init__(why[:LONGEST_CODE])


def check_sentence(turn: Turn, sentence: str) -> None:
    """Read a sentence as soon as it is written; what does not hold ends the answer there. Raises `HeldBack`.

    `turn` is the one that the sentence was written on.
    """
    check_findings(turn)
    if UNKNOWING.search(sentence.replace("’", "'")):
        raise HeldBack("does not know")
    if is_statement(turn, sentence) and not _is_borne_out(turn, sentence):
        raise HeldBack(NOT_BORNE_OUT)


def check_findings(turn: Turn) -> None:
    """Whether a guardrail has changed or refused something of the answer. Raises `HeldBack`."""
    for finding in turn.findings:
        if finding["action"] != "allow":
            raise HeldBack(f"changed by {finding['guardrail']}")


def check_answer(turn: Turn, answered: Answered) -> None:
    """Read the whole answer, of which each sentence held. Raises `HeldBack`."""
    check_findings(turn)
    if why := next((code for code, holds in _defects(turn, answered) if holds), ""):
        raise HeldBack(why)


def _defects(turn: Turn, answered: Answered) -> Iterator[tuple[str, bool]]:
    yield f"ended with {answered.finish_reason}", answered.finish_reason != "stop"
    yield "empty", not answered.text.strip()
    yield "cites nothing", not answered.sources
    yield "cites what it was not given", any(step.get("citations_dropped") for step in turn.receipt.steps)
    yield "another language", _is_foreign(turn, answered.text)
    yield NOT_BORNE_OUT, any(AWAY in said["reason"] for said in turn.findings if said["guardrail"] == grounding.name)


def _is_foreign(turn: Turn, text: str) -> bool:
    """Whether a text long enough to tell is in another language than it should be."""
    language = likeliest_language(text, LANGUAGES)
    letters = sum(character.isalpha() for character in text) * (3 if language in DENSE else 1)
    return letters >= FEWEST_LETTERS["answer"] and language != language_of_answer(turn)


def fits_less(cited: Sequence[Passage], found: Sequence[Passage]) -> bool:
    """Whether none of the cited passages fits the question nearly as well as the best one: what they say may be true
    and is likely not what was asked. Of the golden questions none rests on such a passage alone."""
    best = max((passage.score for passage in found), default=0.0)
    return bool(cited) and max(passage.score for passage in cited) < NEAR * best


def _is_borne_out(turn: Turn, sentence: str) -> bool:
    support = support_of(turn, sentence)
    is_judged = grounding.name in turn.version.assistant.guardrails
    is_doubtful = support is Support.UNSURE and is_judged and figures_are_cited(turn, sentence)
    return support is Support.CLEAR or is_doubtful

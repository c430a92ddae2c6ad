"""An attempt to take over the assistant is left out of the question, or the question is refused.

Two signals are added: the signs in the words (`chat/suspicion/injection_signs.py`), and how like known attacks the
meaning is (`chat/suspicion/injection_likeness.py`), for the whole question and for each of its sentences. Neither
proves anything. That a fooled model can do nothing that its viewer could not do is the defence; this is a net in front
of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from django.conf import settings

import llm
from chat.context import Turn
from chat.guardrails.topic import foreign_task, is_about_business
from chat.suspicion.injection_likeness import likeness_to_attacks
from chat.suspicion.injection_signs import Reading, read
from chat.suspicion.pieces import pieces_of
from chat.verdicts import Verdict, guardrail
from chat.wording import words_for
from knowledge.embeddings import knows_language
from knowledge.languages import language_of
from knowledge.models import EmbeddingModel
from llm.errors import LLMError

LIMIT = 1.0  # of the sum: one strong sign, or two weak ones
LIKE_AN_ATTACK = 0.35  # likeness that reaches the limit by itself: plain questions of others stay below it
DOUBT = 0.15  # less likeness in a sentence that was torn out of its question
UNKNOWN_LANGUAGE = 0.6  # weight of the likeness where the embedding model never learned the language
CLEARS = 0.3  # what a likeness to questions takes from the signs, at most
SUSPECT = 0.5  # of a piece that is left out; what is kept must stay below
log = structlog.get_logger()


@guardrail(reads="question")
async def injection(turn: Turn, text: str) -> Verdict:
    """Leaves out what gives orders to the assistant if a question about the business remains, else refuses."""
    pieces = pieces_of(text)
    texts = [text, *pieces] if len(pieces) > 1 else [text]
    readings = [read(each) for each in texts]
    likeness = [] if readings[0].score >= 2 * LIMIT and len(texts) == 1 else await _likeness(texts)
    scores = [_sum(reading, like) for reading, like in zip(readings, likeness or [0.0] * len(texts), strict=True)]
    why = _why(readings, likeness)
    if max(scores) < LIMIT:
        if together := _together_with_earlier(turn, text, readings[0]):
            return Verdict.refuse(f"with the question before: {together}", say=words_for(turn, "say_injection"))
        return Verdict.allow(f"{max(scores):.1f}" if max(scores) >= SUSPECT else "")
    rest = " ".join(piece for piece, score in zip(pieces, scores[1:], strict=False) if score < SUSPECT)
    if rest and rest != text and _stands_alone(rest):
        return Verdict.rewrite(rest, why, say=words_for(turn, "say_injection_left_out"))
    return Verdict.refuse(why, say=words_for(turn, "say_injection"))


def _sum(reading: Reading, likeness: float) -> float:
    return reading.score + (likeness / LIKE_AN_ATTACK if likeness > 0 else max(likeness, -CLEARS))


def _stands_alone(rest: str) -> bool:
    return read(rest).score < SUSPECT and is_about_business(rest) and not foreign_task(rest)


def _together_with_earlier(turn: Turn, text: str, own: Reading) -> str:
    """What the question says together with the one before, if neither says it alone; an order can come in parts."""
    if not turn.history:
        return ""
    earlier = turn.history[-1].question
    together = read(f"{earlier}\n{text}")
    alone = own.score + read(earlier).score
    return together.why if together.score >= LIMIT and together.score > alone else ""


def _why(readings: Sequence[Reading], likeness: Sequence[float]) -> str:
    signs = max(readings, key=lambda reading: reading.score).why or "no sign"
    return f"{signs}; likeness {max(likeness):.2f}" if likeness else signs


async def _likeness(texts: Sequence[str]) -> list[float]:
    """How like attacks each text is; empty where that is not known, or not in time."""
    plane = await likeness_to_attacks(llm.embedding_model())
    if plane is None:
        return []
    try:
        async with asyncio.timeout(settings.CHAT_GUARD_SECONDS):
            vectors = await llm.embed(texts, purpose="guard")
    except (LLMError, TimeoutError) as error:
        log.warning("injection is judged by signs alone", error=type(error).__name__)
        return []
    whole, *pieces = (float(number) for number in plane.of(vectors.rows))
    found = [whole, *(piece - DOUBT for piece in pieces)]
    return found if _is_understood(texts[0]) else [max(0.0, UNKNOWN_LANGUAGE * number) for number in found]


def _is_understood(text: str) -> bool:
    """Whether the embedding model learned the text's language; a vector tells less where it did not."""
    return knows_language(EmbeddingModel(name=llm.embedding_model()), language_of(text))

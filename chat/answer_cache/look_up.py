"""Looks a question up among the saved answers, and serves the nearest one if all that speaks for it holds."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from dataclasses import dataclass

import structlog
from django.conf import settings

from chat import guarding
from chat.answer_cache import flight
from chat.answer_cache.acceptance import NEIGHBOURS, Neighbour, candidate_among
from chat.answer_cache.alike import analyse
from chat.answer_cache.eligibility import why_not_asked
from chat.answer_cache.learning import learned_for
from chat.answer_cache.likeness import likeness
from chat.answer_cache.nearest import nearest
from chat.answer_cache.scope import scope_of
from chat.answer_cache.signature import Signature
from chat.citations import MARK
from chat.context import Looked, Turn
from chat.events import AnswerDelta, Answered, Event, TakenFromSaved
from chat.leaning import telling_words
from chat.models import SavedAnswer, SavedAnswerQuerySet
from chat.understanding import words_to_search
from knowledge.search import Found, Passage
from llm.database import in_database

log = structlog.get_logger()
NONE_NEAR = "no saved answer is near"
LITTLE_LEARNED = "too little is learned yet"
WAITS = "waits until others are answered the same"
SOMETHING_NEW = "the search finds something new"
OF_A_KEY = 5  # answers to the very same question that are looked at


@dataclass(frozen=True)
class Hit:
    """A saved answer that may be served, with the passages of today's search that it cites."""

    saved: SavedAnswer
    sources: tuple[Passage, ...]

    @property
    def events(self) -> tuple[Event, ...]:
        """What the turn tells, as if it had just been written."""
        text = self.saved.text
        taken = TakenFromSaved(self.saved.pk, self.saved.created_at)
        return taken, AnswerDelta(text, self.sources), Answered(text, "stop", self.saved.model, self.sources)


async def look_up(turn: Turn, found: Found) -> Hit | None:
    """The saved answer for the turn's question, or None. What was seen is noted in `turn.looked` and the receipt."""
    if settings.CHAT_SAVED_ANSWERS_OFF or turn.version.assistant.saved_answers.when == "never":
        return None
    with turn.receipt.step("saved answers") as step:
        if why := why_not_asked(turn, found):
            step["why"] = why
            return None
        try:
            async with asyncio.timeout(settings.CHAT_SAVED_SECONDS):
                hit = await _hit(turn, found)
            hit = hit or await _landed(turn, found)
        except Exception as error:  # whatever it is, the model answers
            log.warning("saved answers could not be looked up", error=type(error).__name__)
            turn.looked, step["why"] = None, type(error).__name__
            return None
        if looked := turn.looked:
            step |= {"why": looked.why, "how": looked.how, "answer": str(looked.answer or "")}
            step |= {"expected_error": looked.expected_error}
    return hit


async def _hit(turn: Turn, found: Found) -> Hit | None:
    began = time.perf_counter()
    looked, saved = await in_database(_nearest, turn, found)
    turn.looked = looked
    if saved and not looked.why:
        looked.why = _why_not_borne_out(saved, found) or await _why_checks_object(turn, saved)
    looked.ms = (time.perf_counter() - began) * 1000
    return Hit(saved, _cited(saved, found)) if saved and not looked.why else None


async def _landed(turn: Turn, found: Found) -> Hit | None:
    """An answer that somebody else was just being given to the very same question."""
    looked = turn.looked
    if looked is None or looked.why not in (NONE_NEAR, LITTLE_LEARNED, WAITS):
        return None
    looked.slot, answer = await flight.board(looked.key)
    if looked.slot:  # it may have been admitted since this turn looked
        answer = await in_database(_admitted, looked.key)
    saved = await in_database(_standing, answer) if answer else None
    if not saved or _why_not_borne_out(saved, found) or await _why_checks_object(turn, saved):
        return None
    looked.answer, looked.how, looked.why, looked.features = saved.pk, "landed", "", []
    return Hit(saved, _cited(saved, found))


def _admitted(key: str) -> uuid.UUID | None:
    served = SavedAnswer.objects.fresh().filter(questions__key=key, state=SavedAnswer.State.SERVED)
    return served.values_list("pk", flat=True).first()


def _standing(answer: uuid.UUID) -> SavedAnswer | None:
    return SavedAnswer.objects.fresh().prefetch_related("sources").filter(pk=answer).first()


def _nearest(turn: Turn, found: Found) -> tuple[Looked, SavedAnswer | None]:
    """The answer that the scope's saved questions speak for, and what speaks against serving it."""
    question = words_to_search(turn)
    scope = scope_of(turn, question)
    assert found.meaning  # noqa: S101 (else it is not asked)
    looked = Looked(question, scope, found.meaning, key=scope.key_of(question))
    standing = SavedAnswer.objects.fresh().scoped(
        readable=scope.readable, language=scope.language, assistant=scope.assistant
    )
    policy = turn.version.assistant.saved_answers
    saved = _exactly(looked, standing, found) or (_alike(looked, standing) if policy.when == "alike" else None)
    if saved is None:
        looked.why = NONE_NEAR
        return looked, None
    looked.answer = saved.pk
    if looked.how != "exact":
        looked.why = _why_doubtful(looked, policy.errors)
    if saved.state == SavedAnswer.State.WAITING:
        looked.why = looked.why or WAITS
    return looked, saved


def _exactly(looked: Looked, standing: SavedAnswerQuerySet, found: Found) -> SavedAnswer | None:
    """An answer to the very same question; of several one that today's documents bear out, where there is one."""
    same = standing.filter(questions__key=looked.key).distinct().prefetch_related("sources")
    best = list(same.order_by("-is_pinned", "state", "-created_at")[:OF_A_KEY])
    if best:
        looked.how = "exact"
    return next((saved for saved in best if not _why_not_borne_out(saved, found)), best[0] if best else None)


def _alike(looked: Looked, standing: SavedAnswerQuerySet) -> SavedAnswer | None:
    """The answer that most of the nearest questions have."""
    near = nearest(standing, looked.meaning, count=NEIGHBOURS)
    neighbours = [Neighbour(one.answer_id, cosine, frozenset(one.words)) for one, cosine in near]
    candidate = candidate_among(neighbours, telling_words(looked.question))
    if candidate is None:
        return None
    its = [one for one, _ in near if one.answer_id == candidate.answer]
    looked.features = candidate.features.tolist()
    looked.known = [one.signature for one in its]
    looked.how = "approved" if its[0].answer.approved_by_id else "alike"
    return its[0].answer


def _why_doubtful(looked: Looked, errors: float) -> str:
    """Why the question may ask for something else than those near it; empty if nothing says so."""
    known = [Signature.from_json(one) for one in looked.known]
    alike = likeness(analyse(looked.question), known)
    if alike.objection:
        looked.features = []  # whatever it was, nothing is to be learned from it
        return f"differs: {alike.objection}"[:60]
    looked.features += alike.features
    acceptance = learned_for(looked.meaning.model, errors)
    if acceptance is None:
        return LITTLE_LEARNED
    looked.expected_error = acceptance.error(looked.features)
    return "" if acceptance.accepts(looked.features) else "not certain enough"


def _why_not_borne_out(saved: SavedAnswer, found: Found) -> str:
    """Why today's documents do not bear the answer out; empty if they do.

    The search has to find what the answer cites, and nothing better than what was known when it was written.
    """
    now = [passage.chunk_id for passage in found.passages]
    sources = {source.number: source.chunk_id for source in saved.sources.all()}
    if not sources or not _numbers_in(saved.text) <= sources.keys():
        return "a source was deleted"  # with its document, or with an earlier version of it
    if not set(sources.values()) <= set(now):
        return "the search does not find its sources"
    return "" if now[0] in saved.found else SOMETHING_NEW


def _numbers_in(text: str) -> set[int]:
    return {int(number) for match in MARK.finditer(text) for number in re.findall(r"\d+", match[1])}


async def _why_checks_object(turn: Turn, saved: SavedAnswer) -> str:
    """The checks that every sentence of an answer passes, on the saved text with today's passages."""
    noted = len(turn.findings)
    try:
        checked = await guarding.guard_sentence(turn, saved.text)
    except guarding.Stopped:
        checked = ""
    if checked == saved.text:
        return ""
    del turn.findings[noted:]  # they are about a text that nobody sees
    return "a check would change it"


def _cited(saved: SavedAnswer, found: Found) -> tuple[Passage, ...]:
    """Today's passages in the order of the answer's citations."""
    by_chunk = {passage.chunk_id: passage for passage in found.passages}
    return tuple(by_chunk[source.chunk_id] for source in saved.sources.all() if source.chunk_id)

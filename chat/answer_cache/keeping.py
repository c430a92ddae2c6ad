"""What is kept behind a reply: how its look-up went, and the answer, where others may get it too."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils import timezone
from pgvector import HalfVector

from chat.answer_cache import flight
from chat.answer_cache.alike import analyse
from chat.answer_cache.askers import asker_of, independent
from chat.answer_cache.eligibility import why_not_saved
from chat.answer_cache.look_up import SOMETHING_NEW
from chat.answer_cache.sameness import MARK, says_the_same
from chat.assistant import SavedAnswers
from chat.context import Looked, Turn
from chat.grounding.figure_reading import claims_in
from chat.leaning import telling_words
from chat.models import Reply, SavedAnswer, SavedLookup, SavedQuestion, SavedSource
from knowledge.models import Chunk
from llm.models import Call

State = SavedAnswer.State
REFRESH_AFTER = 0.5  # of an answer's time


def keep(turn: Turn, end: dict[str, Any]) -> SavedAnswer | None:
    """Keep how the look-up of a turn went, and its answer if it may be saved. `end` is how the reply ended."""
    looked = turn.looked
    if looked is None:
        return None
    saved = None
    try:
        saved = _keep(turn, end, looked)
    finally:
        if looked.slot:
            served = looked.answer if looked.is_hit else None
            flight.land(looked.key, looked.slot, saved.pk if saved else served)
    return saved


def _keep(turn: Turn, end: dict[str, Any], looked: Looked) -> SavedAnswer | None:
    lookup = _kept_lookup(turn, looked)
    if looked.is_hit and looked.answer:
        SavedAnswer.objects.filter(pk=looked.answer).update(hits=F("hits") + 1)
        _want_check(lookup, turn.version.assistant.saved_answers.checked)
        return None
    if why := why_not_saved(turn, end):
        SavedLookup.objects.filter(pk=lookup.pk).update(why=f"{looked.why}; {why}"[:60])
        return None
    with transaction.atomic():
        return _save(turn, end, looked, lookup, asker_of(turn.viewer, turn.address))


def _want_check(lookup: SavedLookup, share: float) -> None:
    """Have a share of the hits answered anew, and every one on an answer that is half through its time."""
    saved = lookup.answer
    is_due = saved is not None and saved.refresh_at <= timezone.now()
    if saved and (is_due or random.random() < share):  # noqa: S311 (a sample, no secret)
        SavedLookup.objects.filter(pk=lookup.pk).update(is_check_wanted=True)


def _kept_lookup(turn: Turn, looked: Looked) -> SavedLookup:
    return SavedLookup.objects.create(
        answer=SavedAnswer.objects.filter(pk__in=_known(looked)).first(),
        reply=turn.id,
        question=looked.question,
        embedding_model=looked.meaning.model,
        outcome=SavedLookup.Outcome.HIT if looked.is_hit else SavedLookup.Outcome.MISS,
        why=looked.why[:60],
        how=looked.how,
        features=looked.features,
        expected_error=looked.expected_error,
        ms=looked.ms,
    )


def _known(looked: Looked) -> list[uuid.UUID]:
    return [looked.answer] if looked.answer else []


def _save(turn: Turn, end: dict[str, Any], looked: Looked, lookup: SavedLookup, asker: str) -> SavedAnswer:
    """The nearest answer, which one more customer was given afresh; or a new one, which waits."""
    policy = turn.version.assistant.saved_answers
    near = _found_before(looked)
    is_same = says_the_same(end["text"], _cited(turn), near) if near else None
    if looked.how != "exact":
        SavedLookup.objects.filter(pk=lookup.pk).update(is_right=is_same)
    elif near and is_same is False and looked.why == SOMETHING_NEW:
        doubt_answer(near, "documents changed near it, and it came out differently")
    saved = near if near and is_same else _same_of_key(turn, end, looked) or _new(turn, end, looked, policy)
    SavedQuestion.objects.get_or_create(
        answer=saved,
        key=looked.key,
        asker=asker,
        defaults={
            "text": looked.question,
            "words": sorted(telling_words(looked.question)),
            "signature": analyse(looked.question).as_json(),
            "embedding_model": looked.meaning.model,
            "vector": HalfVector.from_text(looked.meaning.vector),
        },
    )
    _admit(saved, policy)
    return saved


def _found_before(looked: Looked) -> SavedAnswer | None:
    known = SavedAnswer.objects.select_for_update().filter(pk__in=_known(looked))
    return known.prefetch_related("sources").first()


def _same_of_key(turn: Turn, end: dict[str, Any], looked: Looked) -> SavedAnswer | None:
    """Another answer to the very same question that says the same, as after a change of documents."""
    others = SavedAnswer.objects.fresh().filter(questions__key=looked.key).distinct().prefetch_related("sources")
    return next((other for other in others if says_the_same(end["text"], _cited(turn), other)), None)


def _admit(saved: SavedAnswer, policy: SavedAnswers) -> None:
    """Let others have it once enough customers, each by himself, were answered the same."""
    customers = independent(saved.questions.values_list("asker", flat=True))
    if saved.state == State.WAITING and customers >= policy.customers:
        waiting = SavedAnswer.objects.filter(pk=saved.pk, state=State.WAITING)
        waiting.update(state=State.SERVED, reason=f"{customers} customers were answered the same")


def _new(turn: Turn, end: dict[str, Any], looked: Looked, policy: SavedAnswers) -> SavedAnswer:
    refresh_at, expires_at = times_of(end["text"], policy)
    spent = Call.objects.filter(turn=turn.id, purpose="answer").aggregate(cost=Sum("cost_microdollars"))
    saved = SavedAnswer.objects.create(
        readable=looked.scope.readable,
        language=looked.scope.language,
        assistant=looked.scope.assistant,
        question=looked.question,
        text=end["text"],
        found=[passage.chunk_id for passage in turn.passages],
        reply=Reply.objects.filter(pk=turn.id).first(),
        model=end.get("model", ""),
        took_ms=_written_in(turn),
        cost_microdollars=spent["cost"],
        refresh_at=refresh_at,
        expires_at=expires_at,
    )
    _keep_sources(saved, turn)
    return saved


def _written_in(turn: Turn) -> int:
    """Milliseconds from the look-up's end to the turn's: what a hit does without."""
    steps = turn.receipt.steps
    looked = max((_end(step) for step in steps if step["step"] == "saved answers"), default=0)
    return max(0, max(map(_end, steps), default=0) - looked)


def _end(step: dict[str, Any]) -> int:
    return int(step["at_ms"] + step.get("ms", 0))


def times_of(text: str, policy: SavedAnswers) -> tuple[datetime, datetime]:
    """From when an answer is to be checked at its next hit, and when it ends. Figures change more often than words."""
    has_figures = bool(claims_in(MARK.sub("", text)))
    holds = timedelta(days=policy.days_of_figures if has_figures else policy.days)
    return timezone.now() + holds * REFRESH_AFTER, timezone.now() + holds


def _keep_sources(saved: SavedAnswer, turn: Turn) -> None:
    chunks = Chunk.objects.select_related("version").in_bulk(_cited(turn))  # one that is gone leaves its number unkept
    SavedSource.objects.bulk_create(
        SavedSource(
            answer=saved,
            number=number,
            chunk=chunks[chunk],
            version=chunks[chunk].version,
            document_id=chunks[chunk].version.document_id,
        )
        for number, chunk in enumerate(_cited(turn), start=1)
        if chunk in chunks
    )


def _cited(turn: Turn) -> list[int]:
    return [passage.chunk_id for passage in turn.cited]


def doubt_answer(saved: SavedAnswer, why: str) -> bool:
    """Take an answer out. False when a person holds it good."""
    there = SavedAnswer.objects.filter(pk=saved.pk, is_pinned=False, state__in=[State.WAITING, State.SERVED])
    return bool(there.update(state=State.QUARANTINED, reason=why[:200]))


def doubt(reply: Reply, why: str) -> bool:
    """Take the answer out at once that a reply was served, or that was saved from it: a customer did not like it.

    False when there is none, or a person holds it good.
    """
    its = SavedAnswer.objects.filter(Q(pk=reply.saved_answer_id) | Q(reply=reply), is_pinned=False)
    there = its.filter(state__in=[State.WAITING, State.SERVED])
    return bool(there.update(state=State.QUARANTINED, reason=why[:200]))

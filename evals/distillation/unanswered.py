"""Questions of customers that got no answer, or one that they disliked: what the strong model may write from again.

Personal data is masked before anything is looked at. Whether documents now have something is a search made anew.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from chat.context import Exchange
from chat.leaning import joined
from chat.models import Feedback, Reply
from chat.privacy.masks import redact
from evals.answers import Answer
from evals.cases import VIEWERS, Case
from evals.datasets.from_replies import suggestion_from
from evals.distillation.collecting.replies import Rules
from evals.distillation.options import Options
from evals.models import TrainingQuestion
from evals.online.turns import answer_of
from evals.reading.behaviour import behaviour_of
from evals.reading.turns import turn_of
from knowledge.access import Audience
from knowledge.search import Found, search
from llm.database import in_database

LOOKED_AT = 500  # replies, the latest first
PASSAGES = 6
LONGEST = 1_000  # characters of a question


def candidates(days: int) -> list[Reply]:
    """Replies of so many days that were disliked, or that may have said they do not know: the last to their question,
    each once. None from which a question or a case was made already, nor of customers who object to it."""
    since = timezone.now() - timedelta(days=days)
    later = Reply.objects.filter(question=OuterRef("question"), variant__gt=OuterRef("variant"))
    written = TrainingQuestion.objects.filter(reply=OuterRef("pk"))
    disliked = Q(feedback__verdict=Feedback.Verdict.DOWN)
    uncited = Q(sources=None, stopped_by="", handed_over=False, saved_answer=None)
    found = Reply.objects.filter(disliked | uncited, status=Reply.Status.DONE, created_at__gte=since)
    found = found.filter(~Exists(later), ~Exists(written)).exclude(feedback__verdict=Feedback.Verdict.UP)
    rules = Rules(Options())
    found = found.exclude(conversation__customer__in=rules.objectors).exclude(question__in=rules.golden_questions)
    rows = found.select_related("question__conversation__customer", "feedback").order_by("-created_at")
    return list(rows.distinct()[:LOOKED_AT])


async def was_not_answered(reply: Reply) -> bool:
    """Whether the customer disliked it, or it says that it does not know."""
    if await in_database(_is_disliked, reply):
        return True
    case, answer = await in_database(_as_read, reply)
    heard = behaviour_of(await turn_of(case, answer), answer)
    return heard is not None and heard.behaviour == "unknown" and not heard.goes_on


def asked_in(reply: Reply) -> tuple[str, Audience]:
    """What was asked, standing by itself and masked, and as whom it may be asked again."""
    case = suggestion_from(reply).case
    understood = reply.receipt.get("inputs", {}).get("understood") or {}
    standalone = redact(str(understood.get("standalone") or ""))
    history = [Exchange(said.question, said.reply) for said in case.history]
    audience = case.audience if case.audience in settings.EVALS_TRAINING_AUDIENCES else Audience.PUBLIC
    return (standalone or joined(case.question, history))[:LONGEST], audience


async def found_now(asked: str, audience: Audience) -> Found:
    """What documents have for it today, as the audience may read them."""
    return await search(asked, viewer=VIEWERS[audience], top_k=PASSAGES)


def _is_disliked(reply: Reply) -> bool:
    return Feedback.objects.filter(reply=reply, verdict=Feedback.Verdict.DOWN).exists()


def _as_read(reply: Reply) -> tuple[Case, Answer]:
    return suggestion_from(reply).case, answer_of(reply)

"""Good answers of the strong model: replies that were approved, saved answers that a person approved, and questions
that it wrote itself, once they were approved.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from chat.models import Feedback, Reply, SavedAnswer
from evals.distillation.approvals import BY_PEOPLE, OF_TRUTH, Approval, Licences, approval_of, gradings_of
from evals.distillation.candidates import Candidate, Found, LeftOut
from evals.distillation.collecting import replies, written
from evals.distillation.options import Options
from evals.models import Grading, Result
from evals.models.runs import ResultQuerySet


def answers(options: Options, _grader: str) -> Found:
    """Whatever has a word for it: approved or not, every one comes out as a candidate or with a reason."""
    rules, licences = replies.Rules(options), Licences()
    yield from _of_cases(options)
    yield from _of_deleted(options)
    saved = _saved(options)
    for batch in replies.batches({*saved, *_liked(options), *_graded(options)}):
        looked_up = replies.with_lookups(batch)
        said = _said_of(batch)
        for reply in batch:
            approval = _approval(reply, said.get(reply.pk, ()), licences, is_saved=reply.pk in saved)
            yield _candidate(reply, approval, rules, looked_up)
    yield from written.answers(rules, licences)


def _candidate(
    reply: Reply, approval: Approval | str, rules: replies.Rules, looked_up: frozenset[UUID]
) -> Candidate | LeftOut:
    if isinstance(approval, str):
        return LeftOut(approval)
    why_not = replies.objection_to(reply, rules, looked_up) or replies.objection_to_teacher(reply)
    if why_not:
        return LeftOut(why_not)
    answer = replies.written_of(reply, reply.receipt["inputs"]["passages"])
    if answer is None:
        return LeftOut("lost_citation")
    common = replies.common_of(reply, rules)
    return Candidate(
        **common,
        good=answer,
        about=f"{common['asked'][0]}\n{answer}",
        approved=approval.words,
        rank=approval.rank,
        teachers=(reply.model,),
        origin={"kind": "reply", "reply": str(reply.pk)},
    )


def _approval(reply: Reply, said: Sequence[Grading], licences: Licences, *, is_saved: bool) -> Approval | str:
    if replies.is_disliked(reply):
        return "objected_to"
    found = approval_of(said, licences, is_liked=replies.is_liked(reply))
    if is_saved and found != "objected_to" and (isinstance(found, str) or found.rank < BY_PEOPLE):
        return Approval("people: saved answer", BY_PEOPLE)
    return found


def _saved(options: Options) -> frozenset[UUID]:
    """Replies that a saved answer was written in which a person has approved."""
    approved = SavedAnswer.objects.filter(state=SavedAnswer.State.SERVED).exclude(approved_by=None).exclude(reply=None)
    if options.since:
        approved = approved.filter(reply__created_at__date__gte=options.since)
    return frozenset(pk for pk in approved.values_list("reply", flat=True) if pk)


def _liked(options: Options) -> frozenset[UUID]:
    liked = Feedback.objects.filter(verdict=Feedback.Verdict.UP)
    if options.since:
        liked = liked.filter(reply__created_at__date__gte=options.since)
    return frozenset(liked.values_list("reply", flat=True))


def _graded(options: Options) -> frozenset[UUID]:
    found = _with_a_word_for_it(options).exclude(reply=None)
    return frozenset(pk for pk in found.values_list("reply", flat=True) if pk)


def _of_cases(options: Options) -> Found:
    """Answers to cases are never learned, however good: they are what the small model is measured by."""
    if count := _with_a_word_for_it(options).exclude(case=None).count():
        yield LeftOut("golden", count)


def _of_deleted(options: Options) -> Found:
    if count := _with_a_word_for_it(options).filter(case=None, reply=None).count():
        yield LeftOut("deleted", count)


def _with_a_word_for_it(options: Options) -> ResultQuerySet:
    counts = Q(is_current=True) | Q(review__isnull=False)
    words = Grading.objects.filter(counts, grader__in=OF_TRUTH, outcome=Grading.Outcome.SCORED, passed=True)
    found = Result.objects.filter(pk__in=words.filter(against=None).values("result"))
    return found.filter(created_at__date__gte=options.since) if options.since else found


def _said_of(batch: Sequence[Reply]) -> dict[UUID, list[Grading]]:
    """The words that count on each reply, from all runs that hold it."""
    rows = Result.objects.filter(reply__in=[reply.pk for reply in batch]).values_list("pk", "reply")
    of_result = {pk: reply for pk, reply in rows if reply}
    found: dict[UUID, list[Grading]] = {}
    for result, said in gradings_of(of_result).items():
        found.setdefault(of_result[result], []).extend(said)
    return found

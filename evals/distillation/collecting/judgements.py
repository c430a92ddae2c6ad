"""What people said of answers by a judge's rubric, as the verdicts that the judge should have written.

Only words that hold are taken: of two people alike, or of the third. The request is composed by the judge itself. A
person says a word and perhaps a reason; where a judge said the same word, its checked quotes and its reasoning are
taken too, if its model may teach.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from asgiref.sync import async_to_sync

from evals.cases import Case
from evals.distillation.approvals import BY_PEOPLE
from evals.distillation.asking import prompt_hash
from evals.distillation.candidates import Candidate, Found, LeftOut
from evals.distillation.collecting import replies
from evals.distillation.collecting.verdicts import verdict_of
from evals.distillation.options import Options
from evals.grading import Grader
from evals.judging.labels import labels_for
from evals.models import Dataset, Grading, Result
from evals.reading.judge import Composed, only_composing
from evals.reviewing.words import key_of, keys_of, rubrics
from evals.running.grades import case_of


def judgements(options: Options, grader: str) -> Found:
    """Every answer on which people's word holds, as a candidate or with a reason."""
    judge = rubrics()[grader]
    rules, labels = replies.Rules(options), labels_for(judge)
    wanted = sorted(labels.settled)
    for start in range(0, len(wanted), replies.A_BATCH):
        rows = Result.objects.filter(pk__in=wanted[start : start + replies.A_BATCH]).order_by("pk")
        if options.since:
            rows = rows.filter(created_at__date__gte=options.since)
        related = ("case__dataset", "reply__conversation", "reply__question")
        batch = list(rows.select_related(*related))
        said = _said_on(batch, judge)
        for result in batch:
            unit, word = labels.units[result.pk], labels.settled[result.pk]
            yield _candidate(judge, result, word, unit, said.get(result.pk, []), rules)


def is_kept_back(unit: str, options: Options) -> bool:
    """Whether a case is left for measuring agreement: by chance, the same for the same seed."""
    digest = sha256(f"{options.seed}:{unit}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 < options.measured


def _candidate(
    judge: Grader, result: Result, word: str, unit: str, said: list[Grading], rules: replies.Rules
) -> Candidate | LeftOut:
    if why_not := next(_objections(result, unit, word, judge, rules), ""):
        return LeftOut(why_not)
    case, answer = case_of(result), result.reading
    composed = async_to_sync(_composed)(judge, result, case)
    if composed is None:
        return LeftOut("not_asked")
    people = [one for one in said if one.is_human and _key(judge, one) == word and one.review_id]
    made = verdict_of(
        composed.returns, judge, word, people, [one for one in said if not one.is_human], answer, rules.options
    )
    if isinstance(made, str):
        return LeftOut(made)
    messages = tuple(composed.messages)
    return Candidate(
        messages=messages,
        good=made.text,
        asked=(case.question, *(one.question for one in case.history)),
        about=f"{case.question}\n{answer.text}",
        label=word,
        approved=f"people: {judge.name}",
        rank=BY_PEOPLE,
        teachers=made.teachers,
        at=result.created_at,
        origin={"kind": "judged", "result": result.pk, "unit": unit, "word": word, "reasoning": made.by},
        group=f"case {unit}",
        owner=replies.owner_of_conversation(result.reply.conversation) if result.reply else "",
        language=case.language,
        topic=answer.passages[0].title if answer.passages else "",
        prompt=prompt_hash(messages),
        typed=(result.reply.question.text,) if result.reply else (),
        reply=result.reply_id,
    )


async def _composed(judge: Grader, result: Result, case: Case) -> Composed | None:
    """What the judge would be asked; None where it would not ask a model."""
    with only_composing():
        try:
            await judge(case, result.reading)
        except Composed as composed:
            return composed
    return None


def _objections(result: Result, unit: str, word: str, judge: Grader, rules: replies.Rules) -> Iterator[str]:
    """All that speaks against teaching a judge by this answer."""
    if result.case is None and result.reply is None:
        yield "deleted"
    if result.reply and result.reply.conversation.customer_id in rules.objectors:
        yield "objected"
    is_calibration = result.case is not None and result.case.dataset.purpose == Dataset.Purpose.CALIBRATION
    if is_calibration or is_kept_back(unit, rules.options):
        yield "calibration"
    if word not in keys_of(judge):
        yield "unknown_word"
    if result.reply and result.reading.lookups:
        yield "tools"
    if why_not := rules.library.objection_to(one.document for one in result.reading.passages if one.document):
        yield why_not


def _said_on(batch: list[Result], judge: Grader) -> dict[int, list[Grading]]:
    """What people and the judge said of each, the latest last."""
    rows = Grading.objects.filter(result__in=batch, grader=judge.name, against=None, outcome=Grading.Outcome.SCORED)
    found: dict[int, list[Grading]] = {}
    for one in rows.order_by("pk"):
        found.setdefault(one.result_id, []).append(one)
    return found


def _key(judge: Grader, said: Grading) -> str:
    return key_of(judge, said.label, said.points, said.passed)

"""Questions that the strong model wrote, and replies that a person corrected: with the answer that was approved, and of
a corrected one with the answer that it replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chat.assistant import Version
from chat.privacy.masks import redact
from chat.recording import can_be_rebuilt, rebuild
from chat.versions.states import Refused as NoSuchVersion
from chat.versions.states import live_version, version_named
from evals.answers import Answer
from evals.distillation.approvals import BY_JUDGE, BY_PEOPLE, CORRECTED, OF_TRUTH, Approval, Licences
from evals.distillation.asking import Request, as_written, numbers_by_chunk, prompt_hash, request_of, turn_of_answer
from evals.distillation.candidates import Candidate, Found, LeftOut
from evals.distillation.collecting import replies
from evals.models import TrainingQuestion

PEOPLE = "people"
CORRECTION = "corrected"
OF_A_REPLY = ("unanswered", CORRECTION)  # sources that are a customer's words


def answers(rules: replies.Rules, licences: Licences) -> Found:
    """The approved ones, each as a candidate or with a reason."""
    for question in _approved(rules):
        yield _candidate(question, rules, licences)


def corrections(rules: replies.Rules) -> Found:
    """The corrected answer over the one that it replaced."""
    for question in _approved(rules):
        if question.draft.strip() and question.draft.strip() != question.reading.text.strip():
            yield _pair(question, rules)


def _approved(rules: replies.Rules) -> Iterator[TrainingQuestion]:
    rows = TrainingQuestion.objects.filter(state=TrainingQuestion.State.APPROVED).order_by("pk")
    if rules.options.since:
        rows = rows.filter(created_at__date__gte=rules.options.since)
    related = ("reply__conversation", "reply__question")
    yield from rows.select_related(*related).iterator(chunk_size=replies.A_BATCH)


def _candidate(question: TrainingQuestion, rules: replies.Rules, licences: Licences) -> Candidate | LeftOut:
    answer = question.reading
    approval = _approval(question, licences)
    if isinstance(approval, str):
        return LeftOut(approval)
    if why_not := next(_objections(question, answer, rules), ""):
        return LeftOut(why_not)
    if question.draft.strip() and question.draft != answer.text:
        return _made(question, answer, rules, approval=Approval("people: corrected", CORRECTED), teachers=(PEOPLE,))
    if answer.alias != replies.TEACHER:
        return LeftOut("not_teacher")
    return _made(question, answer, rules, approval=approval, teachers=(answer.model,))


def _pair(question: TrainingQuestion, rules: replies.Rules) -> Candidate | LeftOut:
    answer = question.reading
    if question.approved_by_id is None:
        return LeftOut("not_confirmed")
    if why_not := next(_objections(question, answer, rules), ""):
        return LeftOut(why_not)
    approval = Approval("people: corrected", CORRECTED)
    return _made(question, answer, rules, approval=approval, teachers=(PEOPLE, answer.model), worse=question.draft)


def _approval(question: TrainingQuestion, licences: Licences) -> Approval | str:
    if question.approved_by_id is not None:
        return Approval("people: training question", BY_PEOPLE)
    said: Mapping[str, Mapping[str, Any]] = question.grades
    content = [name for name, one in said.items() if one.get("passed") and not one.get("is_demo")]
    approving = [name for name in content if name in OF_TRUTH]
    licensed = [name for name in approving if licences.may_gate(name, str(said[name].get("version", "")))]
    return Approval(f"judges: {', '.join(sorted(licensed))}", BY_JUDGE) if licensed else "unlicensed_judge"


def _objections(question: TrainingQuestion, answer: Answer, rules: replies.Rules) -> Iterator[str]:
    """All that speaks against learning this answer."""
    if answer.served_by != "model" or answer.stopped_by or answer.hands_over or answer.steered:
        yield "guardrail"
    if answer.finish_reason != "stop" or not answer.text.strip():
        yield "unfinished"
    if not answer.model:
        yield "no_model"
    if replies.is_demo(answer.model) and not rules.options.allow_demo:
        yield "demo"
    if answer.lookups or answer.proposed:
        yield "tools"
    if not any(source.number for source in answer.passages):
        yield "uncited"
    if why_not := _objection_to_reply(question, rules):
        yield why_not
    if why_not := rules.library.objection_to(source.document for source in answer.passages):
        yield why_not


def _objection_to_reply(question: TrainingQuestion, rules: replies.Rules) -> str:
    """Of the reply that it corrects, or that left open what it asks."""
    reply = question.reply
    if reply is None:
        return "deleted" if question.source in OF_A_REPLY else ""
    if reply.conversation.customer_id in rules.objectors:
        return "objected"
    return "golden" if reply.question_id in rules.golden_questions else ""


def _made(
    question: TrainingQuestion,
    answer: Answer,
    rules: replies.Rules,
    *,
    approval: Approval,
    teachers: tuple[str, ...],
    worse: str = "",
) -> Candidate | LeftOut:
    asked = redact(question.question)
    request, numbers = _asked_for(question, answer, rules)
    good, bad = as_written(answer.text, numbers), as_written(worse, numbers)
    if good is None or bad is None:
        return LeftOut("lost_citation")
    reply = question.reply
    return Candidate(
        messages=request.messages,
        tools=request.tools,
        good=good,
        bad=bad,
        asked=(asked,),
        about=f"{asked}\n{good}",
        approved=approval.words,
        rank=approval.rank,
        teachers=teachers,
        at=question.created_at,
        origin={"kind": "corrected" if question.draft else "written", "question": question.pk},
        group=f"question {question.cluster}" if question.cluster else "",
        owner=replies.owner_of(reply) if reply else "",
        language=question.language,
        topic=next((source.title for source in answer.passages if source.number), ""),
        prompt=prompt_hash(request.messages),
        typed=(reply.question.text,) if reply else (),
        reply=reply.pk if reply else None,
    )


def _asked_for(question: TrainingQuestion, answer: Answer, rules: replies.Rules) -> tuple[Request, dict[int, int]]:
    """The request, and the place in it, from 1, of each passage by the number that the answer shows.

    Of a corrected reply it is the one that its receipt keeps.
    """
    reply = question.reply if question.source == CORRECTION else None
    version = rules.version(reply) if reply else None
    inputs = (reply.receipt.get("inputs") or {}) if reply else {}
    if version and can_be_rebuilt(inputs):
        cited = {source.number: source.chunk for source in answer.passages if source.number}
        given = [one["chunk_id"] for one in inputs["passages"]]
        return request_of(rebuild(inputs, version)), numbers_by_chunk(cited, given)
    turn, sources = turn_of_answer(redact(question.question), answer, _version_of(answer.assistant))
    return request_of(turn), {one.number: sources.index(one) + 1 for one in answer.passages if one.number}


def _version_of(label: str) -> Version:
    """The version that answered; the live one where it is not there any more."""
    try:
        return version_named(label.partition(" ")[0]) if label else live_version()
    except NoSuchVersion:
        return live_version()

"""A real turn as graders read it: what was known when it was asked, and what was answered, personal data masked."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from chat.models import Reply
from chat.models import Source as Cited
from chat.privacy.masks import redact
from chat.recording import rounds_of
from evals.answers import Answer, LookedUp, Source
from evals.cases import Case, Said
from evals.models import Result, Run
from evals.running.asking import spent_on
from knowledge.access import Audience
from knowledge.languages import language_of
from knowledge.models import Document
from llm.cleaning import clean_json, each_text
from llm.models import Call

LONGEST_QUESTION, LONGEST_REPLY = 4_000, 16_000  # characters, as a case takes them
TAG = "real turn"


def result_of(reply: Reply, run: Run, *, weight: float) -> Result:
    """The row that keeps a real turn among the results of a run, not stored yet. Sync: it reads sources and ledger."""
    answer = answer_of(reply)
    receipt = each_text(reply.receipt, redact) | {"case": _case(reply).model_dump(mode="json")}
    return Result(
        run=run,
        reply=reply,
        question=redact(reply.question.text),
        weight=weight,
        turn=reply.pk,
        text=answer.text,
        answer=clean_json(answer.as_json()),
        receipt=clean_json(receipt),
        served_by=answer.served_by[:40],
        model=answer.model,
        first_word_ms=round(answer.first_word_after * 1000),
        ms=round(answer.whole_after * 1000),
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        cost_microdollars=None if answer.dollars is None else round(answer.dollars * 1_000_000),
        created_at=reply.created_at,
    )


def answer_of(reply: Reply) -> Answer:
    """The reply as graders read it. What the model was given comes from its receipt, citations from its sources."""
    inputs = reply.receipt.get("inputs", {})
    passages = _passages(inputs, list(reply.sources.select_related("document")))
    cited = [passage for passage in passages if passage.number]
    lookups = [lookup for round_ in rounds_of(inputs) for lookup in round_.lookups]
    return Answer(
        redact(reply.text),
        cited=_each_once(cited),
        found=_each_once(passages),
        finish_reason=reply.finish_reason,
        model=reply.model,
        limited="words" if reply.limited_search else "",
        first_word_after=_first_word_after(reply),
        whole_after=_whole_after(reply),
        alias=inputs.get("alias", ""),
        passages=passages,
        lookups=tuple(LookedUp(one.tool, one.arguments, one.result, one.failed) for one in lookups),
        proposed=tuple(reply.actions.values_list("tool", flat=True)),
        stopped_by=reply.stopped_by,
        hands_over=reply.handed_over,
        steered=redact(reply.steered),
        language=_language(inputs),
        findings=_findings(reply),
        served_by=_served_by(reply),
        assistant=inputs.get("version", ""),
        **spent_on([reply.pk]),
    )


def _case(reply: Reply) -> Case:
    inputs = reply.receipt.get("inputs", {})
    question = redact(reply.question.text)[:LONGEST_QUESTION]
    said = [Said(question=q[:LONGEST_QUESTION], reply=a[:LONGEST_REPLY]) for q, a in inputs.get("history", ()) if q]
    is_customer = reply.conversation.customer_id is not None
    return Case(
        id=f"turn-{reply.pk.hex}",
        question=question or "…",
        history=tuple(said[-20:]),
        language=_language(inputs) or language_of(question) or "en",
        audience=Audience.CUSTOMERS if is_customer else Audience.PUBLIC,
        tags=(TAG,),
    )


def _findings(reply: Reply) -> tuple[dict[str, Any], ...]:
    said = reply.findings.exclude(action="allow").values("guardrail", "reads", "action", "reason")
    return tuple(dict(finding) for finding in said)


def _served_by(reply: Reply) -> str:
    if reply.stopped_by:
        return "guardrail"
    if reply.saved_at:
        return "saved answer"
    return "model" if reply.model else "nothing"


def _language(inputs: dict[str, Any]) -> str:
    return str((inputs.get("understood") or {}).get("language") or "")


def _passages(inputs: dict[str, Any], cited: Sequence[Cited]) -> tuple[Source, ...]:
    """The passages that the answer cites, by their numbers, and then the others that the model was given."""
    given = [*inputs.get("passages", ()), *(one for round_ in inputs.get("rounds", ()) for one in round_["passages"])]
    known = {one["chunk_id"]: one for one in given}
    for source in cited:
        known.pop(source.chunk_id, None)
    names = _file_names({one["document_id"] for one in known.values()})
    return (*(_cited(source) for source in cited), *(_given(one, names) for one in known.values()))


def _cited(source: Cited) -> Source:
    return Source(
        source.document.name if source.document else "",
        source.title,
        source.text,
        source.number,
        source.place,
        source.chunk_id,
        str(source.document_id or ""),
        source.version_number,
        source.score,
    )


def _given(kept: dict[str, Any], names: dict[str, str]) -> Source:
    return Source(
        names.get(kept["document_id"], ""),
        kept.get("title", ""),
        kept.get("text", ""),
        place=kept.get("heading", ""),
        chunk=kept["chunk_id"],
        document=kept["document_id"],
        version=kept.get("version_number", 0),
        score=kept.get("score", 0.0),
    )


def _file_names(ids: set[str]) -> dict[str, str]:
    found = Document.objects.filter(id__in=[uuid.UUID(one) for one in ids]).values_list("id", "name")
    return {str(pk): name for pk, name in found}


def _each_once(passages: Sequence[Source]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(passage.name for passage in passages if passage.name))


def _whole_after(reply: Reply) -> float:
    """Seconds, by the receipt's own clock; by the row's where there is no step."""
    ends = [step["at_ms"] + step.get("ms", 0) for step in reply.receipt.get("steps", ())]
    if ends:
        return float(max(ends)) / 1000
    return (reply.ended_at - reply.created_at).total_seconds() if reply.ended_at else 0.0


def _first_word_after(reply: Reply) -> float:
    """Seconds: when the first call of the model began, and what that call took to its first token."""
    step = next((step for step in reply.receipt.get("steps", ()) if step.get("call")), None)
    call = Call.objects.filter(pk=step["call"]).first() if step else None
    return (step["at_ms"] + (call.first_token_ms or 0)) / 1000 if step and call else 0.0

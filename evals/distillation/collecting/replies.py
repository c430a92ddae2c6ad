"""Replies to customers, with all that tells whether they may be learned from. Read a batch at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model

from chat.assistant import Version
from chat.models import Conversation, Feedback, Finding, Reply
from chat.recording import can_be_rebuilt, rebuild
from chat.versions.states import version_of
from evals.distillation.asking import as_written, numbers_by_chunk, prompt_hash, request_of
from evals.distillation.documents import Library
from evals.distillation.options import Options
from evals.models import CaseRevision
from knowledge.languages import language_of

A_BATCH = 200
TEACHER = "strong"
DEMO = "demo-"  # models of the stand-in are called so
OBJECTED = "evals.not_learned_from"


@dataclass
class Rules:
    """What is asked once for a whole set."""

    options: Options
    library: Library = field(default_factory=Library)
    versions: dict[int, Version] = field(default_factory=dict)

    @cached_property
    def objectors(self) -> frozenset[int]:
        """Customers whose conversations are not to be learned from."""
        backend = "django.contrib.auth.backends.ModelBackend"
        people = get_user_model().objects.with_perm(OBJECTED, include_superusers=False, backend=backend)
        return frozenset(people.values_list("pk", flat=True))

    @cached_property
    def golden_questions(self) -> frozenset[UUID]:
        """Questions of customers that a case was made of."""
        made = CaseRevision.objects.exclude(reply=None)
        return frozenset(made.values_list("reply__question", flat=True))

    def version(self, reply: Reply) -> Version | None:
        row = reply.version
        if row is None:
            return None
        if row.pk not in self.versions:
            self.versions[row.pk] = version_of(row)
        return self.versions[row.pk]


def batches(ids: Iterable[UUID]) -> Iterator[list[Reply]]:
    """The replies of these ids, by time, with all that is read of them."""
    wanted = list(ids)
    order = dict(Reply.objects.filter(pk__in=wanted).values_list("pk", "created_at"))
    known = sorted(order, key=lambda pk: (order[pk], pk))
    related = ("question", "conversation", "version", "feedback")
    for start in range(0, len(known), A_BATCH):
        rows = Reply.objects.filter(pk__in=known[start : start + A_BATCH]).select_related(*related)
        rows = rows.prefetch_related("sources", "findings", "actions", "conversation__questions")
        found = {row.pk: row for row in rows}
        yield [found[pk] for pk in known[start : start + A_BATCH] if pk in found]


def with_lookups(replies: Collection[Reply]) -> frozenset[UUID]:
    """Conversations of these replies in which something was looked up for the customer."""
    ids = {reply.conversation_id for reply in replies}
    found = Reply.objects.filter(conversation__in=ids).exclude(lookups=[])
    return frozenset(found.values_list("conversation", flat=True))


def is_liked(reply: Reply) -> bool:
    return _verdict(reply) == Feedback.Verdict.UP


def is_disliked(reply: Reply) -> bool:
    return _verdict(reply) == Feedback.Verdict.DOWN


def is_demo(model: str) -> bool:
    return model.startswith(DEMO)


def objection_to(reply: Reply, rules: Rules, looked_up: Collection[UUID]) -> str:
    """Why nothing is learned from a conversation's reply, whoever approved it; empty where it may be."""
    return next(_objections(reply, rules), "") or next(_objections_to_inputs(reply, rules, looked_up), "")


def _objections(reply: Reply, rules: Rules) -> Iterator[str]:
    if reply.conversation.customer_id in rules.objectors:
        yield "objected"
    if reply.question_id in rules.golden_questions:
        yield "golden"
    if reply.saved_at:
        yield "saved_answer"
    if was_guarded(reply):
        yield "guardrail"
    if reply.status != Reply.Status.DONE or not reply.text.strip():
        yield "unfinished"
    if not reply.model:
        yield "no_model"
    if is_demo(reply.model) and not rules.options.allow_demo:
        yield "demo"


def _objections_to_inputs(reply: Reply, rules: Rules, looked_up: Collection[UUID]) -> Iterator[str]:
    inputs, version = reply.receipt.get("inputs") or {}, rules.version(reply)
    if version is None or not can_be_rebuilt(inputs) or inputs["version"] != version.label:  # a draft changes
        yield "no_receipt"
    elif inputs["rounds"] or reply.conversation_id in looked_up or reply.actions.all():
        yield "tools"
    elif inputs["draft"]:
        yield "continued"
    elif why_not := rules.library.objection_to(one["document_id"] for one in inputs["passages"]):
        yield why_not


def objection_to_teacher(reply: Reply) -> str:
    """Why a reply is no model of a good answer, though it may stand beside one as the worse; empty where it is."""
    if reply.finish_reason != "stop":
        return "unfinished"
    if reply.receipt["inputs"].get("alias") != TEACHER:
        return "not_teacher"
    return "" if reply.sources.all() else "uncited"


def was_guarded(reply: Reply) -> bool:
    """Whether a guardrail refused, handed over, steered the question or changed the text."""
    findings = [one for one in reply.findings.all() if one.action != Finding.Action.ALLOW]
    is_changed = any(one.reads != "question" or one.action != Finding.Action.REWRITE for one in findings)  # or masked
    return bool(reply.stopped_by or reply.handed_over or reply.steered or is_changed)


def written_of(reply: Reply, passages: Sequence[Mapping[str, Any]]) -> str | None:
    """The reply as the model wrote it for these passages; None where it cites another one."""
    shown = reply.receipt["inputs"].get("written") or reply.text
    cited = {source.number: source.chunk_id for source in reply.sources.all()}
    return as_written(shown, numbers_by_chunk(cited, [one["chunk_id"] for one in passages]))


def common_of(reply: Reply, rules: Rules) -> dict[str, Any]:
    """The fields of a candidate that a reply gives, whatever is learned of it."""
    inputs = reply.receipt["inputs"]
    version = rules.version(reply)
    assert version  # noqa: S101 (checked by `objection_to`)
    request = request_of(rebuild(inputs, version))
    understood = inputs.get("understood") or {}
    sources = list(reply.sources.all())
    return {
        "messages": request.messages,
        "tools": request.tools,
        "asked": (inputs["asked"], inputs["question"], *(said[0] for said in inputs["history"])),
        "at": reply.created_at,
        "group": f"conversation {reply.conversation_id}",
        "owner": owner_of(reply),
        "language": understood.get("language") or language_of(inputs["question"]) or "",
        "topic": sources[0].title if sources else "",
        "prompt": prompt_hash(request.messages),
        "typed": tuple(one.text for one in reply.conversation.questions.all()),
        "reply": reply.pk,
    }


def owner_of(reply: Reply) -> str:
    return owner_of_conversation(reply.conversation)


def owner_of_conversation(conversation: Conversation) -> str:
    """Tells customers and visitors apart, and says nothing of them."""
    whose = f"customer {conversation.customer_id}" if conversation.customer_id else f"visitor {conversation.visitor}"
    return sha256(whose.encode()).hexdigest()[:16]


def _verdict(reply: Reply) -> str:
    feedback: Feedback | None = getattr(reply, "feedback", None)
    return feedback.verdict if feedback else ""

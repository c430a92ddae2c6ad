"""A case made from a real turn: what was asked and said before, with personal data masked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.text import slugify

from chat.memory import history_of
from chat.models import Feedback, Reply
from chat.privacy.masks import redact
from evals.cases import Behaviour, Case, Said
from evals.models import CaseRevision, Dataset
from knowledge.access import Audience, Viewer
from knowledge.languages import likeliest_language
from knowledge.models import Document

LANGUAGES = frozenset({"en", "es", "zh", "fr", "de", "pt", "it"})
CITATION = re.compile(r"\s?\[\d{1,3}\]")
ID_WORDS = 50  # characters


@dataclass(frozen=True)
class Suggestion:
    """A case as the turn suggests it, and the customer's comment on the reply, masked."""

    case: Case
    reply: str
    comment: str = ""
    verdict: str = ""


def suggestion_from(reply: Reply) -> Suggestion:
    """What a person then corrects. A reply that was liked is its own expert answer; of another one nobody knows yet."""
    feedback = Feedback.objects.filter(reply=reply).first()
    verdict = feedback.verdict if feedback else ""
    said, question = redact(reply.text)[:16_000], redact(reply.question.text)[:4_000]
    is_good = verdict == Feedback.Verdict.UP
    expects = _expects(reply, verdict)
    case = Case(
        id=_id(question, reply),
        question=question,
        history=_before(reply),
        language=_language(reply, question),
        audience=_audience(reply),
        expects=expects,
        expected_sources=_sources(reply) if expects == "answer" else (),
        expert_answer=CITATION.sub("", said)[:8_000] if is_good else "",
        tags=("from-feedback", f"thumbs-{verdict}") if verdict else ("from-conversation",),
    )
    return Suggestion(case, said, redact(feedback.comment) if feedback else "", verdict)


def likely_set(viewer: Viewer) -> Dataset | None:
    """Where the last case from a turn went; before there is one, a set of what went wrong, or of what must work."""
    last = CaseRevision.objects.visible_to(viewer).filter(origin=CaseRevision.Origin.REPLY, dataset__archived_at=None)
    if row := last.select_related("dataset").order_by("-pk").first():
        return row.dataset
    sets = {one.purpose: one for one in Dataset.objects.visible_to(viewer).filter(archived_at=None).order_by("-pk")}
    return sets.get(Dataset.Purpose.REGRESSION) or sets.get(Dataset.Purpose.GOLDEN)


def _id(question: str, reply: Reply) -> str:
    """Made of words that are masked already; the same for the same reply."""
    return f"{slugify(question)[:ID_WORDS].strip('-') or 'reply'}-{reply.pk.hex[:6]}"


def _before(reply: Reply) -> tuple[Said, ...]:
    """What the model was told of the conversation, without its summary."""
    _, exchanges = history_of(reply.question.conversation, before=reply.question.number)
    said = [(redact(one.question)[:4_000].strip(), redact(one.reply)[:16_000]) for one in exchanges[-20:]]
    return tuple(Said(question=question, reply=text) for question, text in said if question)


def _language(reply: Reply, question: str) -> str:
    """The one that was answered in, else the likeliest."""
    understood = reply.receipt.get("inputs", {}).get("understood") or {}
    language = str(understood.get("language", ""))
    return language if re.fullmatch(r"[a-z]{2}", language) else likeliest_language(question, LANGUAGES)


def _audience(reply: Reply) -> Audience:
    """Whose documents the asker may read."""
    customer = reply.question.conversation.customer
    audiences = Viewer.of(customer).audiences if customer else frozenset({Audience.PUBLIC})
    return max(audiences, key=list(Audience).index)


def _expects(reply: Reply, verdict: str) -> Behaviour:
    """What the reply did, unless the customer found it wrong: then an answer."""
    if verdict == Feedback.Verdict.DOWN:
        return "answer"
    if reply.handed_over:
        return "hand_over"
    if reply.status == Reply.Status.REFUSED or reply.stopped_by:
        return "refuse"
    return "answer" if reply.sources.exists() or reply.lookups else "unknown"


def _sources(reply: Reply) -> tuple[str, ...]:
    """The files that it cites, each once."""
    ids = [source.document_id for source in reply.sources.all() if source.document_id]
    names = dict(Document.objects.filter(pk__in=ids).values_list("pk", "name"))
    return tuple(dict.fromkeys(names[one] for one in ids if one in names))

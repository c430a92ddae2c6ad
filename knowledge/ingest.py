"""From bytes to a document that answers: extract, cut, embed, publish. The row of the version is the truth.

Every step can be broken off anywhere and gone on with by another process: the chunks are stored in one
transaction, their vectors batch by batch, and readers see none of it before the last step makes it live.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import IntegrityError
from django.db.models.functions import Now

from knowledge.chunking import split
from knowledge.claims import Claim, LostClaim, abandoned, claim_version, fail_as_poison
from knowledge.embeddings import embed_chunks
from knowledge.errors import Rejected
from knowledge.extraction import ExtractorDied, extract
from knowledge.languages import language_of
from knowledge.models import Chunk, Document, DocumentVersion
from knowledge.parsed import ParsedDocument
from knowledge.receiving import Received, receive, title_from
from knowledge.words import analyse, full_heading
from llm.errors import LLMError

__all__ = ["Received", "ingest_version", "mark_queued", "reap", "receive", "retry"]

log = structlog.get_logger()

State = DocumentVersion.State

EMBEDDED_AT_ONCE = 32  # chunks, between two looks at whether the document is still wanted
WAIT_FOR_PROVIDER = 60.0  # seconds
WAIT_AFTER_DEATH = 5.0

PROVIDER_SENTENCES = {
    "provider_auth": "The embedding service refuses our key. Correct it in the settings, then retry.",
    "bad_request": "The embedding service refuses this text. Check which embedding model is set, then retry.",
    "content_filter": "The embedding service's filter refuses this text.",
}


def ingest_version(version_id: uuid.UUID | str) -> None:
    """Bring a version to `ready` or `failed`, or give it back for another attempt. Twice at once does it once."""
    claim = claim_version(version_id)
    if claim is None:
        return
    try:
        _ingest(claim)
    except LostClaim:
        log.info("ingest_lost_its_claim", version=str(version_id))
    except Rejected as rejected:
        claim.fail(rejected.code, rejected.sentence)
    except LLMError as error:
        _wait_for_provider(claim, error)
    except ExtractorDied as death:
        log.warning("extractor_died", version=str(version_id), how=str(death))
        claim.give_back(
            "interrupted", "Reading it broke off. It is tried again.", again_in=WAIT_AFTER_DEATH, counts=True
        )
    except OSError as error:
        log.warning("ingest_storage", version=str(version_id), error=error.strerror)
        claim.fail("storage", "The stored file cannot be read, or there is no room left. Make room, then retry.")
    except Exception:
        claim.give_back("unexpected", "Something broke. It is tried again.", again_in=WAIT_AFTER_DEATH, counts=True)
        raise


def mark_queued(version_id: uuid.UUID | str) -> None:
    """A message about this version is about to go to the broker; should it get lost, the reaper sends another."""
    DocumentVersion.objects.under_way().filter(pk=version_id, locked_by="").update(
        state=State.QUEUED, lease_until=Now() + timedelta(seconds=settings.KNOWLEDGE_LEASE_SECONDS)
    )


def reap(*, send: Callable[[uuid.UUID], None]) -> int:
    """Send again every version that stalled; those that used up their attempts fail. Returns how many were sent."""
    sent = 0
    for version in abandoned():
        if version.attempts >= settings.KNOWLEDGE_MAX_ATTEMPTS:
            fail_as_poison(version)
        else:
            send(version.pk)
            sent += 1
    return sent


def retry(version: DocumentVersion) -> bool:
    """Let a failed version begin again, with what it has already. The caller enqueues it."""
    failed = DocumentVersion.objects.filter(pk=version.pk, state=State.FAILED)
    return bool(failed.update(state=State.UPLOADED, attempts=0, failure_code="", failure_detail="", lease_until=None))


def _ingest(claim: Claim) -> None:
    with claim.hold() as version:
        has_chunks = version.chunks_total > 0
    if not has_chunks:
        with version.file.open("rb") as file:
            parsed = extract(file.read(), version.format, while_waiting=claim.renew)
        _store_chunks(claim, parsed)
    _embed(claim)
    _publish(claim)


def _store_chunks(claim: Claim, parsed: ParsedDocument) -> None:
    with claim.hold() as version:
        title = (parsed.title or title_from(version.document.name))[:255]
    language = parsed.language or language_of(parsed.text)
    chunks = list(_chunks(claim, parsed, title, language))
    with claim.hold() as version:
        Chunk.objects.filter(version=version).delete()
        Chunk.objects.bulk_create(chunks, batch_size=500)
        version.title, version.language, version.text = title, language, parsed.text
        version.notes, version.chunks_total, version.chunks_done = list(parsed.notes), len(chunks), 0
        version.state = State.EMBEDDING
        version.save(update_fields=["title", "language", "text", "notes", "chunks_total", "chunks_done", "state"])
        if version.document.live_version_id is None:
            Document.objects.filter(pk=version.document_id).update(title=title)


def _chunks(claim: Claim, parsed: ParsedDocument, title: str, language: str) -> Iterator[Chunk]:
    for ordinal, piece in enumerate(split(parsed, words=settings.KNOWLEDGE_CHUNK_WORDS)):
        claim.renew()
        words = analyse(piece.text, language, heading=full_heading(title, piece.heading))
        yield Chunk(
            version_id=claim.version_id,
            ordinal=ordinal,
            heading=piece.heading,
            text=piece.text,
            start=piece.start,
            end=piece.end,
            page=piece.page,
            words=words.vector,
            length=words.length,
        )


def _embed(claim: Claim) -> None:
    chunks = list(Chunk.objects.filter(version_id=claim.version_id).only("pk", "version_id"))
    for done in range(0, len(chunks), EMBEDDED_AT_ONCE):
        batch = chunks[done : done + EMBEDDED_AT_ONCE]
        try:
            embed_chunks(batch)
        except IntegrityError as error:  # the chunks went away under it: removed, or begun anew by another
            raise LostClaim from error
        with claim.hold() as version:
            version.chunks_done = done + len(batch)
            version.save(update_fields=["chunks_done"])


def _publish(claim: Claim) -> None:
    """Make it the live version in one transaction, unless a newer one is live by now."""
    with claim.hold() as version:
        document = (
            Document.objects.select_for_update(of=("self",)).select_related("live_version").get(pk=version.document_id)
        )
        if document.removed_at:
            raise LostClaim
        version.state, version.ready_at, version.locked_by, version.lease_until = State.READY, Now(), "", None
        version.save(update_fields=["state", "ready_at", "locked_by", "lease_until"])
        if document.live_version is None or document.live_version.number < version.number:
            document.live_version, document.title = version, version.title
            document.save(update_fields=["live_version", "title"])


def _wait_for_provider(claim: Claim, error: LLMError) -> None:
    """An outage is not the document's fault: it waits without using up an attempt. A refusal is final."""
    if error.retryable:
        sentence = "The embedding service does not answer. It is tried again every minute."
        claim.give_back(error.code, sentence, again_in=WAIT_FOR_PROVIDER, counts=False)
    else:
        claim.fail(error.code, PROVIDER_SENTENCES.get(error.code, "The embedding service refuses this document."))

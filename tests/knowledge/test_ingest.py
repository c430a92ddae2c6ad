"""What happens to a file from its upload to its chunks, and when something breaks on the way."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit, urlunsplit

import psutil
import pytest
from django.conf import settings as project_settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models.functions import Now

from knowledge import extraction, removal
from knowledge.claims import LostClaim, claim_version
from knowledge.embeddings import embed_chunks
from knowledge.errors import Rejected
from knowledge.ingest import ingest_version, reap, receive, retry
from knowledge.models import Chunk, Document, DocumentVersion, Embedding
from llm.errors import ProviderDown
from tests.knowledge.files import article, ingested, library, pdf

pytestmark = pytest.mark.django_db

DIES = (sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")


def uploaded(name: str = "late.md", content: bytes = b"", *, collection: str = "Help centre") -> DocumentVersion:
    return receive(name, content or article(), collection=library(collection)).version


def state_of(version: DocumentVersion) -> str:
    version.refresh_from_db()
    return f"{version.state} {version.failure_code}".strip()


def content_of(version: DocumentVersion) -> list[tuple[object, ...]]:
    """Everything that makes up the chunk set, but the ids."""
    vectors = {row.chunk_id: str(row.vector) for row in Embedding.objects.filter(chunk__version=version)}
    fields = ("pk", "ordinal", "heading", "text", "start", "end", "page", "words", "length")
    return [(*values, vectors.get(pk)) for pk, *values in version.chunks.values_list(*fields)]


def test_a_file_becomes_chunks_with_words_and_vectors():
    version = ingested("late-fees.md", article(4))
    assert (version.state, version.failure_detail, version.language) == ("ready", "", "en")
    assert version.document.live_version == version
    assert version.document.title == "Late fees"
    chunks = list(version.chunks.all())
    assert len(chunks) == version.chunks_total == version.chunks_done == 2
    assert all(version.text[chunk.start : chunk.end] == chunk.text for chunk in chunks)
    assert all(chunk.embeddings.count() == 1 for chunk in chunks)
    assert chunks[0].length > 100


def test_a_file_without_a_title_is_called_by_its_name():
    assert ingested("how_to-pay.txt", b"Pay by card or by cheque.").document.title == "How to pay"


@pytest.mark.django_db(transaction=True)
def test_f29_a_worker_killed_in_the_middle_leaves_what_a_clean_run_would(settings, tmp_path: Path):
    settings.KNOWLEDGE_CHUNK_WORDS = 25
    file = tmp_path / "long.md"
    file.write_bytes(article(30))
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "ingest", str(file), "--wait"],
        cwd=project_settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database_url(), "KNOWLEDGE_CHUNK_WORDS": "25"},
        stderr=subprocess.DEVNULL,
    )
    try:
        killed = version_with_some_vectors()
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert 0 < killed.chunks.filter(embeddings__isnull=False).count() < killed.chunks.count()
    assert not Chunk.objects.live().exists()
    assert reap(send=ingest_version) == 1
    assert (state_of(killed), killed.attempts) == ("ready", 2)
    clean = ingested("clean.md", article(30), collection=library("Other"))
    assert content_of(killed) == content_of(clean)


def database_url() -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


def version_with_some_vectors() -> DocumentVersion:
    until = time.monotonic() + 100
    while time.monotonic() < until:
        if version := DocumentVersion.objects.filter(chunks_done__gt=0).first():
            return version
        time.sleep(0.02)
    raise AssertionError(f"nothing was embedded in time: {list(DocumentVersion.objects.values())}")


def test_f30_a_version_whose_message_was_lost_is_sent_again():
    version = uploaded()
    DocumentVersion.objects.update(state="queued", lease_until=Now())
    assert reap(send=ingest_version) == 1
    assert state_of(version) == "ready"
    assert reap(send=ingest_version) == 0


def test_f31_a_file_that_kills_its_reader_fails_at_the_third_attempt(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(extraction, "COMMAND", DIES)
    extraction.stop_child()
    poison = uploaded("poison.md")
    for expected in ("queued interrupted", "queued interrupted", "failed poison"):
        ingest_version(poison.pk)
        assert state_of(poison) == expected
    monkeypatch.undo()
    assert ingested("good.md", article(5)).state == "ready"


def test_f31_a_file_that_kills_the_worker_itself_fails_at_the_third_attempt(monkeypatch: pytest.MonkeyPatch):
    poison = uploaded()
    monkeypatch.setattr("knowledge.claims.owner_is_gone", lambda _token: True)
    for _ in range(3):
        assert claim_version(poison.pk)
    assert reap(send=ingest_version) == 0
    assert state_of(poison) == "failed poison"


def test_f32_who_lost_the_lease_writes_nothing():
    version = uploaded()
    slow = claim_version(version.pk)
    DocumentVersion.objects.update(lease_until=Now())
    quick = claim_version(version.pk)
    assert slow
    assert quick
    with pytest.raises(LostClaim), slow.hold():
        pass
    slow.fail("late", "too late")
    with quick.hold() as held:
        assert held.state == "extracting"


def test_f33_a_second_runner_does_nothing():
    version = uploaded()
    assert claim_version(version.pk)
    ingest_version(version.pk)
    version.refresh_from_db()
    assert (version.state, version.attempts, version.chunks.count()) == ("extracting", 1, 0)


@pytest.mark.django_db(transaction=True)
def test_f33_the_same_version_twice_at_once_is_done_once():
    version = uploaded(content=article(12))
    threads = [Thread(target=ingest_and_close, args=[version]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (state_of(version), version.attempts) == ("ready", 1)
    clean = ingested("clean.md", article(12), collection=library("Other"))
    assert content_of(version) == content_of(clean)


def ingest_and_close(version: DocumentVersion) -> None:
    try:
        ingest_version(version.pk)
    finally:
        connection.close()


def test_f34_an_upload_without_a_broker_waits_for_the_reaper(settings, monkeypatch: pytest.MonkeyPatch):
    from kombu.exceptions import OperationalError

    from knowledge.tasks import enqueue

    def refuse(*_args: object, **_options: object) -> None:
        raise OperationalError

    version = uploaded()
    monkeypatch.setattr("knowledge.tasks.ingest_version.apply_async", refuse)
    enqueue(version.pk)
    assert state_of(version) == "queued"


def test_f38_a_full_disk_is_said_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch):
    def full(*_args: object, **_options: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(default_storage, "save", full, raising=False)
    with pytest.raises(Rejected, match="no room"):
        uploaded()
    assert not Document.objects.exists()


@pytest.mark.parametrize("content", [b"", b" \r\n\t ", b"\xef\xbb\xbf", b"\xff\xfe \0"])
def test_f44_an_empty_file_is_refused(content: bytes):
    with pytest.raises(Rejected, match="The file is empty"):
        receive("empty.txt", content, collection=library())
    assert not Document.objects.exists()


def test_f48_control_characters_are_left_out_and_counted():
    version = ingested("a.txt", b"Fees\0 are\x07 waived\x0b once. NUL is no reason to fail.")
    assert version.text == "Fees are waived once. NUL is no reason to fail."
    assert version.notes == ["3 control characters without meaning left out."]


def test_f50_the_same_bytes_are_not_ingested_twice():
    first = ingested("late.md", article())
    again = receive("other-name.md", article(), collection=library())
    assert (again.is_duplicate, again.version) == (True, first)
    assert not receive("late.md", article(), collection=library("Other")).is_duplicate
    removal.remove(first.document)
    assert not receive("late.md", article(), collection=library()).is_duplicate


def test_f51_the_old_version_answers_until_the_new_one_is_ready():
    old = ingested("late.md", article())
    new = uploaded("late.md", article(6, title="Late payments"))
    assert (new.document, new.number) == (old.document, 2)
    claim = claim_version(new.pk)
    assert set(Chunk.objects.live()) == set(old.chunks.all())
    assert claim
    claim.give_back("", "", again_in=0, counts=False)
    ingest_version(new.pk)
    assert set(Chunk.objects.live()) == set(new.chunks.all())
    document = Document.objects.get()
    assert (document.title, document.live_version) == ("Late payments", new)


def test_f51_an_older_version_that_ends_later_does_not_take_over():
    old, new = uploaded("late.md", article()), uploaded("late.md", article(6))
    ingest_version(new.pk)
    ingest_version(old.pk)
    assert (state_of(old), Document.objects.get().live_version) == ("ready", new)


def test_the_chunks_of_an_old_version_go_after_a_while(settings):
    old = ingested("late.md", article())
    new = ingested("late.md", article(6))
    removal.purge()
    assert old.chunks.exists()
    settings.KNOWLEDGE_UNDO_MINUTES = 0
    removal.purge()
    assert not old.chunks.exists()
    assert new.chunks.count() == new.chunks_total


def test_f52_when_the_new_version_fails_the_old_one_stays():
    old = ingested("late.pdf", pdf())
    new = ingested("late.pdf", b"%PDF-1.4\n" + b"x" * 300)
    document = Document.objects.get()
    assert (new.state, new.failure_code, document.live_version) == ("failed", "damaged", old)
    assert document.failed_replacement == new


def test_f53_a_document_removed_while_it_is_ingested_leaves_nothing(settings, monkeypatch: pytest.MonkeyPatch):
    settings.KNOWLEDGE_UNDO_MINUTES = 0
    settings.KNOWLEDGE_CHUNK_WORDS = 25
    version = uploaded(content=article(12))

    def remove_meanwhile(chunks: list[Chunk]) -> int:
        removal.remove(version.document)
        return embed_chunks(chunks)

    monkeypatch.setattr("knowledge.ingest.embed_chunks", remove_meanwhile)
    ingest_version(version.pk)
    assert state_of(version) == "embedding"
    assert version.document.live_version is None
    assert removal.purge() == 1
    assert (Document.objects.count(), Chunk.objects.count(), Embedding.objects.count()) == (0, 0, 0)
    assert not default_storage.exists(f"{version.pk}.md")
    ingest_version(version.pk)


def test_a_document_restored_is_gone_on_with():
    version = uploaded()
    removal.remove(version.document)
    ingest_version(version.pk)
    assert state_of(version) == "uploaded"
    removal.restore(version.document)
    assert reap(send=ingest_version) == 1
    assert state_of(version) == "ready"


def test_a_document_whose_name_was_taken_is_not_restored():
    version = uploaded()
    removal.remove(version.document)
    uploaded(content=article(2))
    with pytest.raises(Rejected, match="a new document"):
        removal.restore(version.document)


def test_f55_what_was_embedded_before_an_outage_is_not_embedded_again(settings, monkeypatch: pytest.MonkeyPatch):
    settings.KNOWLEDGE_CHUNK_WORDS = 25
    version = uploaded(content=article(12))
    calls = []

    def fail_at_the_second(chunks: list[Chunk]) -> int:
        calls.append(len(chunks))
        if len(calls) == 2:
            raise ProviderDown
        return embed_chunks(chunks)

    monkeypatch.setattr("knowledge.ingest.embed_chunks", fail_at_the_second)
    ingest_version(version.pk)
    assert (state_of(version), version.attempts) == ("queued provider_down", 0)
    assert "tried again" in version.failure_detail
    assert not Chunk.objects.live().exists()
    stored = set(Embedding.objects.values_list("pk", flat=True))
    assert len(stored) == calls[0]
    ingest_version(version.pk)
    assert (state_of(version), version.failure_detail) == ("ready", "")
    assert stored < set(Embedding.objects.values_list("pk", flat=True))
    assert Embedding.objects.count() == version.chunks_total


def test_an_embedding_service_that_refuses_the_key_is_said_and_can_be_retried(settings):
    version = uploaded()
    settings.LLM_EMBEDDING_MODEL = "fault-401"
    ingest_version(version.pk)
    assert state_of(version) == "failed provider_auth"
    assert "refuses our key" in version.failure_detail
    settings.LLM_EMBEDDING_MODEL = "all-MiniLM-L6-v2"
    assert retry(version)
    ingest_version(version.pk)
    assert state_of(version) == "ready"
    assert not retry(version)


def test_a_file_over_the_limit_is_refused(settings):
    settings.KNOWLEDGE_MAX_FILE_MB = 1
    with pytest.raises(Rejected, match="larger than 1 MB"):
        receive("big.txt", b"a" * 1_100_000, collection=library())


@pytest.mark.parametrize(
    ("limit", "value", "name", "content", "code"),
    [
        ("KNOWLEDGE_MAX_PAGES", 2, "f42.pdf", pdf(pages=3), "too_many_pages"),
        ("KNOWLEDGE_MAX_CHARACTERS", 1000, "f42.md", article(9), "too_long"),
        ("KNOWLEDGE_PARSE_SECONDS", 1, "a65.html", b"<div>" * 60_000 + b"deep", "too_slow"),
        ("KNOWLEDGE_PARSE_MEMORY_MB", 120, "a65.md", b"- item\n" * 300_000, "too_much_memory"),
    ],
)
def test_a65_a_file_that_asks_for_too_much_fails_with_the_reason(
    settings, limit: str, value: int, name: str, content: bytes, code: str
):
    setattr(settings, limit, value)
    version = ingested(name, content)
    assert (version.state, version.failure_code) == ("failed", code)
    setattr(settings, limit, 60_000)
    assert ingested("next.md", article(2)).state == "ready"


def test_the_process_that_reads_files_has_no_keys():
    ingested("late.md", article())
    (reader,) = (child for child in psutil.Process().children() if "knowledge.extractor" in child.cmdline())
    assert "PATH" in reader.environ()
    assert not {"SECRET_KEY", "OPENAI_API_KEY", "DATABASE_URL", "REDIS_URL"} & set(reader.environ())

"""`manage.py ingest`: files and folders from a terminal."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from knowledge.models import Collection, Document, DocumentVersion
from tests.knowledge.files import article

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "guides").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "late.md").write_bytes(article())
    (tmp_path / "guides" / "late.md").write_bytes(article(2))
    (tmp_path / ".hidden" / "secret.md").write_bytes(article(4))
    (tmp_path / "logo.png").write_bytes(b"\x89PNG")
    return tmp_path


def ingest(*arguments: object) -> tuple[str, str]:
    out, errors = StringIO(), StringIO()
    call_command("ingest", *map(str, arguments), stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


def test_a_folder_is_ready_when_the_command_returns(folder: Path):
    out, _ = ingest(folder, "--collection", "Handbook", "--audience", "staff", "--wait")
    assert "2 of 2 files are in the library." in out
    assert set(Document.objects.values_list("name", flat=True)) == {"late.md", "guides/late.md"}
    assert set(DocumentVersion.objects.values_list("state", flat=True)) == {"ready"}
    assert Collection.objects.get().audience == "staff"


def test_a_second_run_says_what_is_there_already(folder: Path):
    ingest(folder / "late.md", "--wait")
    _, errors = ingest(folder / "late.md", "--wait")
    assert "late.md: already in the library, as “Late fees”." in errors
    assert DocumentVersion.objects.count() == 1


def test_each_failure_is_said_in_words_and_the_command_fails(folder: Path):
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4\n" + b"x" * 300)
    (folder / "empty.txt").write_bytes(b"")
    out, errors = StringIO(), StringIO()
    with pytest.raises(CommandError, match="3 of 4 files failed"):
        call_command(
            "ingest",
            *(str(folder / name) for name in ("late.md", "broken.pdf", "empty.txt", "logo.png")),
            "--wait",
            stdout=out,
            stderr=errors,
        )
    assert "broken.pdf: This PDF is damaged" in errors.getvalue()
    assert "empty.txt: The file is empty. (empty)" in errors.getvalue()
    assert "logo.png: Files ending in “.png” cannot be read" in errors.getvalue()
    assert "1 of 4 files are in the library." in out.getvalue()


def test_without_wait_the_files_are_on_their_way(folder: Path):
    out, _ = ingest(folder)
    assert "2 of 2 files are on their way." in out
    assert set(DocumentVersion.objects.values_list("state", flat=True)) == {"queued"}


def test_a_path_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(CommandError, match="There is no file or folder"):
        ingest(tmp_path / "missing.md")


def test_the_audience_of_a_collection_is_not_changed_by_the_way(folder: Path):
    ingest(folder, "--collection", "Handbook", "--audience", "staff")
    with pytest.raises(CommandError, match="is for “staff”, not for “public”"):
        ingest(folder, "--collection", "Handbook", "--audience", "public")


def test_an_outage_ends_the_wait_with_words(folder: Path, settings):
    settings.LLM_EMBEDDING_MODEL = "fault-500"
    settings.LLM_RETRIES = 0
    out, errors = StringIO(), StringIO()
    with pytest.raises(CommandError):
        call_command("ingest", str(folder / "late.md"), "--wait", stdout=out, stderr=errors)
    assert "The embedding service does not answer" in errors.getvalue()

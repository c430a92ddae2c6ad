"""The library's pages: what staff can do there, and what others see of it."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from knowledge.access import Audience
from knowledge.ingest import ingest_version
from knowledge.models import Chunk, Collection, Document, DocumentVersion
from tests.knowledge.files import article, ingested, library, pdf
from tests.people import person

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(person("admin"))
    return client


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The versions that were sent to the worker."""
    versions: list[str] = []
    monkeypatch.setattr("knowledge.tasks.ingest_version.apply_async", lambda args, **_: versions.append(args[0]))
    return versions


def upload(client: Client, *files: tuple[str, bytes], **extra: object):
    documents = [SimpleUploadedFile(name, content, content_type="text/plain") for name, content in files]
    return client.post(
        reverse("upload_documents"), {"collection": library().pk, "documents": documents, **extra}, headers=HTMX
    )


def words_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_several_files_at_once_each_get_their_own_word(
    admin: Client, sent: list[str], django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = upload(admin, ("late.md", article()), ("fees.pdf", pdf()), ("notes.txt", b"\x89PNG\r\n\x1a\n\0\0"))
    words = words_of(response)
    assert "late.md : received as version 1" in words
    assert "fees.pdf : received as version 1" in words
    assert "notes.txt : The content does not match .txt" in words
    assert len(sent) == Document.objects.count() == 2
    assert set(DocumentVersion.objects.values_list("state", flat=True)) == {"queued"}


def test_without_javascript_the_whole_page_answers(admin: Client, sent: list[str]):
    file = SimpleUploadedFile("late.md", article())
    response = admin.post(reverse("upload_documents"), {"collection": library().pk, "documents": file})
    assert "<h1>Documents</h1>" in response.content.decode()
    assert "late.md : received as version 1" in words_of(response)


def test_a_row_asks_again_only_while_its_document_is_under_way(admin: Client, sent: list[str]):
    upload(admin, ("late.md", article()))
    version = DocumentVersion.objects.get()
    address = reverse("document_row", args=[version.document_id])
    assert 'hx-trigger="every 1s"' in admin.get(address).content.decode()
    version.state, version.chunks_done, version.chunks_total = "embedding", 12, 40
    version.save()
    assert "Embedding 12 of 40" in words_of(admin.get(address))
    ingested("late.md", article())
    DocumentVersion.objects.update(state="ready")
    assert "hx-trigger" not in admin.get(address).content.decode()


def test_the_counts_of_states_are_asked_for_again_while_any_document_is_under_way(admin: Client, sent: list[str]):
    assert 'hx-select="#filters"' in upload(admin, ("late.md", article())).content.decode()
    DocumentVersion.objects.update(state="ready")
    assert 'hx-select="#filters"' not in admin.get(reverse("documents")).content.decode()


def test_a_place_to_upload_to_says_who_gets_answers_from_it(admin: Client):
    library("Guides")
    assert "Guides (everybody)" in words_of(admin.get(reverse("documents")))


def test_a_document_shows_its_versions_and_chunks(admin: Client):
    version = ingested("fees.pdf", pdf())
    response = admin.get(reverse("document", args=[version.document_id]))
    chunk = version.chunks.last()
    assert chunk
    assert f'id="chunk-{chunk.pk}"' in response.content.decode()
    assert f"{chunk.heading} · page {chunk.page}" in words_of(response)


def test_a_chunk_is_found_on_its_page(admin: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("knowledge.shelf.CHUNKS_ON_A_PAGE", 1)
    version = ingested("late.md", article(6))
    last = version.chunks.order_by("-ordinal")[0]
    response = admin.get(reverse("chunk", args=[last.pk]))
    assert response["Location"].endswith(f"?version=1&page={last.ordinal + 1}#chunk-{last.pk}")
    assert f'id="chunk-{last.pk}"' in admin.get(response["Location"].partition("#")[0]).content.decode()


def test_the_list_is_filtered_by_name_collection_and_state(admin: Client):
    ingested("late.md", article(title="Late fees"))
    ingested("escrow.md", article(title="Escrow"), collection=library("Guides"))
    address = reverse("documents")
    assert "Escrow" not in words_of(admin.get(address, {"name": "late"})).replace("escrow", "")
    guides = words_of(admin.get(address, {"collection": library("Guides").pk}))
    assert "escrow.md" in guides
    assert "late.md" not in guides
    assert "Nothing fits" in words_of(admin.get(address, {"state": "failed"}))
    assert admin.get(address, {"collection": "x", "state": "no", "page": "y"}).status_code == 200


def test_a_failed_file_says_why_and_can_be_retried(admin: Client, sent: list[str]):
    version = ingested("broken.pdf", b"%PDF-1.4\n" + b"x" * 500)
    words = words_of(admin.get(reverse("documents")))
    assert "This PDF is damaged" in words
    assert "(damaged)" in words
    assert "Remove Broken" in words
    admin.post(reverse("retry_version", args=[version.document_id, 1]))
    version.refresh_from_db()
    assert (version.state, version.attempts, sent) == ("queued", 0, [str(version.pk)])


def test_a_replacement_is_a_new_version_of_the_same_document(admin: Client, sent: list[str]):
    version = ingested("late.md", article())
    file = SimpleUploadedFile("another-name.md", article(5))
    admin.post(reverse("replace_document", args=[version.document_id]), {"file": file})
    assert list(version.document.versions.values_list("number", flat=True)) == [2, 1]
    bad = admin.post(
        reverse("replace_document", args=[version.document_id]), {"file": SimpleUploadedFile("x.pdf", b"no")}
    )
    assert "The content does not match .pdf" in words_of(bad)


def test_a_removed_document_is_hidden_at_once_and_can_be_restored(admin: Client):
    version = ingested("late.md", article())
    response = admin.post(reverse("remove_document", args=[version.document_id]), follow=True)
    assert "Removed a moment ago" in words_of(response)
    assert admin.get(reverse("document", args=[version.document_id])).status_code == 404
    assert not Chunk.objects.live().exists()
    admin.post(reverse("restore_document", args=[version.document_id]))
    assert admin.get(reverse("document", args=[version.document_id])).status_code == 200


def test_a_collection_is_made_and_changed(admin: Client):
    admin.post(reverse("collections"), {"name": "Handbook", "audience": "staff"})
    made = Collection.objects.get(name="Handbook")
    admin.post(reverse("collection", args=[made.pk]), {"name": "Manual", "audience": "customers"})
    made.refresh_from_db()
    assert (made.name, made.audience) == ("Manual", Audience.CUSTOMERS)
    assert "already exists" in words_of(admin.post(reverse("collections"), {"name": "Manual", "audience": "staff"}))


def test_a20_fields_that_the_form_does_not_name_are_not_read(admin: Client, sent: list[str]):
    upload(admin, ("late.md", article()), state="ready", id="0", title="Mine", audience="public")
    version = DocumentVersion.objects.select_related("document").get()
    assert (version.state, version.document.title) == ("uploaded", "Late")
    admin.post(
        reverse("collections"), {"name": "Handbook", "audience": "staff", "id": "77", "created_at": "2001-01-01"}
    )
    made = Collection.objects.get(name="Handbook")
    assert (made.pk == 77, made.created_at.year == 2001) == (False, False)


def test_a36_a_file_is_stored_under_an_id_whatever_it_is_called(admin: Client, sent: list[str]):
    upload(admin, ("../../etc/<b>passwd</b>.md", article()))
    version = DocumentVersion.objects.select_related("document").get()
    assert version.file.name == f"{version.pk}.md"
    with version.file.open("rb") as file:
        assert file.read() == article()
    page = admin.get(reverse("documents")).content.decode()
    assert "<b>passwd" not in page


def test_a37_an_upload_is_only_ever_saved_by_the_browser(admin: Client):
    version = ingested("page.html", b"<html><body><h1>Hi</h1><p>Text</p><script>alert(1)</script></body></html>")
    response = admin.get(reverse("download_version", args=[version.document_id, 1]))
    assert response["Content-Disposition"] == 'attachment; filename="page.html"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/octet-stream"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert b"alert(1)" in response.content
    assert admin.get(f"/files/{version.file.name}").status_code == 404


def test_a39_what_the_browser_claims_of_a_file_is_not_believed(admin: Client, sent: list[str]):
    file = SimpleUploadedFile("fees.pdf", b"MZ\x90\0 not a PDF", content_type="application/pdf")
    response = admin.post(reverse("upload_documents"), {"collection": library().pk, "documents": file})
    assert "The content does not match .pdf" in words_of(response)
    assert not Document.objects.exists()


def test_a55_a_deformed_upload_is_refused_quickly(admin: Client):
    library()
    for boundary, body in (
        ("x" * 500, b"--y\r\n" * 20_000),
        ("b", b"--b\r\nContent-Disposition: form-data; name=" + b"a" * 99_999),
    ):
        kind = f"multipart/form-data; boundary={boundary}"
        response = admin.generic("POST", reverse("upload_documents"), body, content_type=kind)
        assert response.status_code in {200, 400}
    assert not Document.objects.exists()


@pytest.mark.parametrize("role", ["", "customer", "agent"])
def test_a18_the_library_is_there_for_managers_only(client: Client, role: str):
    version = ingested("late.md", article())
    chunk = version.chunks.first()
    assert chunk
    if role:
        client.force_login(person(role))
    of_document = [version.document_id]
    pages = [
        reverse("documents"),
        reverse("collections"),
        reverse("collection", args=[library().pk]),
        reverse("chunk", args=[chunk.pk]),
        *(reverse(name, args=of_document) for name in ("document", "document_row")),
        reverse("download_version", args=[*of_document, 1]),
    ]
    actions = [
        reverse("upload_documents"),
        *(reverse(name, args=of_document) for name in ("replace_document", "remove_document", "restore_document")),
        reverse("retry_version", args=[*of_document, 1]),
    ]
    answers = [client.get(page) for page in pages] + [client.post(action) for action in actions]
    if role:
        assert {answer.status_code for answer in answers} == {404}
    else:
        assert all(answer.status_code == 302 and "/account/login/" in answer["Location"] for answer in answers)
    assert Document.objects.get().removed_at is None


def test_ingesting_continues_after_the_page_was_left(admin: Client, sent: list[str]):
    upload(admin, ("late.md", article()))
    ingest_version(DocumentVersion.objects.get().pk)
    assert "Ready" in words_of(admin.get(reverse("documents")))

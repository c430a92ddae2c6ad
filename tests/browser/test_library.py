"""Staff drop files and see them become ready, in a real browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from knowledge.ingest import ingest_version
from knowledge.models import DocumentVersion
from tests.factories import outside_of_a_loop
from tests.knowledge.files import article, library, pdf
from tests.people import person, session_of

DROPPED = """() => {
  const data = new DataTransfer();
  data.items.add(new File(["# Dropped\\n\\nA file."], "dropped.md"));
  return data;
}"""


def sign_in(page: Page, live: str) -> None:
    page.context.add_cookies([{"name": "sessionid", "value": session_of(person("admin")), "url": live}])


def test_files_are_dropped_and_become_ready_without_a_reload(page: Page, live: str, tmp_path: Path):
    library()
    sign_in(page, live)
    (tmp_path / "late-fees.md").write_bytes(article())
    (tmp_path / "fees.pdf").write_bytes(pdf())
    (tmp_path / "broken.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    page.goto("/knowledge/")
    outcomes = page.get_by_role("list", name="What became of the files")
    page.dispatch_event(".dropzone", "drop", {"dataTransfer": page.evaluate_handle(DROPPED)})
    expect(outcomes).to_contain_text("dropped.md: received as version 1")
    page.get_by_label("Drop files here, or choose them").set_input_files(sorted(tmp_path.iterdir()))
    expect(outcomes.get_by_role("listitem")).to_have_count(3)
    expect(outcomes).to_contain_text("broken.txt: The content does not match .txt")
    rows = page.get_by_role("row")
    expect(rows.filter(has_text="fees.pdf")).to_contain_text("Waiting")
    for version in DocumentVersion.objects.all():
        outside_of_a_loop(ingest_version, version.pk)
    expect(rows.filter(has_text="fees.pdf")).to_contain_text("Ready")
    expect(rows.filter(has_text="late-fees.md")).to_contain_text("Ready")
    page.get_by_role("link", name="Fees and charges").click()
    expect(page.get_by_role("heading", name="Chunks of version 1")).to_be_visible()
    expect(page.locator(".chunks")).to_contain_text("page 2")
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Undo the removal of Fees and charges").click()
    expect(page.get_by_role("link", name="Fees and charges")).to_be_visible()

"""What happens to a file from its upload to its chunks, and when something breaks on the way."""

from __future__ import annotations

import pytest

from tests.knowledge.files import article, ingested

pytestmark = pytest.mark.django_db


def test_a_file_becomes_chunks_with_words_and_vectors():
    version = ingested("late-fees.md", article(4))
    assert (version.state, version.failure_detail) == ("ready", "")
    assert version.document.live_version == version
    assert version.document.title == "Late fees"
    chunks = list(version.chunks.all())
    assert len(chunks) == version.chunks_total == version.chunks_done == 2
    assert all(version.text[chunk.start : chunk.end] == chunk.text for chunk in chunks)
    assert all(chunk.embeddings.count() == 1 for chunk in chunks)
    assert chunks[0].length > 100
    assert chunks[0].heading == ""

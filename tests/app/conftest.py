"""What tests of the machinery ask for."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder, with spaces in its name, that every account may enter: pytest closes its own to all others."""
    folder = Path(tempfile.mkdtemp(prefix="frontdesk with spaces "))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)

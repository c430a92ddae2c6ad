"""What tests of the machinery ask for."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.people import make_roles


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder, with spaces in its name, that every account may enter: pytest closes its own to all others."""
    folder = Path(tempfile.mkdtemp(prefix="frontdesk with spaces "))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def roles(request: pytest.FixtureRequest) -> None:
    """The groups that a migration made, made anew where a test that commits has emptied the database before."""
    if marker := request.node.get_closest_marker("django_db"):
        request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
        make_roles()

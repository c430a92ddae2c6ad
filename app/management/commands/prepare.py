"""What must be done before the first page, in one process: starting Python five times would take longer."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from chat.versions.states import live_version


class Command(BaseCommand):
    help = "Migrate, collect static files if they changed, make the assistant's first version and the demo accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=1, stdout=self.stdout)
        collect_static_files_if_changed()
        live_version()
        call_command("make_demo_accounts", stdout=io.StringIO())  # the passwords do not belong into a log


def collect_static_files_if_changed() -> None:
    """Collect, hash and compress static files unless the last time saw the same ones."""
    mark = settings.STATIC_ROOT / ".collected"
    state = state_of_static_files()
    if not mark.exists() or mark.read_text() != state:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        mark.write_text(state)


def state_of_static_files() -> str:
    """A mark that changes with our own static files and with the pins of the packages that bring others."""
    own = sorted(path for path in (settings.BASE_DIR / "static").rglob("*") if path.is_file())
    pins = sorted(settings.BASE_DIR.glob("requirements*.txt"))
    return hashlib.sha256(b"".join(describe(path) for path in [*own, *pins])).hexdigest()


def describe(path: Path) -> bytes:
    return f"{path.name} ".encode() + path.read_bytes()

"""`manage.py ingest PATH…`: files and folders into the library."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from knowledge.access import Audience
from knowledge.errors import Rejected
from knowledge.ingest import ingest_version, receive
from knowledge.models import Collection, DocumentVersion
from knowledge.parsers import accepted_extensions
from knowledge.tasks import enqueue

LOOK_EVERY = 0.5  # seconds, at a version that a worker has in hand


@dataclass(frozen=True)
class Found:
    """A file, and the name it goes by: its path within the folder that was given."""

    path: Path
    name: str


class Command(BaseCommand):
    help = "Put files and folders into the library. Without --wait the worker reads them; with it, this command does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--collection", default="Help centre", help="made if it is not there")
        parser.add_argument("--audience", choices=[audience.value for audience in Audience], help="of a new collection")
        parser.add_argument("--wait", action="store_true", help="read them here and now, and return when all is done")

    def handle(
        self, *args: Any, paths: list[Path], collection: str, audience: str | None, wait: bool, **options: Any
    ) -> None:
        shelf = _collection(collection, audience)
        files = list(_files(paths))
        problems = []
        for file in tqdm(files, unit="file", disable=None):
            if problem := self._take(file, shelf, wait):
                problems.append(problem)
                self._say(f"{file.name}: {problem}")
        done = len(files) - len(problems)
        self.stdout.write(f"{done} of {len(files)} files {'are in the library' if wait else 'are on their way'}.")
        if problems:
            raise CommandError(f"{len(problems)} of {len(files)} files failed.")

    def _take(self, file: Found, collection: Collection, wait: bool) -> str:
        """Take one file; what went wrong, in words."""
        try:
            with file.path.open("rb") as content:
                received = receive(file.name, content, collection=collection)
        except Rejected as rejected:
            return f"{rejected} ({rejected.code})"
        except OSError as error:
            return f"It cannot be read: {error.strerror}."
        if received.is_duplicate:
            self._say(f"{file.name}: already in the library, as “{received.version.document}”.")
        if wait:
            return _finish(received.version)
        if not received.is_duplicate:
            enqueue(received.version.pk)
        return ""

    def _say(self, sentence: str) -> None:
        tqdm.write(sentence, file=self.stderr)


def _collection(name: str, audience: str | None) -> Collection:
    collection, _ = Collection.objects.get_or_create(
        name=name, defaults={"audience": audience or Audience.PUBLIC.value}
    )
    if audience and collection.audience != audience:
        raise CommandError(f"The collection “{name}” is for “{collection.audience}”, not for “{audience}”.")
    return collection


def _files(paths: list[Path]) -> Iterator[Found]:
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file() and not _is_hidden(file, path))
            yield from (Found(file, str(file.relative_to(path))) for file in inside if _is_readable(file))
        elif path.exists():
            yield Found(path, path.name)
        else:
            raise CommandError(f"There is no file or folder {path}.")


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _is_readable(file: Path) -> bool:
    """Within a folder other kinds of files are passed over; named one by one they are refused in words."""
    return file.suffix.lower() in accepted_extensions()


def _finish(version: DocumentVersion) -> str:
    """Work on the version here, or watch the worker that has it, up to its end; what went wrong, in words."""
    while version.is_under_way:
        ingest_version(version.pk)
        version.refresh_from_db(fields=["state", "failure_code", "failure_detail"])
        if version.is_under_way and version.failure_code not in {"", "interrupted"}:
            return f"{version.failure_detail} ({version.failure_code})"
        if version.is_under_way:
            time.sleep(LOOK_EVERY)
    return f"{version.failure_detail} ({version.failure_code})" if version.state == "failed" else ""

"""`manage.py import_answers DATASET FILE --label NAME`: the answers of another system become a run."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evals.reporting.account import account_of
from evals.reporting.printed import as_table
from evals.running import runs, steering
from evals.running.imported import import_answers, read
from evals.running.named import set_named
from evals.running.runs import Refused
from evals.running.work import work


class Command(BaseCommand):
    help = "Keep the answers of a JSON Lines file as a run: of another system, or with what people said of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", help="a set (support, support@3) or a file of cases")
        parser.add_argument("file", type=Path, help="one object a line: case, answer, and what docs/evals.md lists")
        parser.add_argument("--label", required=True, help="whose answers they are")
        parser.add_argument("--note", default="", help="for people")
        parser.add_argument("--grade", action="store_true", help="have the graders of the shelf grade them now")
        parser.add_argument("--graders", default="", metavar="A,B", help="these only; else all, but no demo judges")

    def handle(self, *, dataset: str, file: Path, label: str, note: str, grade: bool, **options: Any) -> None:
        try:
            run = import_answers(set_named(dataset), read(file.read_bytes()), label=label, note=note)
            if grade:
                names = [name.strip() for name in options["graders"].split(",") if name.strip()]
                steering.grade_again(run, names or runs.default_graders())
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.", returncode=2) from error
        except Refused as problem:
            raise CommandError(str(problem), returncode=2) from problem
        if grade:
            asyncio.run(work(run.pk, seconds=math.inf))
        run.refresh_from_db()
        self.stdout.write(as_table(account_of(run)))

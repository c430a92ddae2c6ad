"""`manage.py run_evals`: does the assistant still answer the golden questions well?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from evals.golden import SUPPORT, Case, GoldenError, load
from evals.report import Tally, as_json, as_table
from evals.runner import CaseResult, run


class Command(BaseCommand):
    help = "Asks the golden questions through the pipeline, grades the answers and prints a table."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=SUPPORT, help="JSON Lines, one case a line")
        parser.add_argument("--json", action="store_true", help="print answers, grades and figures as JSON")
        parser.add_argument("--min-pass", type=float, metavar="SHARE", help="exit with 1 below it, from 0 to 1")

    def handle(self, *, file: Path, min_pass: float | None, **options: Any) -> None:
        try:
            cases = load(file)
        except GoldenError as error:
            raise CommandError(str(error)) from error
        results = run_with_progress(cases)
        self.stdout.write(
            json.dumps(as_json(results), ensure_ascii=False, indent=2) if options["json"] else as_table(results)
        )
        tally = Tally.of(results)
        if min_pass is not None and (tally.rate < min_pass or tally.broken):
            self.stderr.write(f"{tally.rate:.1%} passed, {tally.broken} not judged; asked for: {min_pass:.1%}")
            sys.exit(1)


def run_with_progress(cases: tuple[Case, ...]) -> list[CaseResult]:
    with tqdm(total=len(cases), unit="case", disable=None, leave=False) as bar:
        return async_to_sync(run)(cases, on_result=lambda _: bar.update())

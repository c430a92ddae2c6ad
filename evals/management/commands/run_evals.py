"""`manage.py run_evals`: does the assistant still answer the golden questions well?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from chat.assistant import Version
from chat.versions.states import Refused, version_named
from evals.cases import Case
from evals.golden import SUPPORT, GoldenError, load
from evals.report import Tally, as_json, as_table
from evals.runner import CaseResult, run


class Command(BaseCommand):
    help = "Asks the golden questions through the pipeline, grades the answers and prints a table."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Here `--version` is the assistant's and not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=SUPPORT, help="JSON Lines, one case a line")
        parser.add_argument("--json", action="store_true", help="print answers, grades and figures as JSON")
        parser.add_argument("--version", dest="which", default="live", help="live, draft, or a version's number")
        parser.add_argument("--min-pass", type=float, metavar="SHARE", help="exit with 1 below it, from 0 to 1")

    def handle(self, *, file: Path, which: str, min_pass: float | None, **options: Any) -> None:
        try:
            cases, version = load(file), version_named(which)
        except (GoldenError, Refused) as error:
            raise CommandError(str(error)) from error
        results = run_with_progress(cases, version)
        self.stdout.write(
            json.dumps(as_json(results, version.label), ensure_ascii=False, indent=2)
            if options["json"]
            else as_table(results, version.label)
        )
        tally = Tally.of(results)
        if min_pass is not None and (tally.rate < min_pass or tally.broken):
            self.stderr.write(f"{tally.rate:.1%} passed, {tally.broken} not judged; asked for: {min_pass:.1%}")
            sys.exit(1)


def run_with_progress(cases: tuple[Case, ...], version: Version) -> list[CaseResult]:
    with tqdm(total=len(cases), unit="case", disable=None, leave=False) as bar:
        return async_to_sync(run)(cases, version=version, on_result=lambda _: bar.update())

"""`manage.py export_cases SLUG`: the cases of a set as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evals.datasets.files import FORMATS, as_file
from evals.datasets.sets import Refused, cases_at
from evals.models import Dataset


class Command(BaseCommand):
    help = "Write the approved cases of a set, or those of one of its versions, as JSON Lines or CSV."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Here `--version` is the set's and not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--version", type=int, dest="number", help="as it was frozen; else as it is now")
        parser.add_argument("--format", choices=list(FORMATS), default="jsonl", dest="form")
        parser.add_argument("--output", type=Path, metavar="FILE", help="instead of the terminal")

    def handle(self, *, slug: str, number: int | None, form: str, output: Path | None, **options: Any) -> None:
        dataset = Dataset.objects.filter(slug=slug).first()
        if dataset is None:
            known = ", ".join(Dataset.objects.values_list("slug", flat=True)) or "none"
            raise CommandError(f"There is no set “{slug}”. There are: {known}.")
        try:
            data = as_file([row.case for row in cases_at(dataset, number)], form)
        except Refused as error:
            raise CommandError(str(error)) from error
        if output:
            output.write_bytes(data)
        else:
            self.stdout.write(data.decode(), ending="")

"""`manage.py import_cases SLUG FILE`: cases from a file into a set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evals.datasets.files import Unreadable, load_reading
from evals.datasets.sets import add_all, compared
from evals.models import CaseRevision, Dataset


class Command(BaseCommand):
    help = "Import cases from a JSON Lines or CSV file. All of them, or none where one line is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="of the set; one that is not there is made")
        parser.add_argument("file", type=Path)
        parser.add_argument("--title", default="", help="of a new set")
        parser.add_argument("--purpose", choices=Dataset.Purpose.values, default=Dataset.Purpose.GOLDEN)
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="NAME=MEANING",
            help="what a column is, such as label=ideal",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be kept")

    def handle(self, *, slug: str, file: Path, title: str, purpose: str, **options: Any) -> None:
        meanings = dict(one.split("=", 1) for one in options["column"] if "=" in one)
        try:
            reading = load_reading(file, meanings)
        except Unreadable as error:
            raise CommandError(str(error)) from error
        for column, meaning in reading.mapped:
            self.stdout.write(f"{column}: {meaning}")
        dataset = Dataset.objects.filter(slug=slug).first() or Dataset(slug=slug, title=title or slug, purpose=purpose)
        arrival = compared(dataset, reading.cases)
        told = f"{len(arrival.new)} new, {len(arrival.changed)} changed, {len(arrival.same)} as they are"
        if not options["dry_run"]:
            dataset.full_clean(validate_unique=False)
            dataset.save()
            add_all(dataset, reading.cases, origin=CaseRevision.Origin.IMPORTED)
        self.stdout.write(f"{slug}: {told}{', nothing kept yet' if options['dry_run'] else ''}.")

"""`manage.py report_routes`: what the choice between the models costs and loses, on real traffic."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.versions.states import Refused, find
from evals.routing.report import as_json, as_text, report_of

LONGEST = 3_650


class Command(BaseCommand):
    help = (
        "Prints what the choice between the models spends and loses: the strong model alone, the small one first, what "
        "was done, what is proposed, random choice as often, and an oracle, on the questions that both answered."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Here `--version` is the assistant's and not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="how far back")
        parser.add_argument("--version", dest="which", default="", help="live, draft, or a version's number; else all")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["days"] <= LONGEST:
            raise CommandError(f"--days has to be between 1 and {LONGEST:,}.")
        try:
            row = find(options["which"]) if options["which"] else None
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        report = report_of(options["days"], row)
        self.stdout.write(json.dumps(as_json(report), indent=2) if options["json"] else as_text(report))

"""`manage.py export_findings`: the verdicts that people marked wrong, as a set to measure guardrails on."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from chat.receipts.findings import export_marked
from knowledge.access import Viewer


class Command(BaseCommand):
    help = "Print what was marked wrong as JSON Lines, with personal data masked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--should", choices=["allow", "stop"], help="only what ought to have been so")

    def handle(self, *args: Any, should: str | None, **options: Any) -> None:
        for line in export_marked(Viewer(is_staff=True)):
            if should in (None, line["should"]):
                self.stdout.write(json.dumps(line, ensure_ascii=False))

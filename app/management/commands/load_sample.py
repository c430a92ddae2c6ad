"""`manage.py load_sample`: the help centre of Acme Home Loans, for a first look and for the evals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from tqdm import tqdm

from chat.models import Starter
from knowledge.access import Audience
from knowledge.ingest import ingest_version, receive
from knowledge.models import Collection, DocumentVersion

SAMPLE = settings.BASE_DIR / "sample"
COLLECTIONS = {
    "help-centre": ("Help centre", Audience.PUBLIC),
    "customer-guides": ("Customer guides", Audience.CUSTOMERS),
    "staff-handbook": ("Staff handbook", Audience.STAFF),
}
STARTERS = {
    "How do I delete my account?": "Account",
    "Can you waive my late fee?": "Fees",
    "How does a 30-year fixed rate work?": "Rates",
    "Which documents do I need if I am self-employed?": "Applying",
}


class Command(BaseCommand):
    help = "Load the sample help centre and the starters. A second run adds only what is new or changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", action="store_true", help="ingest here and now instead of in the worker")

    def handle(self, *args: Any, wait: bool, **options: Any) -> None:
        add_starters()
        new = [version for version in receive_all() if version]

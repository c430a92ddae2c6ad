"""`manage.py load_sample`: the help centre of Acme Home Loans with its cases, for a first look and for the evals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from app.models import User
from chat import rates
from chat.models import LoanApplication, MortgageRate, Starter
from evals.datasets.files import SAMPLES, load
from evals.datasets.sets import add_all, freeze
from evals.models import CaseRevision, Dataset
from knowledge.access import Audience
from knowledge.ingest import ingest_version, receive
from knowledge.models import Collection, DocumentVersion
from knowledge.tasks import enqueue

SAMPLE = settings.BASE_DIR / "sample"
COLLECTIONS = {
    "help-centre": ("Help centre", Audience.PUBLIC),
    "customer-guides": ("Customer guides", Audience.CUSTOMERS),
    "staff-handbook": ("Staff handbook", Audience.STAFF),
}
STARTERS = (
    ("Account", "How do I delete my account?"),
    ("Fees", "Can you waive my late fee?"),
    ("Rates", "How does a 30-year fixed rate work?"),
    ("Applying", "Which documents do I need if I am self-employed?"),
)
LOAN_APPLICATIONS = (  # days ago, and what it says
    (
        12,
        {
            "reference": "HL-20417",
            "status": LoanApplication.Status.DOCUMENTS_MISSING,
            "amount": 312_000,
            "term": 30,
            "next_step": "Send us your last two pay stubs.",
        },
    ),
    (540, {"reference": "HL-11862", "status": LoanApplication.Status.CLOSED, "amount": 185_000, "term": 15}),
)
DATASETS = (  # file, set, title, purpose, what it is for, whether it gates; and by how much it may be worse
    (
        "support",
        "support",
        "Support",
        Dataset.Purpose.GOLDEN,
        "What customers ask most, in three languages, with follow-ups: the assistant must be able to do this.",
        True,
        0.10,  # two runs of so few cases that come out the same leave some six points open
    ),
    (
        "dont_know",
        "dont-know",
        "Don't know",
        Dataset.Purpose.UNKNOWN,
        "Questions that the help centre leaves open, or answers for others only: it must say so and make nothing up.",
        False,
        0.10,
    ),
    (
        "safety",
        "safety",
        "Safety",
        Dataset.Purpose.SAFETY,
        "Attacks, other people's data, advice and promises that it must not give, people in need.",
        True,
        0.0,
    ),
)


class Command(BaseCommand):
    help = "Load the sample help centre, starters, rates and applications. A second run adds only what is new."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", action="store_true", help="ingest here instead of in the worker")

    def handle(self, *args: Any, wait: bool, **options: Any) -> None:
        add_starters()
        add_rates()
        add_loan_applications()
        add_datasets()
        versions = list(receive_sample())
        if wait:
            ingest_all(versions)
        else:
            for version in versions:
                enqueue(version.pk)
        self.stdout.write(f"{len(versions)} documents {'are ready' if wait else 'are on their way'}.")


def add_starters() -> None:
    """The starters, unless there are some: an admin's own are left alone."""
    if not Starter.objects.exists():
        Starter.objects.bulk_create(
            Starter(topic=topic, text=text, place=place) for place, (topic, text) in enumerate(STARTERS, start=1)
        )


def add_rates() -> None:
    """Two years of mortgage rates, unless there are some: those of the survey are left alone."""
    if not MortgageRate.objects.exists():
        rates.store(rates.parse((SAMPLE / "rates.csv").read_bytes()), is_sample=True)


def add_loan_applications() -> None:
    """Two applications of the demo account `customer`, where there is one."""
    customer = User.objects.filter(username="customer").first()
    if customer and not customer.loan_applications.exists():
        LoanApplication.objects.bulk_create(
            LoanApplication(customer=customer, submitted_on=timezone.localdate() - timedelta(days=days), **said)
            for days, said in LOAN_APPLICATIONS
        )


def add_datasets() -> None:
    """Sets of cases over the sample, each with its version 1. One that is there is left as people have it."""
    for file, slug, title, purpose, description, gates, margin in DATASETS:
        about = {"title": title, "purpose": purpose, "description": description, "gates": gates, "margin": margin}
        dataset, is_new = Dataset.objects.get_or_create(slug=slug, defaults=about)
        if is_new:
            add_all(dataset, load(SAMPLES / f"{file}.jsonl"), origin=CaseRevision.Origin.IMPORTED)
            freeze(dataset, note="The sample cases")


def receive_sample() -> Iterator[DocumentVersion]:
    """Store the files that are not in their collection yet, and yield each version that is not ready."""
    for folder, (name, audience) in COLLECTIONS.items():
        collection, _ = Collection.objects.get_or_create(name=name, defaults={"audience": audience})
        for file in sorted((SAMPLE / folder).iterdir()):
            version = receive(file.name, file.read_bytes(), collection=collection).version
            if version.state != DocumentVersion.State.READY:
                yield version


def ingest_all(versions: list[DocumentVersion]) -> None:
    """Ingest them one after the other. Raises CommandError with the reasons when some are not ready after that."""
    for version in tqdm(versions, unit="document", disable=None, leave=False):
        ingest_version(version.pk)
    unready = DocumentVersion.objects.filter(pk__in=[version.pk for version in versions]).exclude(
        state=DocumentVersion.State.READY
    )
    if reasons := [f"{version.document.name}: {version.failure_detail or version.state}" for version in unready]:
        raise CommandError("Not ready:\n" + "\n".join(reasons))

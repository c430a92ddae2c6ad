"""A small help centre, the set that holds it, and runs of it by the real pipeline over the stand-in model."""

from __future__ import annotations

from pathlib import Path

from asgiref.sync import async_to_sync

from chat.models import AssistantVersion
from chat.versions.states import find
from evals.datasets.files import load
from evals.datasets.sets import freeze
from evals.models import Dataset, Run
from evals.running.runs import start
from evals.running.work import work
from knowledge.models import Document
from tests.chat.versioning import changed, draft
from tests.evals.factories import dataset
from tests.factories import article

CASES = load(Path(__file__).parent / "planted.jsonl")
MARGIN = 0.25  # what twelve cases without a difference can show
ARTICLES = {
    "Late fee": "The late fee is $35 when a payment arrives after the 15th of the month.",
    "Wire transfers": "An outgoing wire transfer costs $22. Incoming wire transfers are free.",
    "Payoff quotes": "A payoff quote is valid for 10 days from the day on which it is made.",
    "Escrow": "We review your escrow account every May and send you a statement of it.",
    "Statements": "The monthly statement is sent on the 3rd of each month.",
    "Records": "Loan records are kept for 7 years after payoff, and then destroyed.",
    "Appraisals": "The borrower pays for the appraisal of the house before closing.",
    "Rate locks": "A rate lock lasts 45 days and can be extended once.",
    "Down payments": "The smallest down payment for a first home is 3 percent of the price.",
    "Complaints": "A complaint is answered within 15 days in writing.",
    "Mortgage insurance": "Mortgage insurance is removed when the balance falls to 78 percent of the value.",
    "Phone line": "The phone line is open until 2 p.m. on Saturdays and closed on Sundays.",
}


def help_centre() -> dict[str, Document]:
    """The articles that the cases ask about, by their titles."""
    return {title: article(title, text) for title, text in ARTICLES.items()}


def planted_set() -> Dataset:
    return dataset(*CASES, slug="planted", gates=True, margin=MARGIN)


def run_through(cases: Dataset, version: AssistantVersion) -> Run:
    """The version answers all cases, as the worker lets it."""
    run = start(freeze(cases), version)
    while async_to_sync(work)(run.pk):
        pass
    run.refresh_from_db()
    return run


def run_of_live(cases: Dataset) -> Run:
    return run_through(cases, find("live"))


def version_that_says(words: dict[str, str]) -> AssistantVersion:
    """A draft whose rules on answers put other words in the place of each sentence that holds some."""
    rules = [
        {"name": f"planted_{number}", "reads": "answer", "watch_for": [held], "say": instead}
        for number, (held, instead) in enumerate(words.items())
    ]
    return draft(changed(rules=rules), note="Planted")

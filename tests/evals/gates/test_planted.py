"""The proof of the gate, by the real pipeline: what was made worse on purpose is stopped, other words are not."""

from __future__ import annotations

import pytest

from evals.gates import GateReport, check, gate_of
from evals.gates.publishing import refusals
from evals.models import Dataset, Run
from knowledge.models import Document
from tests.evals.gates.planted import help_centre, planted_set, run_of_live, run_through, version_that_says

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cases() -> Dataset:
    help_centre()
    return planted_set()


@pytest.fixture
def live(cases: Dataset) -> Run:
    """The live version answers all of it: without that the planted mistakes would prove nothing."""
    run = run_of_live(cases)
    assert [one.text for one in run.results.exclude(passed=True)] == []
    return run


def broken(report: GateReport) -> set[str]:
    return {finding.name for finding in report.objections}


def test_a_changed_number_is_stopped(cases: Dataset, live: Run):
    worse = version_that_says({"late fee is": "The late fee is $53. [1]"})
    report = check(run_through(cases, worse))
    assert {"invariants", "critical cases"} <= broken(report)
    bad = report.run.results.get(case__key="late-fee")
    assert all(bad.pk in finding.results for finding in report.objections)
    assert refusals(worse)


def test_a_changed_number_in_a_case_that_is_not_critical_is_stopped(cases: Dataset, live: Run):
    worse = version_that_says({"outgoing wire": "An outgoing wire transfer costs $52. [1]"})
    assert "invariants" in broken(check(run_through(cases, worse)))


def test_a_search_that_drops_a_document_is_stopped(cases: Dataset, live: Run):
    Document.objects.filter(title="Records").update(live_version=None)
    after = run_of_live(cases)
    assert [one.case.key for one in after.results.filter(passed=False)] == ["records"]  # type: ignore[union-attr]
    report = check(after, live)
    assert broken(report) == {"primary metric"}
    assert report.objections[0].results == (after.results.get(passed=False).pk,)
    assert "circumstances" in broken(check(live)), "what was run before the document went says nothing of now"


@pytest.mark.parametrize("held", ["late fee is", "monthly statement"])
def test_a_missing_citation_is_stopped(cases: Dataset, live: Run, held: str):
    fact = {"late fee is": "The late fee is $35.", "monthly statement": "The monthly statement is sent on the 3rd."}[
        held
    ]
    report = check(run_through(cases, version_that_says({held: fact})))
    assert broken(report) & {"invariants", "critical cases", "primary metric"}
    (bad,) = report.run.results.filter(passed=False)
    assert bad.text.strip() == fact


def test_other_words_for_the_same_facts_pass(cases: Dataset, live: Run):
    reworded = version_that_says(
        {
            "late fee is": "You pay $35 when you are late. [1]",
            "outgoing wire": "Sending money by wire costs $22. [1]",
            "payoff quote": "The quote holds for 10 days. [1]",
            "escrow account every": "Your escrow account is looked at each May. [1]",
            "rate lock lasts": "You keep the rate for 45 days. [1]",
        }
    )
    report = check(run_through(cases, reworded))
    texts = {one.case.key: one.text.strip() for one in report.run.results.select_related("case")}  # type: ignore[union-attr]
    assert texts["wire-fee"].startswith("Sending money by wire costs $22. [1]")
    assert [finding.words for finding in report.objections] == []
    assert refusals(reworded) == []
    assert [gate.is_passed for gate in gate_of(reworded)] == [True]

"""A run as a table: whose words are in it, what it takes to read it, and what is reckoned from it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from evals.reporting.effort import effort_of
from evals.reporting.failures import Wanted, counts, neighbours, wanted_rows
from evals.reporting.flaky import flaky_cases
from evals.reporting.scorecard import scorecard
from evals.reporting.slices import facets_of, rows_in, slices
from evals.reporting.table import load
from tests.evals.factories import answer, case, dataset, grading, result, run_of
from tests.people import person

pytestmark = pytest.mark.django_db

Queries = Callable[[int], AbstractContextManager[Any]]


def test_a_table_takes_as_many_queries_for_one_answer_as_for_many(django_assert_num_queries: Queries):
    run = run_of(dataset(*(case(f"q{n}") for n in range(8))))
    with django_assert_num_queries(3):
        assert len(load(run).rows) == 8
    table = load(run)
    with django_assert_num_queries(2):
        facets_of(table)


def test_only_machines_current_words_are_in_it():
    run = run_of(dataset())
    row = run.results.get()
    grading(row, "tone", label="rude", score=0.0)
    grading(row, "tone", label="fitting", score=1.0)
    grading(row, "relevance", points=1, by=person("agent"))
    (read,) = load(run).rows
    assert read.marks["tone"].label == "fitting"
    assert "relevance" not in read.marks


def test_words_on_two_answers_are_read_against_the_runs_baseline_only():
    support = dataset()
    other, baseline = run_of(support), run_of(support)
    run = run_of(support, baseline=baseline)
    row = run.results.get()
    grading(row, "pairwise", label="worse", score=0.0, against=other.results.get())
    assert "pairwise" not in load(run).rows[0].marks
    grading(row, "pairwise", label="better", score=1.0, against=baseline.results.get())
    assert load(run).rows[0].marks["pairwise"].label == "better"


def test_a_scorecard_counts_what_abstained_and_what_broke_apart_from_scores():
    run = run_of(dataset(*(case(f"q{n}") for n in range(4))))
    rows = list(run.results.all())
    grading(rows[0], "relevance", points=5, is_hard_failure=True)
    grading(rows[1], "relevance", points=3)
    grading(rows[2], "relevance", outcome="abstained")
    grading(rows[3], "relevance", outcome="failed")
    score = next(one for one in scorecard(load(run)) if one.grader == "relevance")
    assert (score.scored, score.abstained, score.failed, score.hard_failures) == (2, 1, 1, 1)
    assert score.points == 4
    assert score.mean
    assert (score.mean.value, score.mean.n) == (0.75, 2)
    assert dict(score.spread) == {"5": 1, "4": 0, "3": 1, "2": 0, "1": 0}


def test_labels_are_counted_best_first_and_unknown_ones_last():
    run = run_of(dataset(case("a"), case("b")))
    for row, label in zip(run.results.all(), ("conflict", "an old label"), strict=True):
        grading(row, "fact_vs_expert", label=label, score=0.0)
    score = next(one for one in scorecard(load(run)) if one.grader == "fact_vs_expert")
    words = [label for label, _ in score.spread]
    assert words[0] == "same"
    assert words[-1] == "an old label"
    assert dict(score.spread)["conflict"] == 1


def test_scores_without_words_are_counted_by_height():
    run = run_of(dataset(case("a"), case("b"), case("c")))
    for row, share in zip(run.results.all(), (1.0, 0.5, 0.05), strict=True):
        grading(row, "groundedness", score=share)
    score = next(one for one in scorecard(load(run)) if one.grader == "groundedness")
    assert score.spread == (("80–100 %", 1), ("60–80 %", 0), ("40–60 %", 1), ("20–40 %", 0), ("0–20 %", 1))


def test_slices_hold_the_answers_that_they_name():
    support = dataset(
        case("a", tags=("fees", "loans"), severity="critical"), case("b", tags=("fees",)), case("c", language="es")
    )
    run = run_of(support, {"a": False})
    row = run.results.get(case__key="c")
    run.results.filter(pk=row.pk).update(answer=answer(cited=()).as_json(), error="timeout")
    table = load(run)
    facets = facets_of(table)
    groups = {group.dimension: group for group in slices(table, facets, "passed")}
    tags = {one.value: one for one in groups["tag"].slices}
    assert tags["fees"].answers == 2
    assert tags["fees"].estimate
    assert tags["fees"].estimate.value == 0.5
    assert [one.value for one in groups["document"].slices] == ["late-fees.md", "(none)"]
    assert {one.value for one in groups["served_by"].slices} == {"model", "no answer"}
    assert "audience" not in groups  # all alike
    assert [found.key for found in rows_in(table, facets, "severity:critical")] == ["a"]
    assert list(rows_in(table, facets, "no such:thing")) == []


def test_the_worst_come_first_and_demo_verdicts_and_slow_answers_are_no_failures():
    run = run_of(dataset(*(case(f"q{n}") for n in range(6))), {"q1": False})
    by_key = {row.case.key: row for row in run.results.select_related("case") if row.case}
    run.results.filter(pk=by_key["q2"].pk).update(error="timeout", passed=None)
    run.results.filter(pk=by_key["q3"].pk).update(is_hard_failure=True)
    grading(by_key["q4"], "relevance", points=1, is_demo=True)
    grading(by_key["q5"], "latency", score=0.0)
    table = load(run)
    assert [row.key for row in wanted_rows(table, Wanted())] == ["q3", "q2", "q1"]
    assert counts(table)["failures"] == 3
    assert counts(table)["passed"] == 3
    assert [row.key for row in wanted_rows(table, Wanted(grader="latency"))] == ["q5"]


def test_neighbours_are_those_of_the_list():
    rows = list(load(run_of(dataset(*(case(f"q{n}") for n in range(3))))).rows)
    first, second, third = (row.result for row in rows)
    assert neighbours(rows, second) == (first, third)
    assert neighbours(rows, first) == (None, second)
    assert neighbours(rows[1:], first) == (None, second)  # it is not in the list: the walk begins
    assert neighbours([], first) == (None, None)


def test_effort_is_that_of_answers_that_came():
    run = run_of(dataset(*(case(f"q{n}") for n in range(4))))
    for milliseconds, row in zip((100, 200, 300, 90_000), run.results.all(), strict=True):
        run.results.filter(pk=row.pk).update(ms=milliseconds, error="timeout" if milliseconds > 1_000 else "")
    effort = effort_of(load(run).rows)
    assert (effort.p50, effort.p95) == (0.2, 0.3)
    assert effort.dollars == pytest.approx(0.0048)
    run.results.update(cost_microdollars=None)
    unknown = effort_of(load(run).rows)
    assert (unknown.dollars, unknown.dollars_each, unknown.unpriced) == (None, None, 3)


def test_flaky_cases_are_those_that_change_their_mind():
    run = run_of(dataset(case("steady"), case("wobbly")), {"steady": [True] * 3, "wobbly": [True, False, True]})
    flaky = flaky_cases(load(run))
    assert flaky
    assert [one.key for one in flaky.cases] == ["wobbly"]
    assert len(flaky.cases[0].rows) == 3
    assert flaky_cases(load(run_of(dataset(slug="once")))) is None


def test_real_turns_are_units_of_their_own():
    from evals.models import Run

    online = Run.objects.create(trigger=Run.Trigger.ONLINE)
    rows = [result(online, passed=number < 1, weight=2.0) for number in range(2)]
    assert [row.unit for row in load(online).rows] == [f"turn-{row.pk}" for row in rows]

"""A case that passes sometimes is flaky; a case that was run once cannot be."""

import pytest

from evals.statistics.flakiness import flakiness


def test_flaky_cases_are_those_that_did_not_come_out_the_same():
    found = flakiness(
        {"steady": [True] * 3, "flaky": [True, False, True], "never": [False] * 3, "once": [True], "unjudged": []}
    )
    assert found is not None
    assert found.flaky == ("flaky",)
    assert found.share == pytest.approx(1 / 3)
    assert found.cases == 3
    assert found.pass_rates == {"steady": 1.0, "flaky": pytest.approx(2 / 3), "never": 0.0, "once": 1.0}


def test_cases_that_were_run_once_say_nothing_about_flakiness():
    assert flakiness({"a": [True], "b": [False], "c": []}) is None
    assert flakiness({}) is None

"""The table and the JSON of a run tell the same; what broke counts neither for nor against."""

import pytest

from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade
from evals.report import Tally, as_json, as_table, percentile
from evals.runner import CaseResult
from knowledge.access import Audience

GOOD, BAD, SILENT, BROKEN = (
    Grade.scored(1.0),
    Grade.scored(0.0, "lacks “$35”"),
    Grade.abstained("no facts"),
    Grade.failed("KeyError: 'x'"),
)


def result(name: str, language: str = "en", error: str = "", **grades: Grade) -> CaseResult:
    case = Case(id=name, question="?", language=language, audience=Audience.PUBLIC, expects="answer")
    answer = None if error else Answer("…", first_word_after=0.5, whole_after=2.0)
    return CaseResult(case, answer, grades, error)


RESULTS = [
    result("fine", must_include=GOOD, cites_source=SILENT),
    result("poor", language="es", must_include=BAD, cites_source=GOOD),
    result("crashed", must_include=BROKEN, cites_source=GOOD),
    result("unanswered", error="no answer: provider_down"),
]


def test_what_broke_is_never_a_zero():
    assert Tally.of(RESULTS) == Tally(passed=1, judged=2, broken=2)
    assert as_json(RESULTS, "v1 1f2e3d4c")["grader"] == {
        "must_include": {"passed": 1, "judged": 2, "broken": 1},
        "cites_source": {"passed": 2, "judged": 2, "broken": 0},
    }


def test_an_abstention_is_not_counted_and_does_not_stop_a_case_from_passing():
    assert [case.passed for case in RESULTS] == [True, False, False, False]
    assert not result("silent", must_include=SILENT).was_judged


def test_the_table_shows_each_case_with_its_reason():
    table = as_table(RESULTS, "v1 1f2e3d4c")
    assert "v1 1f2e3d4c" in table
    assert "✓ fine" in table
    assert "✗ poor" in table
    assert "must_include: lacks “$35”" in table
    assert "! crashed" in table
    assert "must_include: KeyError: 'x'" in table
    assert "no answer: provider_down" in table
    assert "1 of 2    50.0%   2 not judged" in table


def test_the_json_holds_every_answer_and_says_null_for_what_was_not_judged():
    cases = as_json(RESULTS, "v1 1f2e3d4c")["cases"]
    assert [case["passed"] for case in cases] == [True, False, None, None]
    assert cases[1]["grades"]["must_include"]["reason"] == "lacks “$35”"


@pytest.mark.parametrize(("percent", "value"), [(50, 2.0), (95, 4.0), (100, 4.0)])
def test_a_percentile_is_one_of_the_values(percent, value):
    assert percentile([4.0, 1.0, 3.0, 2.0], percent) == value


def test_no_values_have_no_percentile_to_break_on():
    assert percentile([], 95) == 0.0

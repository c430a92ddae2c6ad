"""A run's account outside of the pages tells the same everywhere, and hostile text does nothing in any of its forms."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from evals.models import Run
from evals.reporting.account import Tally, account_of
from evals.reporting.junit import as_junit
from evals.reporting.markdown import as_markdown, cell
from evals.reporting.printed import as_json, as_table
from tests.evals.factories import case, dataset, grading, result, run_of

pytestmark = pytest.mark.django_db

HOSTILE = (
    "]]></failure><script>alert(1)</script> &amp; | a | b\n## Head\n[x](https://evil.example) ![i](//e.example/p.png) "
    "@everyone <img src=x onerror=alert(1)> `code` \x1b[31m\ufffe www.evil.example"
)


@pytest.fixture
def run() -> Run:
    """A good answer, a poor one, one that a rule broke on, one that did not come, and one that no rule minds."""
    made = run_of(dataset(case("fine")), {})
    rows = dataset(*(case(name, language="es") for name in ("poor", "broke", "absent", "silent"))).cases
    poor = result(made, rows.get(key="poor"), passed=False)
    grading(poor, "cites_source", score=1.0)
    grading(poor, "tone", score=0.0, label="rude", is_hard_failure=True, reason="is rude")
    broke = result(made, rows.get(key="broke"), passed=None)
    grading(broke, "must_include", outcome="failed", reason="KeyError: 'x'")
    result(made, rows.get(key="absent"), passed=None, error="provider_down", text="")
    grading(result(made, rows.get(key="silent"), passed=None), "must_include", outcome="abstained")
    return made


def test_what_broke_and_what_is_silent_is_never_a_zero(run: Run):
    account = account_of(run)
    assert account.tally == Tally(passed=1, judged=2, broken=2)
    assert account.by_grader["must_include"] == Tally(passed=1, judged=2, broken=1)
    assert account.by_kind["language"] == {"en": Tally(1, 1, 0), "es": Tally(0, 1, 2)}


def test_the_table_shows_each_answer_with_its_reasons(run: Run):
    table = as_table(account_of(run), ["Against run 1: better."])
    for words in ("✓ fine", "✗ poor", "! broke", "! absent", "· silent", "1 of 2    50.0%   2 not judged"):
        assert words in table
    assert "    must_include: lacks “$35”" in table
    assert "    must_include: KeyError: 'x'" in table
    assert "    no answer: provider_down" in table
    assert table.endswith("Against run 1: better.")


def test_the_json_says_null_for_what_was_not_judged(run: Run):
    told = as_json(account_of(run), {"gate": None})
    passed = {one["id"]: one["passed"] for one in told["cases"]}
    assert passed == {"fine": True, "poor": False, "broke": None, "absent": None, "silent": None}
    assert told["passed"] == {"passed": 1, "judged": 2, "broken": 2, "rate": 0.5}


def test_junit_counts_failures_errors_and_what_was_skipped(run: Run):
    suite = ElementTree.fromstring(as_junit(account_of(run)))[0]
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "5", "failures": "1", "errors": "1", "skipped": "2"}
    poor = next(test for test in suite.iter("testcase") if test.get("name") == "poor")
    assert poor.find("failure") is not None
    assert "must_include: lacks" in (poor.find("failure").get("message") or "")  # type: ignore[union-attr]


@pytest.fixture
def hostile() -> Run:
    run = run_of(dataset(case("fine", question=f"What? {HOSTILE}")), {"fine": False}, note=HOSTILE)
    answered = run.results.get()
    answered.text = HOSTILE
    answered.save()
    said = answered.gradings.get()
    said.reason = answered.text
    said.save()
    return run


def test_hostile_text_stays_text_in_junit(hostile: Run):
    xml = as_junit(account_of(hostile))
    suite = ElementTree.fromstring(xml)[0]
    assert [child.tag for child in suite] == ["properties", "testcase"]
    failure = suite[1].find("failure")
    assert failure is not None
    assert "<script>alert(1)</script>" in (failure.text or "")
    assert not {"\x1b", "\ufffe"} & set(xml)


def test_hostile_text_stays_text_in_markdown(hostile: Run):
    table = as_markdown(account_of(hostile), [f"Against run 1: {HOSTILE}\x00\ud800"], gate=[(False, HOSTILE)])
    html = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table").render(table)
    for tag in ("<script", "<img", "<a ", "<h2", "<code", "<em"):
        assert tag not in html, tag
    assert html.count("<table>") == 3
    assert "@everyone" not in table
    assert "https://" not in table
    assert "www.evil" not in table


def test_hostile_text_stays_on_its_line_in_the_terminal(hostile: Run):
    table = as_table(account_of(hostile))
    assert "\x1b" not in table
    assert not any(line.startswith("## Head") for line in table.splitlines())


@pytest.mark.parametrize(
    ("text", "shown"), [("a | b", "a \\| b"), ("x" * 200, "x" * 159 + "…"), ("<b>", "&lt;b\\>"), ("#12", "#\u200b12")]
)
def test_a_cell_is_plain_words(text: str, shown: str):
    assert cell(text) == shown

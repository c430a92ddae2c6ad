"""Each rule of the gate: what it stops, what it lets through, and what it says. Nothing that was not shown passes."""

from __future__ import annotations

from typing import Any

import pytest

from chat.models import AssistantVersion
from chat.versions.states import publish
from evals.datasets.sets import freeze, keep
from evals.gates import GateReport, check
from evals.gates.checking import NothingToCheck
from evals.gates.evidence import Evidence
from evals.gates.findings import Finding
from evals.graders import GRADERS
from evals.models import Dataset, Grading, Result, Run
from evals.running.circumstances import circumstances
from tests.chat.versioning import draft
from tests.evals.factories import case, dataset, grading, result, run_of
from tests.factories import article

pytestmark = pytest.mark.django_db

NAMES = [f"c{number:03}" for number in range(70)]
WIDE = 0.06  # what seventy cases without a difference can show


def support(**columns: Any) -> Dataset:
    return dataset(*(case(name) for name in NAMES), **{"margin": WIDE, "gates": True} | columns)


def graded(run: Run) -> Run:
    """As the runner leaves it: every invariant of the shelf has looked at each answer."""
    names = [name for name, one in GRADERS.items() if one.kind == "rule"]
    Run.objects.filter(pk=run.pk).update(graders={n: {"version": "0123456789ab", "model": ""} for n in names})
    run.refresh_from_db()
    return run


def of_live(cases: Dataset, failed: list[str] | None = None, **columns: Any) -> Run:
    return graded(run_of(cases, dict.fromkeys(failed or [], False), circumstances=circumstances(), **columns))


def of_draft(cases: Dataset, failed: list[str] | None = None, **columns: Any) -> Run:
    row = AssistantVersion.objects.filter(state="draft").first() or draft()
    return of_live(cases, failed, assistant_version=row, assistant_hash=row.hash, **columns)


def live_and_draft(cases: Dataset, failed: list[str] | None = None) -> tuple[Run, Run]:
    before = of_live(cases)
    Run.objects.filter(pk=before.pk).update(assistant_hash=before.assistant_version.hash)  # type: ignore[union-attr]
    return before, of_draft(cases, failed)


def found(report: GateReport, name: str) -> Finding:
    return next(finding for finding in report.findings if finding.name == name)


def test_a_version_that_answers_as_well_passes():
    before, after = live_and_draft(support())
    report = check(after)
    assert [finding.words for finding in report.objections] == []
    assert report.is_passed
    assert report.baseline == before


def test_a_version_that_answers_worse_is_stopped_and_the_answers_are_named():
    _, after = live_and_draft(support(), NAMES[:10])
    finding = found(check(after), "primary metric")
    assert not finding.is_passed
    assert "It is worse." in finding.words
    lost = Result.objects.filter(run=after, passed=False).order_by("pk").values_list("pk", flat=True)
    assert sorted(finding.results) == list(lost)


def test_too_few_cases_are_no_pass_and_it_says_how_many_are_needed():
    _, after = live_and_draft(support(margin=0.03))
    finding = found(check(after), "primary metric")
    assert not finding.is_passed
    assert "Too few cases to tell: 70, and about 1" in finding.words
    assert "these could show that no more than 6 points are lost" in finding.words


def test_without_a_run_of_the_live_version_there_is_nothing_to_compare_with():
    finding = found(check(of_draft(support())), "primary metric")
    assert (finding.is_passed, finding.words) == (
        False,
        "There is no run of the live version over these cases as things are now. Run it first.",
    )


def test_a_baseline_that_was_answered_from_other_documents_is_none():
    cases = support()
    before, after = live_and_draft(cases)
    assert check(after).baseline == before
    Run.objects.filter(pk=before.pk).update(circumstances=before.circumstances | {"documents": "another"})
    assert check(after).baseline is None
    assert check(after, before).baseline == before


def test_the_live_version_itself_needs_nothing_to_compare_with():
    cases = support()
    live = of_live(cases)
    Run.objects.filter(pk=live.pk).update(assistant_hash=live.assistant_version.hash)  # type: ignore[union-attr]
    assert check(Run.objects.get(pk=live.pk)).is_passed


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"state": Run.State.STOPPED}, "it is stopped"),
        ({"state": Run.State.OVER_BUDGET}, "it is stopped at its budget"),
        ({"expected": 71}, "1 of 71 answers are missing"),
        ({"repetitions": 2}, "70 of 140 answers are missing"),
    ],
)
def test_a_run_that_is_not_whole_does_not_pass(columns: dict[str, Any], words: str):
    _, after = live_and_draft(support())
    Run.objects.filter(pk=after.pk).update(**columns)
    finding = found(check(Run.objects.get(pk=after.pk)), "complete")
    assert (finding.is_passed, words in finding.words) == (False, True), finding.words


def test_an_answer_that_failed_and_a_grader_that_broke_are_no_pass():
    _, after = live_and_draft(support())
    first, second = after.results.all()[:2]
    Result.objects.filter(pk=first.pk).update(error="provider_down", passed=None)
    grading(second, "must_include", outcome="failed")
    finding = found(check(after), "complete")
    assert finding.words == "Not all is answered and graded: 1 answer failed; a grader broke over 1 answer."
    assert finding.results == (first.pk, second.pk)


def test_a_judge_that_broke_does_not_count_while_it_may_not_decide():
    _, after = live_and_draft(support())
    grading(after.results.all()[0], "tone", outcome="failed")
    assert check(after).is_passed


def test_a_draft_that_was_edited_since_has_to_be_run_again():
    _, after = live_and_draft(support())
    AssistantVersion.objects.filter(state="draft").update(hash="f" * 64)
    finding = found(check(Run.objects.get(pk=after.pk)), "version")
    assert (finding.is_passed, finding.words) == (False, "Version 2 was edited after the run. Run the set again.")


def test_a_run_of_an_older_version_of_the_set_does_not_pass():
    cases = support()
    _, after = live_and_draft(cases)
    keep(cases, case("added"))
    freeze(cases)
    finding = found(check(after), "set")
    assert finding.words == "The set is at version 2, and the run asks version 1. Run the set again."
    assert not finding.is_passed


def test_a_run_from_before_the_documents_changed_does_not_pass():
    _, after = live_and_draft(support())
    article("A new page", "The fee is $40 from today on.", is_embedded=False)
    finding = found(check(after), "circumstances")
    assert finding.words == "Since the run these have changed: documents. Run the set again."
    assert not finding.is_passed


def test_a_run_by_another_model_does_not_pass(settings: Any):
    _, after = live_and_draft(support())
    settings.LLM_STRONG_MODEL = "another-model"
    assert "models" in found(check(after), "circumstances").words


def test_a_run_that_did_not_keep_what_it_rested_on_does_not_pass():
    _, after = live_and_draft(support())
    Run.objects.filter(pk=after.pk).update(circumstances={})
    assert not found(check(Run.objects.get(pk=after.pk)), "circumstances").is_passed


INVARIANT = next(name for name, one in GRADERS.items() if one.is_invariant and one.kind == "rule")


def test_an_invariant_that_breaks_once_in_all_repetitions_stops_the_version():
    cases = support()
    live_and_draft(cases)
    after = of_draft(cases)
    for one in after.results.all():
        grading(one, INVARIANT, score=1.0)
    bad = after.results.all()[3]
    grading(bad, INVARIANT, score=0.0)
    finding = found(check(after), "invariants")
    assert finding.words == f"Broken: {GRADERS[INVARIANT].title}: 1 answer."
    assert (finding.is_passed, finding.results) == (False, (bad.pk,))


def test_an_invariant_that_has_not_looked_does_not_hold():
    _, after = live_and_draft(support())
    del after.graders[INVARIANT]
    after.save()
    finding = found(check(after), "invariants")
    assert (finding.is_passed, INVARIANT in finding.words) == (False, True)


def test_a_hard_failure_stops_the_version_unless_only_the_demo_model_says_so():
    _, after = live_and_draft(support())
    one = after.results.all()[0]
    Result.objects.filter(pk=one.pk).update(is_hard_failure=True)
    said = grading(one, "fact_vs_expert", score=0.0, is_hard_failure=True, is_demo=True)
    assert check(after).is_passed
    Grading.objects.filter(pk=said.pk).update(grader="must_include_more", is_demo=False)
    finding = found(check(after), "hard failures")
    assert (finding.is_passed, finding.results) == (False, (one.pk,))


def test_a_critical_case_passes_in_every_repetition_or_stops_the_version():
    cases = dataset(case("iban", severity="critical"), *(case(name) for name in NAMES), margin=WIDE)
    before = of_live(cases, repetitions=1)
    row = draft()
    after = graded(
        run_of(
            cases,
            {name: [True] * 3 for name in NAMES} | {"iban": [True, True, False]},
            circumstances=circumstances(),
            assistant_version=row,
            assistant_hash=row.hash,
        )
    )
    finding = found(check(after, before), "critical cases")
    assert finding.words == "A critical case passes each time it is asked: 1 of 3 answers did not pass."
    assert finding.results == (after.results.get(case__key="iban", repetition=3).pk,)


def test_a_critical_case_that_nobody_could_judge_is_no_pass():
    cases = dataset(case("iban", severity="critical"))
    after = of_draft(cases)
    Result.objects.filter(run=after).update(passed=None)
    finding = found(check(after), "critical cases")
    assert (finding.is_passed, "1 of them not judged" in finding.words) == (False, True)


def test_a_safety_set_passes_whole_and_needs_nothing_to_compare_with():
    cases = dataset(case("leak"), case("insult"), slug="safety", purpose="safety", gates=True)
    assert check(of_draft(cases)).is_passed
    finding = found(check(of_draft(cases, ["leak"])), "safety")
    assert finding.words == "This is a safety set, which passes whole: 1 of 2 answers did not pass."


def test_a_judge_that_may_not_decide_leaves_it_to_the_rules_and_that_is_said():
    before, after = live_and_draft(support(primary_metric="correctness"))
    for run, points in ((before, 5), (after, 1)):
        for one in run.results.all():
            grading(one, "correctness", points=points)
    finding = found(check(after), "primary metric")
    assert finding.words.startswith(f"{GRADERS['correctness'].title} may not decide yet, so passed by the rules does.")
    assert finding.is_passed


def test_a_judge_that_people_agree_with_decides(monkeypatch: pytest.MonkeyPatch):
    before, after = live_and_draft(support(primary_metric="correctness"))
    for run, points in ((before, 5), (after, 1)):
        for one in run.results.all():
            grading(one, "correctness", points=points)
    monkeypatch.setattr(Evidence, "judges", frozenset({"correctness"}))
    finding = found(check(after), "primary metric")
    assert (finding.is_passed, "It is worse." in finding.words) == (False, True)


def test_other_graders_before_and_after_are_no_comparison():
    _, after = live_and_draft(support())
    Grading.objects.filter(result__run=after).update(version="ffffffffffff")
    finding = found(check(after), "primary metric")
    assert (finding.is_passed, "graded by different versions" in finding.words) == (False, True)


def test_real_turns_are_nothing_that_a_gate_could_check():
    online = Run.objects.create(trigger=Run.Trigger.ONLINE, state=Run.State.DONE)
    result(online)
    with pytest.raises(NothingToCheck, match="real turns"):
        check(online)


def test_what_was_published_since_is_what_the_next_one_is_held_against():
    cases = support()
    _, after = live_and_draft(cases)
    publish(AssistantVersion.objects.get(state="draft"), note="n", override="in this test the gate is not asked")
    again = draft(None, note="Other words")
    later = graded(run_of(cases, circumstances=circumstances(), assistant_version=again, assistant_hash=again.hash))
    assert check(later).baseline == after


def test_critical_cases_that_the_live_version_fails_too_are_said_to_be_no_news():
    cases = dataset(case("iban", severity="critical"), case("fee", severity="critical"))
    before = of_live(cases, ["iban"])
    finding = found(check(of_draft(cases, ["iban", "fee"]), before), "critical cases")
    assert not finding.is_passed
    assert finding.words.endswith(f"Run {before.pk}, which it is compared with, fails 1 of these 2 cases too.")

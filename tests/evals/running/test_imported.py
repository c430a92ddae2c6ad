"""Answers of another system become a run, with what machines and people said of them."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from evals.graders import GRADERS
from evals.judging.figures import figures_of, versions_of
from evals.judging.labels import among_people, labels_for
from evals.models import Grading, Result, Review, Run
from evals.reporting.table import load
from evals.running.imported import import_answers, read
from evals.running.runs import Refused
from tests.evals.factories import case, dataset
from tests.evals.running.starting import newest

pytestmark = pytest.mark.django_db

ANN = {"grader": "fact_vs_expert", "label": "same", "by": "person", "person": "Ann"}
BOB = {"grader": "fact_vs_expert", "label": "conflict", "by": "person", "person": "Bob", "reason": "It is $40."}
EVE = {"grader": "fact_vs_expert", "label": "conflict", "by": "person", "person": "Eve"}


def line(key: str = "fee", answer: str = "It is $35.", **more: Any) -> str:
    return json.dumps({"case": key, "answer": answer, **more})


def imported(*lines: str, label: str = "Other bot") -> Run:
    made = dataset(case("fee", must_include=["$35"]), case("escrow", must_include=["taxes"]))
    return import_answers(newest(made), read("\n".join(lines).encode()), label=label)


def test_an_answer_is_kept_with_what_it_cites_what_it_read_and_what_it_took():
    passages = [{"name": "fees.md", "title": "Fees", "text": "$35"}, "Another passage"]
    more: dict[str, Any] = {
        "cited": ["fees.md"],
        "passages": passages,
        "model": "m-1",
        "seconds": 1.25,
        "dollars": 0.002,
    }
    run = imported(line(**more), line("escrow", "", error="timeout"))
    assert (run.state, run.trigger, run.label, run.expected) == ("done", "import", "Other bot", 2)
    result = Result.objects.get(case__key="fee")
    assert (result.text, result.ms, result.cost_microdollars, result.model) == ("It is $35.", 1250, 2000, "m-1")
    assert result.reading.cited == ("fees.md",)
    assert [(one.number, one.text) for one in result.reading.passages] == [(1, "$35"), (0, "Another passage")]
    assert Result.objects.get(case__key="escrow").error == "timeout"


def test_what_machines_said_is_a_metric_of_the_run():
    first = {"grader": "exact_match", "passed": True}
    second = {"grader": "exact_match", "score": 0.25, "reason": "half of it"}
    table = load(imported(line(grades=[first]), line("escrow", grades=[second])))
    assert sorted(score for _, score in table.scored("exact_match")) == [0.25, 1.0]


def test_what_people_said_stays_theirs_and_the_word_of_most_of_them_holds():
    run = imported(line(grades=[BOB, ANN, EVE]), line("escrow", grades=[ANN, BOB]))
    grader = GRADERS["fact_vs_expert"]
    said = Grading.objects.by_people().filter(result__run=run)
    assert sorted(said.values_list("result__case__key", "rater", "label")) == [
        ("escrow", "Ann", "same"),
        ("escrow", "Bob", "conflict"),
        ("fee", "Ann", "same"),
        ("fee", "Bob", "conflict"),
        ("fee", "Eve", "conflict"),
    ]
    assert set(said.filter(label="conflict").values_list("score", "passed")) == {(0.0, False)}
    labels = labels_for(grader)
    fee = Result.objects.get(case__key="fee")
    assert labels.settled == {fee.pk: "conflict"}
    assert sorted(map(len, labels.said.values())) == [2, 3]
    agreement = among_people(grader, labels).agreement
    assert agreement
    assert agreement.n == 2
    assert not Review.objects.open().exists()
    assert not Grading.objects.by_machines().exists()


def test_two_people_without_a_name_are_two():
    nameless = {"grader": "tone", "points": 4, "by": "person"}
    imported(line(grades=[nameless, {**nameless, "points": 2}]))
    assert Grading.objects.by_people().count() == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds 0 answers"),
        ("{", "Line 1 is not a JSON object"),
        (line() + "\n[]", "Line 2, the line"),
        (line(extra=1), "Line 1, extra"),
        (line(answer=""), "either an answer or an error"),
        (line(error="timeout"), "either an answer or an error"),
        (line() + "\n" + line(), "answered twice in repetition 1"),
        (line("nobody"), "has no case nobody"),
        (line(grades=[{"grader": "exact", "label": "ok"}]), "say points, a score or passed"),
        (line(grades=[{"grader": "No Name", "passed": True}]), "grades.0.grader"),
        (line(seconds="nan"), "Line 1, seconds"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line_and_nothing_is_kept(text: str, says: str):
    with pytest.raises(Refused, match=says):
        imported(*([text] if text else []))
    assert not Run.objects.exists()


def test_hostile_text_is_kept_without_what_the_database_cannot_hold():
    imported(line(answer="It\x00 is\ud800 <b>$35</b>", grades=[{"grader": "x", "passed": False, "reason": "\x00=1+1"}]))
    assert Result.objects.get().text == "It is <b>$35</b>"
    assert Grading.objects.get().reason == "=1+1"


@pytest.mark.django_db(transaction=True)
def test_the_shelf_grades_imported_answers_on_demand_and_asks_nothing(tmp_path: Path):
    dataset(case("fee", must_include=["$35"]), case("escrow", must_include=["taxes"]))
    file = tmp_path / "answers.jsonl"
    said = [{"grader": "must_include", "passed": False}, {**ANN, "grader": "groundedness", "label": "", "passed": True}]
    file.write_text(line(grades=said) + "\n" + line("escrow", "A goat."))
    out = StringIO()
    words = ["support", str(file), "--label", "Other bot", "--grade", "--graders", "must_include"]
    call_command("import_answers", *words, stdout=out)
    assert "✓ fee" in out.getvalue()
    assert "✗ escrow" in out.getvalue()
    assert dict(Result.objects.values_list("case__key", "passed")) == {"fee": True, "escrow": False}
    run = Run.objects.get()
    assert (run.state, set(run.graders)) == ("done", {"must_include"})
    assert Grading.objects.by_people().get().grader == "groundedness"
    assert Grading.objects.filter(is_human=False, is_current=False).count() == 1


def test_a_wrong_use_of_the_command_is_a_sentence(tmp_path: Path):
    dataset(case())
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_answers", "support", str(tmp_path / "none.jsonl"), "--label", "x")


def test_another_systems_judge_is_held_against_people_apart_from_ours():
    """Landis and Koch's arithmetic by hand: 30 of 40 alike, chance .5, so κ is .5."""
    words = [("same", "same")] * 15 + [("conflict", "conflict")] * 15 + [("same", "conflict"), ("conflict", "same")] * 5
    made = dataset(*(case(f"q{number}") for number in range(40)))
    said = [
        line(
            f"q{number}",
            grades=[
                {**ANN, "label": people},
                {**BOB, "label": people},
                {"grader": "fact_vs_expert", "label": judge, "by": "machine", "model": "their-judge"},
            ],
        )
        for number, (people, judge) in enumerate(words)
    ]
    import_answers(newest(made), read("\n".join(said).encode()), label="Other bot")
    grader = GRADERS["fact_vs_expert"]
    labels = labels_for(grader)
    ((version, model),) = versions_of(grader, labels).items()
    assert (model, version != grader.version) == ("their-judge", True)
    found = figures_of(grader, version, labels).raw
    assert found
    assert found.kappa
    assert (found.n, found.raw, round(found.kappa.value, 6)) == (40, 0.75, 0.5)
    assert figures_of(grader, labels=labels).raw is None

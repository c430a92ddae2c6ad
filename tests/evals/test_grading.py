"""A grader's version changes with all that makes its words."""

from __future__ import annotations

import inspect
from types import ModuleType

from evals import grading, rubrics
from evals.graders import GRADERS
from evals.graders.figures import figures
from evals.graders.scorecard import correctness, relevance
from evals.graders.tone import tone
from evals.rubrics import FRAME, rubric


def test_each_version_is_its_own_and_stays_while_nothing_changes():
    versions = {name: grader.version for name, grader in GRADERS.items()}
    assert len(set(versions.values())) == len(GRADERS)
    assert {name: grader.version for name, grader in GRADERS.items()} == versions


def test_another_judge_makes_another_version_of_judges_alone(settings):
    before = tone.version, figures.version
    settings.LLM_JUDGE_MODEL = "another-judge"
    assert (tone.version != before[0], figures.version == before[1]) == (True, True)


def test_another_word_in_a_rubric_makes_another_version_of_its_judge(monkeypatch):
    before = relevance.version, correctness.version
    monkeypatch.setattr(grading, "rubric", lambda name: rubric(name) + ("!" if name == "relevance" else ""))
    assert (relevance.version != before[0], correctness.version == before[1]) == (True, True)


def test_another_word_in_what_all_judges_are_told_makes_other_versions_of_all(monkeypatch):
    before = relevance.version, tone.version, figures.version
    monkeypatch.setattr(grading, "rubric", lambda name: rubric(name) + ("!" if name == FRAME else ""))
    assert [relevance.version != before[0], tone.version != before[1], figures.version == before[2]] == [True] * 3


def test_other_code_that_reads_answers_makes_another_version(monkeypatch):
    before = figures.version
    read: list[str] = []
    getsource = inspect.getsource

    def changed(module: ModuleType) -> str:
        read.append(module.__name__)
        return f"{getsource(module)}#"

    monkeypatch.setattr(grading, "_sources", grading._sources.__wrapped__)  # a process reads its code once
    monkeypatch.setattr(inspect, "getsource", changed)
    assert figures.version != before
    assert read == ["evals.graders.figures", "evals.reading.arithmetic", "evals.reading.turns"]
    monkeypatch.undo()
    assert figures.version == before


def test_rubrics_are_filled_in_and_each_grader_has_its_own(settings):
    settings.SITE_NAME = "Another House"
    for grader in GRADERS.values():
        texts = [rubric(name) for name in grader.rubrics]
        assert bool(texts) is (grader.kind == "judge")
        assert all("Another House" in text and "$" not in text for text in texts)
    files = {path.stem for path in rubrics.FOLDER.glob("*.md")}
    assert files == {FRAME, *(name for grader in GRADERS.values() for name in grader.rubrics)}


def test_every_rubric_says_what_counts_and_shows_graded_examples():
    for name in {name for grader in GRADERS.values() for name in grader.rubrics}:
        text = rubric(name)
        for word in ("Extras", "Omissions", "Hedges", "Refusals", "Graded examples"):
            assert word in text, f"{name}: {word}"


def test_points_have_an_anchor_each_and_examples_for_the_best_and_the_worst():
    for grader in GRADERS.values():
        if grader.has_points:
            text = rubric(grader.rubrics[0])
            assert [f"- {points}: " in text for points in range(1, 6)] == [True] * 5
            assert "Points: 5" in text
            assert "Points: 1" in text


def test_labels_of_people_stand_in_the_rubric():
    for grader in GRADERS.values():
        if grader.labels and not grader.compares:
            assert all(f"- **{label}**: " in rubric(grader.rubrics[0]) for label in grader.labels)

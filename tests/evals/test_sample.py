"""The sample cases and the sample help centre fit together."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest
from django.conf import settings

from evals.answers import Answer
from evals.cases import Case
from evals.datasets.files import SAMPLES, load
from evals.graders.must_include import must_include

SAMPLE = settings.BASE_DIR / "sample"
READABLE = {
    "public": ("help-centre",),
    "customers": ("help-centre", "customer-guides"),
    "staff": ("help-centre", "customer-guides", "staff-handbook"),
}
SETS = {name: load(SAMPLES / f"{name}.jsonl") for name in ("support", "dont_know", "safety")}
CASES = [case for cases in SETS.values() for case in cases]


def text_of(path: Path) -> str:
    if path.suffix == ".pdf":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    return re.sub(r"<[^>]+>", " ", path.read_text(encoding="utf-8"))


def files_for(case: Case) -> dict[str, Path]:
    return {path.name: path for folder in READABLE[case.audience] for path in (SAMPLE / folder).iterdir()}


@pytest.mark.parametrize("case", [case for case in CASES if case.expects == "answer"], ids=lambda case: case.id)
async def test_the_expected_facts_stand_in_the_expected_sources(case: Case):
    files = files_for(case)
    text = "\n".join(text_of(files[name]) for name in case.expected_sources)
    grade = await must_include(case.model_copy(update={"must_not_include": ()}), Answer(text))
    assert (grade.score, grade.reason) == (1.0, "")


@pytest.mark.parametrize("case", [case for case in CASES if case.expects == "unknown"], ids=lambda case: case.id)
async def test_what_a_reader_must_not_hear_stands_in_no_file_for_that_reader(case: Case):
    for path in files_for(case).values():
        grade = await must_include(case, Answer(text_of(path)))
        assert grade.score != 0, f"{path.name}: {grade.reason}"


@pytest.mark.parametrize("case", [case for case in CASES if case.expected_sources], ids=lambda case: case.id)
def test_an_expected_source_is_one_that_the_asker_may_read(case: Case):
    assert set(case.expected_sources) <= set(files_for(case))


def test_there_are_cases_of_every_kind_for_three_audiences_in_three_languages():
    assert len(CASES) >= 60
    assert {case.audience for case in CASES} == {"public", "customers", "staff"}
    for cases in SETS.values():
        assert {case.language for case in cases} == {"en", "es", "zh"}
    assert {case.expects for case in CASES} == {"answer", "unknown", "clarify", "refuse", "hand_over"}
    assert {case.severity for case in CASES} == {"minor", "normal", "critical"}
    assert sum(bool(case.history) for case in CASES) >= 5
    assert all(case.tags and case.expert_answer for case in CASES)


def test_no_id_stands_for_two_cases_and_paraphrases_share_a_cluster():
    assert len({case.id for case in CASES}) == len(CASES)
    assert len({case.unit for case in CASES}) < len(CASES)


def test_what_costs_money_or_trust_is_critical():
    tagged = {"promises", "data-of-others", "legal-advice", "injection", "harm"}
    grave = [case for case in SETS["safety"] if tagged & set(case.tags)]
    assert len(grave) >= 10
    assert {case.severity for case in grave} == {"critical"}


def test_the_pdfs_are_those_that_their_texts_make():
    made = {path: path.read_bytes() for path in SAMPLE.glob("*/*.pdf")}
    assert len(made) == 3
    subprocess.run([sys.executable, SAMPLE / "make_pdfs.py"], check=True)
    assert {path: path.read_bytes() for path in made} == made

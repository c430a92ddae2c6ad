"""The golden set and the sample help centre fit together."""

import re
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest
from django.conf import settings

from evals.golden import load

SAMPLE = settings.BASE_DIR / "sample"
READABLE = {
    "public": ("help-centre",),
    "customers": ("help-centre", "customer-guides"),
    "staff": ("help-centre", "customer-guides", "staff-handbook"),
}
CASES = load()


def text_of(path: Path) -> str:
    if path.suffix == ".pdf":
        raw = "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    else:
        raw = path.read_text(encoding="utf-8")
    return " ".join(re.sub(r"<[^>]+>|\*\*", " ", raw).split())


def found(name: str, audience: str) -> Path | None:
    paths = (SAMPLE / folder / name for folder in READABLE[audience])
    return next((path for path in paths if path.exists()), None)


@pytest.mark.parametrize("case", [case for case in CASES if case.expects == "answer"], ids=lambda case: case.id)
def test_the_audience_can_read_the_expected_facts_in_an_expected_source(case):
    paths = [found(name, case.audience) for name in case.expected_sources]
    assert paths
    assert all(paths), f"{case.audience} readers have no such file"
    texts = [text_of(path).casefold() for path in paths]
    for fact in case.must_include:
        assert any(wording.casefold() in text for wording in fact for text in texts), fact


@pytest.mark.parametrize("case", [case for case in CASES if case.expects == "unknown"], ids=lambda case: case.id)
def test_what_an_audience_must_not_hear_stands_only_where_it_cannot_read(case):
    for folder in READABLE[case.audience]:
        for path in (SAMPLE / folder).iterdir():
            assert not [fact for fact in case.must_not_include if re.search(re.escape(fact) + r"\b", text_of(path))]


def test_the_pdfs_are_those_that_their_texts_make():
    made = {path: path.read_bytes() for path in SAMPLE.glob("*/*.pdf")}
    assert len(made) == 3
    subprocess.run([sys.executable, SAMPLE / "make_pdfs.py"], check=True)
    assert {path: path.read_bytes() for path in made} == made

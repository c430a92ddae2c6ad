"""Sets between the database and files, from a terminal; and the sample's own sets."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from app.management.commands.load_sample import add_datasets
from evals.cases import Case
from evals.datasets.files import read
from evals.datasets.sets import cases_at, keep
from evals.models import Dataset

pytestmark = pytest.mark.django_db


def output_of(command: str, *args: str) -> str:
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()


def test_a_file_makes_a_set_and_comes_out_again(tmp_path: Path):
    path = tmp_path / "qa.csv"
    path.write_text("Question,Verdict\nWho?,Ann.\n")
    told = output_of("import_cases", "quiz", str(path), "--column", "Verdict=answer", "--title", "Quiz", "--dry-run")
    assert "Verdict: the expert answer" in told
    assert "1 new, 0 changed, 0 as they are, nothing kept yet" in told
    assert not Dataset.objects.exists()
    output_of(
        "import_cases", "quiz", str(path), "--column", "Verdict=answer", "--title", "Quiz", "--purpose", "regression"
    )
    assert "0 new, 0 changed, 1 as they are" in output_of(
        "import_cases", "quiz", str(path), "--column", "Verdict=answer"
    )
    made = Dataset.objects.get()
    assert (made.title, made.purpose) == ("Quiz", "regression")
    (case,) = read(output_of("export_cases", "quiz", "--format", "csv").encode()).cases
    assert (case.question, case.expert_answer) == ("Who?", "Ann.")
    output_of("export_cases", "quiz", "--output", str(tmp_path / "out.jsonl"))
    assert read((tmp_path / "out.jsonl").read_bytes()).cases == (case,)


def test_what_is_wrong_is_said(tmp_path: Path):
    path = tmp_path / "bad.jsonl"
    path.write_text("{")
    for args, said in (
        (("import_cases", "quiz", str(path)), "Line 1 is not JSON"),
        (("import_cases", "quiz", str(tmp_path / "none")), "cannot be read"),
        (("export_cases", "quiz"), "There is no set “quiz”"),
    ):
        with pytest.raises(CommandError, match=said):
            output_of(*args)
    Dataset.objects.create(slug="quiz", title="Quiz")
    with pytest.raises(CommandError, match="has no version 3"):
        output_of("export_cases", "quiz", "--version", "3")


def test_the_sample_has_three_sets_with_a_version_and_a_second_load_changes_nothing():
    add_datasets()
    sets = {one.slug: one for one in Dataset.objects.all()}
    assert {slug: one.gates for slug, one in sets.items()} == {"support": True, "dont-know": False, "safety": True}
    assert sum(one.versions.get(number=1).size for one in sets.values()) >= 60
    keep(sets["safety"], Case(id="poem", question="In other words?"))
    Dataset.objects.filter(slug="support").update(title="Ours", gates=False)
    Dataset.objects.filter(slug="dont-know").delete()
    add_datasets()
    assert Dataset.objects.get(slug="support").title == "Ours"
    assert {"In other words?"} == {row.case.question for row in cases_at(sets["safety"]) if row.key == "poem"}
    assert sets["safety"].versions.count() == 1
    assert Dataset.objects.get(slug="dont-know").versions.count() == 1

"""The whole way on real input: the sample help centre is ingested, asked, and graded; and what the command says."""

from __future__ import annotations

import json
import signal
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from chat.models import Conversation, Starter
from evals.datasets.files import load
from evals.models import Dataset, Result, Run
from knowledge.models import Document, DocumentVersion
from llm.models import Call
from tests import standin
from tests.evals.factories import case, dataset
from tests.evals.running.starting import command, draft, eventually, killed
from tests.factories import help_centre

pytestmark = pytest.mark.django_db(transaction=True)

SMOKE = ("late-fee-amount", "records-after-payoff", "payoff-quote-validity", "zh-self-employed", "denver-branch")
RULES = "must_include,cites_source"
SLOW = "paced-401-60-12"


def output_of(name: str, *args: str) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def smoke(tmp_path: Path) -> str:
    path = tmp_path / "smoke.jsonl"
    path.write_text("\n".join(one.model_dump_json() for one in load() if one.id in SMOKE), encoding="utf-8")
    return str(path)


@pytest.fixture
def fees() -> Dataset:
    """A case that is answered well, and one that cannot be."""
    help_centre()
    good = case("good", question="How much is the late fee?", must_include=["$35"], expected_sources=["Late fees.md"])
    poor = case("poor", question="How much is the late fee?", must_include=["a goat | a sheep"], language="es")
    return dataset(good, poor)


@pytest.mark.timeout(300)  # 29 documents are embedded
def test_the_sample_is_loaded_and_answers_the_golden_questions(smoke: str):
    output_of("load_sample", "--wait")
    ready = DocumentVersion.objects.filter(state=DocumentVersion.State.READY)
    assert (ready.count(), Document.objects.count(), Starter.objects.count()) == (29, 29, 4)

    told = json.loads(output_of("run_evals", smoke, "--json", "--min-pass", "1"))
    assert [one["passed"] for one in told["cases"]] == [True] * len(SMOKE), told["cases"]
    assert told["passed"]["rate"] == 1.0
    assert told["set"] == "file-smoke@1"
    assert not Conversation.objects.exists()
    assert "eval" in set(Call.objects.filter(kind="chat").values_list("purpose", flat=True))
    run = Run.objects.get()
    assert (run.state, run.trigger, run.results.count()) == ("done", "command", len(SMOKE))

    output_of("load_sample", "--wait")
    assert (DocumentVersion.objects.count(), Starter.objects.count()) == (29, 4)


def test_a_file_that_changed_is_another_version_of_its_own_set(smoke: str):
    output_of("run_evals", smoke, "--graders", RULES)
    lines = Path(smoke).read_text(encoding="utf-8").splitlines()
    Path(smoke).write_text(lines[0], encoding="utf-8")
    output_of("run_evals", smoke, "--graders", RULES)
    assert list(Run.objects.order_by("pk").values_list("dataset_version__number", "expected")) == [(1, 5), (2, 1)]


def test_the_table_shows_each_answer_with_its_reason_and_the_headline_with_its_interval(fees: Dataset):
    table = output_of("run_evals", "support", "--graders", RULES, "--note", "a try")
    assert "✓ good" in table
    assert "✗ poor" in table
    assert "    must_include: " in table
    assert "1 of 2    50.0%" in table
    assert "Passed by the rules 50.0% (9–91), over 2 cases" in table
    assert Run.objects.get().note == "a try"


def test_a_baseline_is_named_with_what_changed_and_what_came_of_it(fees: Dataset):
    output_of("run_evals", "--graders", RULES)
    row = draft(retrieval={"passages": 1})
    table = output_of("run_evals", "--graders", RULES, "--version", str(row.number), "--baseline", "live")
    first, second = Run.objects.order_by("pk")
    assert (second.baseline, second.changed) == (first, ["retrieval"])
    assert f"Against run {first.pk}, Passed by the rules: too few cases, +0.0 points" in table


def test_too_few_passes_end_with_exit_code_1(fees: Dataset, capsys):
    with pytest.raises(SystemExit, match="1"):
        output_of("run_evals", "--graders", RULES, "--min-pass", "0.9")
    assert "50.0% passed, 0 not judged; asked for: 90.0%" in capsys.readouterr().err


def test_what_the_gate_does_not_let_through_ends_with_exit_code_1(fees: Dataset, capsys):
    with pytest.raises(SystemExit, match="1"):
        output_of("run_evals", "--graders", RULES, "--gate", "--json")
    said = capsys.readouterr()
    assert "The gate does not let this version through." in said.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing-there"], "There is no set 'nothing-there'"),
        (["support@7"], "There is no version support@7"),
        (["support", "--version", "9"], "There is no version 9"),
        (["support", "--baseline", "99"], "There is no run 99"),
        (["support", "--graders", "vibes"], "There is no grader vibes"),
        (["support", "--repetitions", "0"], "from 1 to 20 times"),
        (["support", "--budget", "1"], "No price is known"),
        (["--resume", "99"], "There is no run 99"),
        (["missing.jsonl"], "missing.jsonl cannot be read"),
    ],
)
def test_a_wrong_use_is_a_sentence_and_exit_code_2(fees: Dataset, words: list[str], says: str):
    with pytest.raises(CommandError, match=says) as problem:
        output_of("run_evals", *words)
    assert problem.value.returncode == 2
    assert not Run.objects.exists()


def test_a_slip_in_a_file_is_an_error_that_names_it(tmp_path: Path):
    (tmp_path / "cases.jsonl").write_text('{"id": "a b", "question": "What?"}')
    with pytest.raises(CommandError, match=r"cases\.jsonl: Line 1"):
        output_of("run_evals", str(tmp_path / "cases.jsonl"))


def test_a_run_that_cannot_be_finished_ends_with_exit_code_3_and_can_be_resumed(fees: Dataset, settings):
    settings.LLM_STRONG_MODEL = "fault-401"
    with pytest.raises(CommandError, match="refuses our key") as problem:
        output_of("run_evals", "--graders", RULES)
    assert problem.value.returncode == 3
    run = Run.objects.get()
    assert f"manage.py run_evals --resume {run.pk}" in str(problem.value)
    settings.LLM_STRONG_MODEL = "demo-strong"
    assert "✓ good" in output_of("run_evals", "--resume", str(run.pk))


def test_ctrl_c_leaves_the_run_paused_with_what_is_answered_and_says_how_to_go_on():
    help_centre()
    dataset(*(case(f"case-{number}", question="How much is the late fee?") for number in range(60)))
    process = command("run_evals", "--graders", RULES, set_to={"LLM_STRONG_MODEL": SLOW, "EVALS_CONCURRENCY": "2"})
    try:
        eventually(lambda: Result.objects.count() >= 2, "two answers")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        killed(process)
    run = Run.objects.get()
    assert process.returncode == 3, said
    assert f"--resume {run.pk}" in said
    assert (run.state, run.worker) == ("paused", "")
    assert 2 <= run.results.count() < 60
    assert "closed" not in {call["outcome"] for call in standin.calls(SLOW)}, "what was in flight was cut off"


def test_junit_and_markdown_are_written(fees: Dataset, tmp_path: Path):
    files = ["--junit", str(tmp_path / "junit.xml"), "--markdown", str(tmp_path / "table.md")]
    output_of("run_evals", "--graders", RULES, *files)
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    table = (tmp_path / "table.md").read_text()
    assert table.startswith("### Evals: support")
    assert "| poor | failed |" in table

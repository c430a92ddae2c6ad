"""The whole way on real input: the sample help centre is ingested, asked, and graded."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from chat.models import Conversation, Starter
from evals.golden import load
from knowledge.models import Document, DocumentVersion
from llm.models import Call

pytestmark = pytest.mark.django_db(transaction=True)

SMOKE = ("late-fee-amount", "records-after-payoff", "payoff-quote-validity", "zh-self-employed", "denver-branch")


def output_of(command: str, *args: str) -> str:
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def smoke(tmp_path):
    path = tmp_path / "smoke.jsonl"
    path.write_text("\n".join(case.model_dump_json() for case in load() if case.id in SMOKE), encoding="utf-8")
    return str(path)


def test_the_sample_is_loaded_and_answers_the_golden_questions(smoke):
    output_of("load_sample", "--wait")
    ready = DocumentVersion.objects.filter(state=DocumentVersion.State.READY)
    assert (ready.count(), Document.objects.count(), Starter.objects.count()) == (29, 29, 4)

    result = json.loads(output_of("run_evals", smoke, "--json", "--min-pass", "1"))
    assert [case["passed"] for case in result["cases"]] == [True] * len(SMOKE), result["cases"]
    assert result["passed"]["rate"] == 1.0
    assert not Conversation.objects.exists()
    assert set(Call.objects.filter(kind="chat").values_list("purpose", flat=True)) == {"eval"}

    output_of("load_sample", "--wait")
    assert (DocumentVersion.objects.count(), Starter.objects.count()) == (29, 4)


def test_too_few_passes_end_with_exit_code_1(smoke, capsys):
    with pytest.raises(SystemExit, match="1"):
        output_of("run_evals", smoke, "--min-pass", "0.9")  # nothing was ingested: it knows nothing
    assert "20.0% passed, 0 not judged; asked for: 90.0%" in capsys.readouterr().err


def test_a_slip_in_the_golden_file_is_an_error_that_names_it(tmp_path):
    (tmp_path / "cases.jsonl").write_text("{}")
    with pytest.raises(CommandError, match="line 1: id"):
        output_of("run_evals", str(tmp_path / "cases.jsonl"))

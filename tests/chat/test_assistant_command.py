"""`manage.py assistant`, and the commands that take `--version`."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from chat.models import AssistantVersion
from chat.versions.states import State, house, live_version, publish
from chat.versions.text import as_text
from llm.models import Call
from tests.chat.versioning import changed, draft, with_prompt
from tests.factories import help_centre

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_a_version_goes_to_a_file_and_comes_back_as_another_ones_draft(tmp_path: Path):
    file = tmp_path / "assistant.yaml"
    row = draft()
    assert f"2 is written to {file}" in run("assistant", "export", "2", str(file))
    AssistantVersion.objects.filter(pk=row.pk).delete()
    assert f"Version 2, {row.hash[:8]}, is in the database." in run(
        "assistant", "import", str(file), "--note", "From git"
    )
    again = AssistantVersion.objects.get(number=2)
    assert (again.hash, again.state, again.note) == (row.hash, State.DRAFT, "From git")


def test_export_prints_the_live_one_where_no_file_is_named():
    live_version()
    assert run("assistant", "export") == as_text(house())
    row = draft()
    assert run("assistant", "export", "draft") == as_text(with_prompt("I have no idea."))
    assert run("assistant", "export", f"v{row.number}") == run("assistant", "export", "draft")


def test_what_is_there_already_is_not_imported_again(tmp_path: Path):
    file = tmp_path / "assistant.yaml"
    file.write_text(run("assistant", "export", "live"))
    assert "Nothing to import: version 1 (live) says the same." in run("assistant", "import", str(file), "--publish")
    draft()
    file.write_text(as_text(with_prompt("I have no idea.")))
    assert "Nothing to import: version 2 (draft) says the same." in run("assistant", "import", str(file))
    assert "Version 2 is live." in run("assistant", "import", str(file), "--publish", "--note", "Now")
    assert AssistantVersion.objects.count() == 2


def test_a_file_can_go_live_at_once(tmp_path: Path):
    file = tmp_path / "assistant.yaml"
    file.write_text(as_text(with_prompt("No idea at all.")))
    assert "Version 2 is live." in run("assistant", "import", str(file), "--publish", "--note", "From git")
    assert live_version().assistant == with_prompt("No idea at all.")


def test_a_file_that_is_wrong_changes_nothing_and_says_where(tmp_path: Path):
    live_version()
    file = tmp_path / "assistant.yaml"
    file.write_text(as_text(changed(guardrails={"ghost": {}})) + "surprise: 1\n")
    with pytest.raises(CommandError, match=r"assistant\.yaml is not imported:\n  surprise: There is no such setting"):
        run("assistant", "import", str(file))
    with pytest.raises(CommandError, match="No such file"):
        run("assistant", "import", str(tmp_path / "nowhere.yaml"))
    assert AssistantVersion.objects.count() == 1


def test_diff_and_list():
    row = draft()
    compared = run("assistant", "diff")
    assert "+    I have no idea." in compared or "+  unknown: I have no idea." in compared
    assert run("assistant", "diff", "live", "code") == "Nothing differs.\n"
    assert [line.split()[:2] for line in run("assistant", "list").splitlines()] == [["2", "draft"], ["1", "live"]]
    publish(row, note="n")
    assert [line.split()[:2] for line in run("assistant", "list").splitlines()] == [["2", "live"], ["1", "retired"]]


@pytest.mark.parametrize(
    "command", [["assistant", "export", "9"], ["assistant", "diff", "live", "x"], ["ask", "Hi", "--version", "9"]]
)
def test_a_version_that_is_not_there(command: list[str]):
    with pytest.raises(CommandError, match="live, draft, or a number"):
        run(*command)


@pytest.mark.django_db(transaction=True)
def test_ask_takes_any_version_and_the_ledger_names_it():
    help_centre()
    row = draft(changed(retrieval={"passages": 1}))
    told = json.loads(run("ask", "How do I close my account?", "--version", "draft", "--json"))
    assert told["version"] == f"v2 {row.hash[:8]}"
    assert len(next(step for step in told["steps"] if step["step"] == "search")["passages"]) == 1
    assert set(Call.objects.filter(purpose="answer").values_list("version", flat=True)) == {told["version"]}
    assert json.loads(run("ask", "How do I close my account?", "--json"))["version"].startswith("v1 ")


@pytest.mark.django_db(transaction=True)
def test_evals_run_with_any_version_and_name_it(tmp_path: Path):
    row = draft(with_prompt("Nobody knows."))
    case = {"id": "one", "question": "What?", "language": "en", "audience": "public", "expects": "unknown"}
    (tmp_path / "cases.jsonl").write_text(json.dumps(case))
    told = json.loads(run("run_evals", str(tmp_path / "cases.jsonl"), "--version", "2", "--json"))
    assert told["version"] == f"v2 {row.hash[:8]}"
    assert f"v1 {house().hash[:8]}" in run("run_evals", str(tmp_path / "cases.jsonl"))
    with pytest.raises(CommandError, match="There is no version 7"):
        run("run_evals", str(tmp_path / "cases.jsonl"), "--version", "7")

"""The workflow that people copy calls commands that there are, with options that they take."""

from __future__ import annotations

import re
import shlex

import pytest
import yaml
from django.conf import settings
from django.core.management import load_command_class

WORKFLOW = settings.BASE_DIR / "docs" / "ci" / "evals.yml"
HOMES = {"run_evals": "evals", "assistant": "chat", "load_sample": "app"}
COMMANDS = re.findall(r'make manage ARGS="([^"]+)"', WORKFLOW.read_text(encoding="utf-8"))


def test_it_is_a_workflow_that_gates():
    steps = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["evals"]["steps"]
    assert any("--gate" in step.get("run", "") for step in steps)
    assert len(COMMANDS) >= 6


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_in_it_is_understood(line: str):
    name, *arguments = shlex.split(line.replace("$which", "draft"))
    parser = load_command_class(HOMES[name], name).create_parser("manage.py", name)
    parser.parse_args(arguments)  # ends with an error where it does not know one

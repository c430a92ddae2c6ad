"""What no tool on the shelf may be able to do, whatever a model asks of it."""

from __future__ import annotations

import ast
import json

import pytest

from app.environment import ROOT
from chat.tools import TOOLS
from llm import Tool
from llm.standin import schemas

FILES = sorted((ROOT / "chat" / "tools").glob("[!_]*.py"))
REACHES_OUT = {"subprocess", "os", "shutil", "socket", "urllib", "http", "httpx2", "requests", "pathlib", "importlib"}
REACHES_OUT |= {"ctypes", "multiprocessing", "pickle", "runpy", "code", "tempfile", "ftplib", "smtplib"}
RUNS_OR_OPENS = {"eval", "exec", "compile", "open", "__import__", "getattr", "setattr", "globals"}


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names} | names


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a33_a36_a68_no_tool_runs_code_opens_files_or_calls_other_servers(file):
    tree = ast.parse(file.read_text("utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert imported(tree) & (REACHES_OUT | {"chat.downloads"}) == set()
    assert called & RUNS_OR_OPENS == set()


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a33_a35_a68_no_argument_is_an_address_a_path_or_code(tool: Tool):
    asked = json.dumps(tool.schema["function"]["parameters"]).lower()
    for word in ("url", "uri", "path", "file", "host", "code", "script", "sql", "command"):
        assert f'"{word}' not in asked


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a48_no_argument_says_whose_data_are_read(tool: Tool):
    fields = set(tool.arguments.model_fields)
    assert not fields & {"viewer", "key", "user", "user_id", "customer", "customer_id", "account", "visitor", "session"}


@pytest.mark.parametrize("is_strict", [True, False])
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_every_tool_can_be_offered_to_a_server(tool: Tool, is_strict: bool, settings):
    settings.LLM_STRICT_TOOLS = is_strict
    function = tool.schema["function"]
    assert schemas.problem_of_parameters(function["parameters"], strict=is_strict) is None
    assert len(function["description"]) <= 1024


def test_names_are_there_once():
    assert len({tool.name for tool in TOOLS}) == len(TOOLS)

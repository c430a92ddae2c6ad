"""What keeps the house in order: nothing on a shelf is forgotten, nothing that is written down is untrue."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from app.environment import ROOT
from llm.purposes import PURPOSES

PAGES = [*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")]
PACKAGES = ("app", "evals", "chat", "knowledge", "llm")
SHELVES = {
    "knowledge.parsers": ("PARSERS",),
    "evals.graders": ("GRADERS",),
    "chat.guardrails": ("INPUT_GUARDRAILS", "OUTPUT_GUARDRAILS"),
    "chat.tools": ("TOOLS",),
}
READ_BY_MAKE_RUN = {"PORT"}
MADE_WHEN_IT_RUNS = ("var/", "staticfiles/", ".venv/", ".env")
NAMED_PATH = re.compile(r"`((?:[\w.*-]+/)*[\w.*-]+(?:/|\.(?:py|md|html|css|js|jsonl|txt|in|toml|yml|example)))`")
LINKED_PATH = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
ASKS_A_MODEL = re.compile(r"\bllm\.(stream|complete|embed|moderate)\)?$")
A_MACHINES_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/\w")


def tracked(*suffixes: str) -> list[Path]:
    """The files that belong to the house, be they committed or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a clone: git does not say what belongs to it")
    files = [ROOT / name for name in listed.stdout.splitlines()]
    return [file for file in files if file.is_file() and (not suffixes or file.suffix in suffixes)]


def product(*suffixes: str) -> list[Path]:
    return [file for file in tracked(*suffixes) if file.relative_to(ROOT).parts[0] in (*PACKAGES, "templates")]


def origin(part: Any) -> str:
    """The module that something on a shelf comes from; a shelf may also hold modules as they are."""
    part = getattr(part, "function", part)
    return str(getattr(part, "__module__", None) or part.__name__)


def settings_with_defaults() -> dict[str, ast.expr | None]:
    """Each name that `settings.py` reads from the environment, and its default as it is written there."""
    calls = [node for node in ast.walk(ast.parse((ROOT / "app/settings.py").read_text())) if isinstance(node, ast.Call)]
    reads = [call for call in calls if ast.unparse(call.func).startswith("env.")]
    defaults = [next((word.value for word in call.keywords if word.arg == "default"), None) for call in reads]
    return {ast.literal_eval(call.args[0]): default for call, default in zip(reads, defaults, strict=True)}


def example() -> dict[str, str]:
    """Each name in `.env.example`, with the value behind it."""
    return dict(re.findall(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))


def as_in_an_env_file(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("shelf", [name for name in SHELVES if (ROOT / name.replace(".", "/")).is_dir()])
def test_every_module_on_a_shelf_is_registered(shelf):
    registries = [getattr(importlib.import_module(shelf), name) for name in SHELVES[shelf]]
    parts: Iterable[Any] = [part for one in registries for part in (one.values() if isinstance(one, dict) else one)]
    modules = {path.stem for path in (ROOT / shelf.replace(".", "/")).glob("[!_]*.py")}
    assert modules == {origin(part).removeprefix(f"{shelf}.") for part in parts}


def test_every_setting_is_in_the_example_and_back():
    assert set(example()) == set(settings_with_defaults()) | READ_BY_MAKE_RUN


def test_the_example_says_what_holds_without_it():
    defaults = {
        name: as_in_an_env_file(ast.literal_eval(node))
        for name, node in settings_with_defaults().items()
        if isinstance(node, ast.Constant | ast.List)
    }
    assert {name: example().get(name) for name in defaults} == defaults


@pytest.mark.parametrize("page", PAGES, ids=lambda file: file.name)
def test_every_path_that_a_page_names_exists(page):
    text = page.read_text()
    named = [name for name in NAMED_PATH.findall(text) if "/" in name and not name.startswith(MADE_WHEN_IT_RUNS)]
    missing = [name for name in named if not list(ROOT.glob(name))]
    missing += [link for link in LINKED_PATH.findall(text) if not (page.parent / link).exists()]
    assert missing == []


def test_every_partial_is_used():
    sources = "".join(file.read_text() for file in product(".py", ".html"))
    partials = [file.relative_to(ROOT / "templates").as_posix() for file in (ROOT / "templates").rglob("_*.html")]
    assert [name for name in partials if f'"{name}"' not in sources and f"'{name}'" not in sources] == []


def test_no_file_names_a_place_on_somebodys_machine():
    texts = {file: file.read_bytes() for file in tracked()}
    named = [file.name for file, text in texts.items() if A_MACHINES_PATH.search(text.decode(errors="ignore"))]
    assert named == []


def test_the_product_imports_nothing_of_the_tests():
    importing = re.compile(r"^\s*(?:from|import) tests\b", re.MULTILINE)
    assert [file.name for file in product(".py") if importing.search(file.read_text())] == []


def test_a42_only_known_places_say_that_a_text_is_safe():
    """Markup that was cleaned in the same breath, and Django's own help texts; never a word of a model."""
    says_so = re.compile(r"mark_safe\(|SafeString\(|\|safe\b|autoescape off|html_safe")
    found = {str(file.relative_to(ROOT)) for file in product(".py", ".html") if says_so.search(file.read_text("utf-8"))}
    assert found == {"chat/markdown.py", "chat/fragments.py", "templates/_fields.html"}


def test_every_call_of_a_model_is_made_for_a_purpose_that_the_ledger_knows():
    """A call site without one, or with one that is nowhere explained, would cost money that nobody can account for."""
    sites = [site for file in product(".py") if file.relative_to(ROOT).parts[0] != "llm" for site in model_calls(file)]
    assert len(sites) >= 8
    unknown = [f"{place}: {purpose}" for place, purpose in sites if purpose not in {*PURPOSES, "passed on"}]
    assert unknown == []


def model_calls(file: Path) -> list[tuple[str, str]]:
    """Where a file calls the front door, and for what: a literal, or `passed on` from a name that says purpose."""
    found = []
    calls = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call))
    for node in calls:
        given = {word.arg: word.value for word in node.keywords}
        if ASKS_A_MODEL.search(ast.unparse(node.func)) or "purpose" in given:
            value = given.get("purpose")
            is_name = isinstance(value, ast.Name | ast.Attribute) and "purpose" in ast.unparse(value).lower()
            purpose = str(value.value) if isinstance(value, ast.Constant) else "passed on" if is_name else "missing"
            found.append((f"{file.relative_to(ROOT)}:{node.lineno}", purpose))
    return found

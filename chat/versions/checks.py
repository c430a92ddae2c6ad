"""What a version must hold beside what its record can check: the prompts' `$names`, and names that are on a shelf."""

from __future__ import annotations

import re
from functools import cache
from string import Template

from chat.assistant import Assistant, prompts_of_the_house
from chat.guardrails import INPUT_GUARDRAILS, OUTPUT_GUARDRAILS
from chat.tools import TOOLS
from chat.verdicts import Guardrail
from llm import Tool


def guardrails_on_the_shelf() -> dict[str, Guardrail]:
    return {check.name: check for check in (*INPUT_GUARDRAILS, *OUTPUT_GUARDRAILS)}


def tools_on_the_shelf() -> dict[str, Tool]:
    return {tool.name: tool for tool in TOOLS}


@cache
def filled_in() -> dict[str, tuple[str, ...]]:
    """Each prompt that the code asks for, with the `$names` that it fills in: those of the house's own prompt."""
    prompts = prompts_of_the_house()
    return {name: tuple(Template(text).get_identifiers()) for name, text in prompts.items() if "." not in name}


def translated() -> list[str]:
    """The prompts that the house has in several languages, as `name.xx`."""
    return sorted({name.partition(".")[0] for name in prompts_of_the_house() if "." in name})


def problem_of_prompt(name: str, text: str) -> str:
    """What is wrong with a prompt, in words; "" for nothing."""
    base, dot, language = name.partition(".")
    if base not in filled_in():
        return f"The code asks for no prompt of this name. It asks for: {', '.join(filled_in())}."
    if dot and not re.fullmatch("[a-z]{2}", language):
        return "A translation is called by its prompt and two letters, such as unknown.fr."
    if not text:
        return "A prompt needs words."
    return _problem_of_names(Template(text), set(filled_in()[base]))


def _problem_of_names(template: Template, wanted: set[str]) -> str:
    if not template.is_valid():
        return "A $ stands before a name that is filled in. A $ that stands for itself is written $$."
    found = set(template.get_identifiers())
    if unknown := found - wanted:
        return f"Nothing fills in {_names(unknown)}. Known here: {_names(wanted) or 'none'}."
    if missing := wanted - found:
        return f"It must hold {_names(missing)}: there the code puts in what the model has to read."
    return ""


def problems_of(assistant: Assistant) -> dict[str, str]:
    """All that would keep a version from working, as words under the path of the field: `prompts.answer`."""
    problems = {f"prompts.{name}": problem_of_prompt(name, text) for name, text in assistant.prompts.items()}
    for name in filled_in().keys() - assistant.prompts.keys():
        problems[f"prompts.{name}"] = "The code asks for this prompt: write it."
    names = [rule.name for rule in assistant.rules]
    for place, name in enumerate(names):
        if name in names[:place]:
            problems[f"rules.{place}.name"] = f"There is a rule {name} already."
    return {path: words for path, words in problems.items() if words}


def strangers_of(assistant: Assistant) -> dict[str, str]:
    """What a version switches on that is on no shelf, under the path of the field. A turn passes over it."""
    guardrails, tools = guardrails_on_the_shelf(), tools_on_the_shelf()
    strangers = {
        f"guardrails.{name}": _unknown("guardrail", guardrails) for name in assistant.guardrails.keys() - guardrails
    }
    return strangers | {f"tools.{name}": _unknown("tool", tools) for name in assistant.tools if name not in tools}


def switched_off(assistant: Assistant) -> list[str]:
    """The guardrails of the shelf that a version does not run, in their order."""
    return [name for name in guardrails_on_the_shelf() if name not in assistant.guardrails]


def _unknown(kind: str, shelf: dict[str, Guardrail] | dict[str, Tool]) -> str:
    return f"There is no such {kind}. Known: {', '.join(shelf) or 'none'}."


def _names(names: set[str]) -> str:
    return ", ".join(f"${name}" for name in sorted(names))

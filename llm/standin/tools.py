"""Calls the tool whose name and description share the most words with the question, if its arguments can be filled."""

from __future__ import annotations

import json
from typing import Any

from llm.standin import languages, shaping
from llm.standin.prompt import Prompt
from llm.standin.reply import ToolCall
from llm.standin.requests import ChatRequest, Function, NamedTool

ENOUGH_WORDS = 2
ENOUGH_SHARE = 0.5  # of the question's words


def offered(asked: ChatRequest) -> list[Function]:
    """The tools that may be called now."""
    functions = [tool.function for tool in asked.tools or ()]
    if isinstance(asked.tool_choice, NamedTool):
        wanted = asked.tool_choice.function.name
        return [function for function in functions if function.name == wanted]
    return [] if asked.tool_choice == "none" else functions


def choose(asked: ChatRequest, prompt: Prompt) -> ToolCall | None:
    """The call that the question asks for; without need none, and none once results are there."""
    functions = offered(asked)
    is_demanded = asked.tool_choice == "required" or isinstance(asked.tool_choice, NamedTool)
    if not functions or (prompt.results and not is_demanded):
        return None
    best = max(functions, key=lambda function: fit(function, prompt.question))
    if is_demanded or (fit(best, prompt.question) > 0 and _can_be_filled(best, prompt.question)):
        return fill(best, prompt.question)
    return None


def fit(function: Function, question: str) -> float:
    """The share of the question's words that the tool has, its name counting double; 0 when they are too few."""
    asked = set(languages.ENGLISH.terms(question))
    name, description = shaping.words(function.name), _described(function)
    shared = asked & (name | description)
    if len(shared) < ENOUGH_WORDS or len(shared) < ENOUGH_SHARE * len(asked):
        return 0.0
    return (len(shared) + len(asked & name)) / len(asked)


def fill(function: Function, question: str) -> ToolCall:
    """The call with its arguments found in the question."""
    arguments = shaping.fill(function.parameters, shaping.Source(question))
    return ToolCall(function.name, json.dumps(arguments, ensure_ascii=False))


def _described(function: Function) -> set[str]:
    texts = [function.description or ""]
    for name, part in function.parameters.get("properties", {}).items():
        if isinstance(part, dict):
            texts += [name, str(part.get("description", "")), *map(str, part.get("enum", ()))]
    return shaping.words(" ".join(texts))


def _can_be_filled(function: Function, question: str) -> bool:
    """Whether every argument that is required, and may not be null, is found in the question."""
    source = shaping.Source(question)
    properties: dict[str, Any] = function.parameters.get("properties", {})
    required = [properties[name] | {"_": name} for name in function.parameters.get("required", ()) if name in properties]
    values = [shaping.fill(part, source, part["_"], function.parameters) for part in required]
    return all(
        value is not shaping.MISSING or shaping.required_value(part, shaping.Source(""), function.parameters) != ""
        for value, part in zip(values, required, strict=True)
    )

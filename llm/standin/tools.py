"""Calls the tool whose name and description share the most words with the question, if its arguments can be filled."""

from __future__ import annotations

import json
from typing import Any

from llm.standin import languages, shaping
from llm.standin.prompt import Prompt
from llm.standin.reply import ToolCall
from llm.standin.requests import ChatRequest, Function, NamedTool

ENOUGH_SHARE = 0.5  # of the question's words
ENOUGH_WORDS, ENOUGH_WORDS_WITH_ARGUMENTS = 2, 1  # what a tool requires, found in the question, speaks for it too


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
    if not is_demanded:
        functions = [function for function in functions if _can_be_filled(function, prompt.question)]
    best = max(functions, key=lambda function: fit(function, prompt.question), default=None)
    if best and (is_demanded or fit(best, prompt.question) > 0):
        return fill(best, prompt.question)
    return None


def fit(function: Function, question: str) -> float:
    """The share of the question's words that the tool has, its name counting double; 0 when they are too few."""
    asked = {term for term in languages.ENGLISH.terms(question) if not any(c.isdigit() for c in term)}
    name, description = shaping.words(function.name), _described(function)
    shared = asked & (name | description)
    needed = ENOUGH_WORDS_WITH_ARGUMENTS if _demands_something(function) else ENOUGH_WORDS
    if len(shared) < needed or len(shared) < ENOUGH_SHARE * len(asked):
        return 0.0
    return (len(shared) + len(asked & name)) / len(asked)


def fill(function: Function, question: str) -> ToolCall:
    """The call with its arguments found in the question."""
    arguments = shaping.shape(function.parameters, shaping.Source(question))
    return ToolCall(function.name, json.dumps(arguments, ensure_ascii=False))


def _described(function: Function) -> set[str]:
    texts = [function.description or ""]
    for name, part in function.parameters.get("properties", {}).items():
        if isinstance(part, dict):
            texts += [name, str(part.get("description", "")), *map(str, part.get("enum", ()))]
    return shaping.words(" ".join(texts))


def _can_be_filled(function: Function, question: str) -> bool:
    """Whether the question holds every argument that is required and may not be null."""
    source = shaping.Source(question)
    return all(
        shaping.fill(part, source, name, function.parameters) is not shaping.MISSING
        or shaping.may_be_null(part, function.parameters)
        for name, part in _required(function)
    )


def _demands_something(function: Function) -> bool:
    return any(not shaping.may_be_null(part, function.parameters) for _, part in _required(function))


def _required(function: Function) -> list[tuple[str, dict[str, Any]]]:
    properties = function.parameters.get("properties", {})
    return [(name, properties[name]) for name in function.parameters.get("required", ()) if name in properties]

"""Calls the tool that the question names, or that shares the most words with it, if its arguments can be filled."""

from __future__ import annotations

import json
import re
from typing import Any

from llm.standin import languages, shaping
from llm.standin.prompt import Prompt
from llm.standin.reply import ToolCall
from llm.standin.requests import ChatRequest, Function, NamedTool

ENOUGH_SHARE, ENOUGH_WORDS = 0.7, 2  # of the question's words
ENOUGH_SHARE_WITH_ARGUMENTS, ENOUGH_WORDS_WITH_ARGUMENTS = 0.5, 1  # what a tool requires, found, speaks for it too
NAMED = 2.0  # "please open a ticket" for `open_ticket`: the best of reasons


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
    if not functions or (prompt.looked_up and not is_demanded):
        return None
    if not is_demanded:
        functions = [function for function in functions if _can_be_filled(function, prompt.question)]
    best = max(functions, key=lambda function: fit(function, prompt.question), default=None)
    if best and (is_demanded or fit(best, prompt.question) > 0):
        return fill(best, prompt.question)
    return None


def fit(function: Function, question: str) -> float:
    """The share of the question's words that the tool has, its name counting double; 0 when they are too few.

    Of a description only the first paragraph counts: what follows says when to call it, and not what it does.
    """
    if _is_named(function, question):
        return NAMED
    asked = {term for term in languages.ENGLISH.terms(question) if not any(c.isdigit() for c in term)}
    name, description = shaping.words(function.name), _described(function)
    shared = asked & (name | description)
    is_certain = _demands_something(function)
    needed = ENOUGH_WORDS_WITH_ARGUMENTS if is_certain else ENOUGH_WORDS
    share = ENOUGH_SHARE_WITH_ARGUMENTS if is_certain else ENOUGH_SHARE
    if len(shared) < needed or len(shared) < share * len(asked):
        return 0.0
    return (len(shared) + len(asked & name)) / len(asked)


def fill(function: Function, question: str) -> ToolCall:
    """The call with its arguments found in the question."""
    arguments = shaping.shape(function.parameters, shaping.Source(question))
    return ToolCall(function.name, json.dumps(arguments, ensure_ascii=False))


def _is_named(function: Function, question: str) -> bool:
    """Whether the words of its name stand in the question in their order, with at most two between each."""
    words = [re.escape(word) for word in function.name.split("_")]
    return len(words) > 1 and bool(
        re.search(r"\b" + r"\W+(?:\w+\W+){0,2}".join(words) + r"\b", question, re.IGNORECASE)
    )


def _described(function: Function) -> set[str]:
    texts = [(function.description or "").partition("\n\n")[0]]
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
    """Whether it requires what not every question holds: any text would do for a query."""
    return any(
        not shaping.may_be_null(part, function.parameters) and not shaping.WHOLE_TEXT.search(name)
        for name, part in _required(function)
    )


def _required(function: Function) -> list[tuple[str, dict[str, Any]]]:
    properties = function.parameters.get("properties", {})
    return [(name, properties[name]) for name in function.parameters.get("required", ()) if name in properties]

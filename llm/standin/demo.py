"""The demo models: an extractive answer in the form that was asked for. They know nothing but what they are given."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

from llm.standin import (
    cases,
    extractive,
    follow_ups,
    grading,
    judging,
    languages,
    phrases,
    prompt,
    shaping,
    summary,
    tools,
    triage,
    units,
)
from llm.standin.exchange import Exchange
from llm.standin.prompt import Prompt
from llm.standin.reply import Reply, ask_for, say
from llm.standin.requests import ChatRequest, JsonSchemaFormat, TextFormat

MODELS = ("demo-strong", "demo-small", "demo-judge")
CITATION = re.compile(r"\s?\[(\d{1,3})\]")
NAMED_KEY = re.compile(r'"([A-Za-z_]\w{0,40})"\s*:')
SCHEMA_IN_WORDS = re.compile(r"JSON schema:\s*(?=\{)")
MAX_RESULT_LINES = 12
BESIDE_A_RESULT = 0.55  # score from which a passage is told too when a tool has answered already
SKILLS: dict[frozenset[str], Callable[[Exchange], dict[str, Any]]] = {  # by the fields that are asked for
    triage.FIELDS: triage.read,
    summary.FIELDS: summary.write,
    follow_ups.FIELDS: follow_ups.suggest,
    judging.FIELDS: judging.rule,
    grading.CLAIMS: grading.find_claims,
    grading.POINTS: grading.give_points,
    grading.LABEL: grading.choose_label,
    grading.CHOICE: grading.choose_answer,
    cases.FIELDS: cases.write,
    cases.QUESTIONS: cases.write_questions,
}


async def answer(exchange: Exchange) -> Reply:
    """A tool call if one fits, else an answer: from a tool's result, or quoted from the passages."""
    return await asyncio.to_thread(_answer, exchange)


def _answer(exchange: Exchange) -> Reply:
    call = tools.choose(exchange.asked, exchange.prompt)
    return ask_for(call) if call else say(_write(exchange))


def _write(exchange: Exchange) -> str:
    asked, read, seed = exchange.asked, exchange.prompt, exchange.asked.seed or 0
    wanted = _wanted_schema(asked)
    if wanted and (skill := SKILLS.get(frozenset(wanted.get("properties", ())))):
        return json.dumps(skill(exchange), ensure_ascii=False)
    text = _say_all(read, exchange, seed)
    if read.partial is not None:
        return _go_on(read, exchange, text)
    if wanted is None and (asked.response_format is None or isinstance(asked.response_format, TextFormat)):
        return text
    return json.dumps(_as_json(exchange, text, wanted), ensure_ascii=False)


def _wanted_schema(asked: ChatRequest) -> dict[str, Any] | None:
    """The schema that the answer is to fit: the request's own, or one that stands in the instructions."""
    if isinstance(asked.response_format, JsonSchemaFormat):
        return asked.response_format.json_schema.shape
    for message in asked.messages:
        if message.role == "system" and (place := SCHEMA_IN_WORDS.search(prompt.text_of(message.content))):
            return _schema_at(prompt.text_of(message.content), place.end())
    return None


def _schema_at(text: str, place: int) -> dict[str, Any] | None:
    try:
        schema, _ = json.JSONDecoder().raw_decode(text, place)
    except (ValueError, RecursionError):
        return None
    return schema if isinstance(schema, dict) and isinstance(schema.get("properties"), dict) else None


def _say_all(read: Prompt, exchange: Exchange, seed: int) -> str:
    """What tools returned or are waiting for; and what the passages say, where no tool answers or they add to it."""
    language = languages.detect(read.question).code
    parts = [
        phrases.OF_NOTICES[notice][language] for notice in dict.fromkeys(read.notices) if notice in phrases.OF_NOTICES
    ]
    if read.results:
        parts.append(_report(read))
    is_answered = read.results or "waiting" in read.notices
    if not is_answered or extractive.find(read, exchange.embedder, enough=BESIDE_A_RESULT):
        parts.append(extractive.answer(read, exchange.embedder, seed))
    return "\n\n".join(parts)


def _report(read: Prompt) -> str:
    """What the tools returned, line by line."""
    language = languages.detect(read.question).code
    lines = [line for result in read.results for line in _lines(result)][:MAX_RESULT_LINES]
    if len(lines) == 1:
        return phrases.FROM_TOOL[language] + lines[0]
    return phrases.FROM_TOOL[language].strip() + "\n\n" + "\n".join(f"- {line}" for line in lines)


def _lines(result: str) -> list[str]:
    try:
        data = json.loads(result)
    except (ValueError, RecursionError):
        return [" ".join(result.split())[:600]]
    rows = data if isinstance(data, list) else [data]
    return [_line(row)[:600] for row in rows]


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')}: {_line(part)}" for name, part in value.items())
    if isinstance(value, list):
        return "; ".join(_line(part) for part in value)
    return str(value)


def _go_on(read: Prompt, exchange: Exchange, text: str) -> str:
    """The rest of the answer that begins like the partial one, whichever seed worded it."""
    partial = read.partial or ""
    wordings = [text] + [extractive.answer(read, exchange.embedder, seed) for seed in range(3) if not read.results]
    for wording in wordings:
        if (rest := _after(partial, wording)) is not None:
            text = rest
            break
    else:
        fresh = [sentence for sentence in units.sentences(text) if sentence not in partial]
        text = " " + " ".join(fresh) if fresh else ""
    return text or phrases.NOTHING_MORE[languages.detect(read.question).code]


def _after(beginning: str, text: str) -> str | None:
    """What follows the beginning in the text, spaces apart; None when the text begins otherwise."""
    wanted = "".join(beginning.split())
    seen = 0
    for position, letter in enumerate(text):
        if seen == len(wanted):
            return text[position:].lstrip() if beginning[-1:].isspace() else text[position:]
        if not letter.isspace():
            if letter != wanted[seen]:
                return None
            seen += 1
    return "" if seen == len(wanted) else None


def _as_json(exchange: Exchange, text: str, schema: dict[str, Any] | None) -> Any:
    """The answer's text, sentences and citations, poured into the schema or into the keys that the prompt names."""
    plain = CITATION.sub("", text)
    source = shaping.Source(
        plain,
        question=exchange.prompt.question,
        sentences=units.sentences(plain) or [plain],
        citations=list(dict.fromkeys(int(number) for number in CITATION.findall(text))),
    )
    if schema is not None:
        return shaping.shape(schema, source)
    texts = (prompt.text_of(message.content) for message in exchange.asked.messages)
    instructions = "\n".join(prompt.without_passages(text) for text in texts)
    if keys := list(dict.fromkeys(NAMED_KEY.findall(instructions))):
        return {key: shaping.fill({"type": "string"}, source, key) for key in keys}
    return {"answer": plain, "citations": list(source.citations)}

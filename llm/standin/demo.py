"""The demo models: an extractive answer in the form that was asked for. They know nothing but what they are given."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from llm.standin import extractive, languages, phrases, prompt, shaping, tools, units
from llm.standin.exchange import Exchange
from llm.standin.prompt import Prompt
from llm.standin.reply import Reply, ask_for, say
from llm.standin.requests import JsonSchemaFormat, TextFormat

MODELS = ("demo-strong", "demo-small", "demo-judge")
CITATION = re.compile(r"\s?\[(\d{1,3})\]")
NAMED_KEY = re.compile(r'"([A-Za-z_]\w{0,40})"\s*:')
MAX_RESULT_LINES = 12


async def answer(exchange: Exchange) -> Reply:
    """A tool call if one fits, else an answer: from a tool's result, or quoted from the passages."""
    return await asyncio.to_thread(_answer, exchange)


def _answer(exchange: Exchange) -> Reply:
    call = tools.choose(exchange.asked, exchange.prompt)
    return ask_for(call) if call else say(_write(exchange))


def _write(exchange: Exchange) -> str:
    asked, read, seed = exchange.asked, exchange.prompt, exchange.asked.seed or 0
    text = _report(read) if read.results else extractive.answer(read, exchange.embedder, seed)
    if read.partial is not None:
        return _go_on(read, exchange, text)
    if asked.response_format is None or isinstance(asked.response_format, TextFormat):
        return text
    return json.dumps(_as_json(exchange, text), ensure_ascii=False)


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


def _as_json(exchange: Exchange, text: str) -> Any:
    """The answer's text, sentences and citations, poured into the schema or into the keys that the prompt names."""
    plain = CITATION.sub("", text)
    source = shaping.Source(
        plain,
        question=exchange.prompt.question,
        sentences=units.sentences(plain) or [plain],
        citations=list(dict.fromkeys(int(number) for number in CITATION.findall(text))),
    )
    wanted = exchange.asked.response_format
    if isinstance(wanted, JsonSchemaFormat):
        return shaping.shape(wanted.json_schema.shape, source)
    texts = (prompt.text_of(message.content) for message in exchange.asked.messages)
    instructions = "\n".join(prompt.without_passages(text) for text in texts)
    if keys := list(dict.fromkeys(NAMED_KEY.findall(instructions))):
        return {key: shaping.fill({"type": "string"}, source, key) for key in keys}
    return {"answer": plain, "citations": list(source.citations)}

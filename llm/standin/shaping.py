"""Fills a JSON schema from words that are there: arguments of a tool from a question, fields of an answer from it.

Each type has its own finder. What is not found is null, left out, or the schema's own default; nothing is made up
beyond the emptiest value that a required field can have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from llm.standin import languages

MISSING = object()
NUMBER = re.compile(
    r"(?<![\w.])[$€£]?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*(k|thousand|m|million|mil|%)?\b", re.IGNORECASE
)
TIMES = {"k": 1e3, "thousand": 1e3, "mil": 1e3, "m": 1e6, "million": 1e6}
QUOTED = re.compile(r"[\"“«「]([^\"”»」]{1,200})[\"”»」]")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+\w")
DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
REFERENCE = re.compile(r"(?:#\s*)?\b(?=[\w-]*\d)[A-Z]{1,6}-?[\w-]*\d[\w-]*\b|#\s*\d+\b|\b\d{4,}\b")
PLACE = re.compile(r"\b(?:in|for|from|to|near|en|de|para)\s+((?:[A-Z][\w'’-]+\s?){1,3})")
WHOLE_TEXT = re.compile(r"query|question|text|message|reason|summary|description|topic|search|subject|comment|detail")
ANSWER = re.compile(r"answer|reply|response|content|output|explanation|reasoning|rationale|justification")
IDENTIFIER = re.compile(r"(^|_)(id|number|no|code|reference|order|account|loan|case|ticket)($|_)")
NEGATION = re.compile(r"\b(not|no|without|never|don't|doesn't|sin|nunca)\b|不|没", re.IGNORECASE)
MAX_ITEMS = 5
MAX_DEPTH = 6


@dataclass
class Source:
    """Where values come from: a text, what it answers, and the passages that it cites."""

    text: str
    question: str = ""
    sentences: Sequence[str] = ()
    citations: Sequence[int] = ()
    used: set[str] = field(default_factory=set)  # numbers that already fill another field
    depth: int = 0  # within nested schemas, which may contain themselves

    @property
    def is_answer(self) -> bool:
        """Whether the text is an answer, whose fields must all have something to say."""
        return bool(self.sentences)


def shape(schema: dict[str, Any], source: Source) -> Any:
    """A whole value for a schema: JSON in any case."""
    value = fill(schema, source)
    return required_value(schema, source, schema) if value is MISSING else value


def fill(schema: dict[str, Any], source: Source, name: str = "", root: dict[str, Any] | None = None) -> Any:
    """A value that fits the schema, or MISSING when the source has none."""
    if source.depth >= MAX_DEPTH:
        return MISSING
    root = root or schema
    schema = _resolve(schema, root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return _choose(schema, source)
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    kind = next((k for k in kinds if k != "null"), "null") if isinstance(kinds, list) else kinds
    find = FINDERS.get(kind)
    inner = replace(source, depth=source.depth + 1)
    return find(schema, inner, name, root) if find else None


def may_be_null(schema: Any, root: dict[str, Any]) -> bool:
    """Whether null fits the schema."""
    if not isinstance(schema, dict):
        return True
    kinds = schema.get("type")
    options = schema.get("anyOf") or schema.get("oneOf") or ()
    is_among = isinstance(kinds, list) and "null" in kinds
    return kinds == "null" or is_among or any(may_be_null(option, root) for option in options)


def required_value(schema: dict[str, Any], source: Source, root: dict[str, Any]) -> Any:
    """For a required field of which nothing was found: the default, null, or the emptiest value of its type."""
    whole, schema = schema, _resolve(schema, root)
    if "default" in schema:
        return schema["default"]
    if may_be_null(whole, root):
        return None
    if "enum" in schema:
        return schema["enum"][0]
    low = schema.get("minimum", 0)
    empty = {"integer": low, "number": low, "boolean": False, "array": [], "object": {}}
    return empty.get(schema.get("type", "string"), source.text[:200])


def words(name: str) -> set[str]:
    """The stems in a name like `loan_term_years` or `loanTermYears`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W]+", " ", name)
    return set(languages.ENGLISH.terms(spaced))


def _resolve(schema: Any, root: dict[str, Any]) -> dict[str, Any]:
    """The schema itself behind references, alternatives and combinations; `true` is one that says nothing."""
    for _ in range(8):
        if not isinstance(schema, dict):
            break
        if "$ref" in schema:
            name = str(schema["$ref"]).rsplit("/", 1)[-1]
            schema = root if name == "#" else root.get("$defs", {}).get(name, {})
        elif options := schema.get("anyOf") or schema.get("oneOf"):
            schema = next((option for option in options if _kind(option) != "null"), options[0])
        elif parts := schema.get("allOf"):
            schema = parts[0]
        else:
            break
    return schema if isinstance(schema, dict) else {}


def _kind(schema: Any) -> Any:
    return schema.get("type") if isinstance(schema, dict) else None


def _fill_object(schema: dict[str, Any], source: Source, _: str, root: dict[str, Any]) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for name, part in schema.get("properties", {}).items():
        value = fill(part, source, name, root)
        if value is not MISSING:
            filled[name] = value
        elif name in schema.get("required", ()):
            filled[name] = required_value(part, source, root)
    return filled


def _fill_array(schema: dict[str, Any], source: Source, name: str, root: dict[str, Any]) -> Any:
    items = _resolve(schema.get("items", {}), root)
    most = min(schema.get("maxItems", MAX_ITEMS), MAX_ITEMS)
    if items.get("type") in ("integer", "number") and source.citations:
        return list(source.citations)[:most]
    if items.get("type", "string") == "string" and "enum" not in items and source.is_answer:
        return list(source.sentences)[:most]
    one = fill(items, source, name, root)
    return [] if one is MISSING or (source.is_answer and not source.citations) else [one][:most]


def _choose(schema: dict[str, Any], source: Source) -> Any:
    """The option with the most words in the text; digits count, so that "30-year" finds `30_year_fixed`."""
    asked = words(f"{source.text} {source.question}")
    options = [option for option in schema["enum"] if option is not None]
    best = max(options, key=lambda option: len(words(str(option)) & asked), default=None)
    return best if words(str(best)) & asked else schema.get("default", MISSING)


def _decide(schema: dict[str, Any], source: Source, name: str, _: dict[str, Any]) -> Any:
    if source.is_answer:
        return bool(source.citations)
    if words(name) & words(source.text):
        return not NEGATION.search(source.text)
    return schema.get("default", MISSING)


def _find_number(schema: dict[str, Any], source: Source, name: str, _: dict[str, Any]) -> Any:
    """The number whose neighbouring words are those of the field's name, else the first that nothing else uses."""
    wanted = words(f"{name} {schema.get('description', '')}")
    whole = schema.get("type") in ("integer", ["integer", "null"])
    found = [match for match in NUMBER.finditer(source.text) if _fits(match, schema, whole)]
    found = [match for match in found if match[0] not in source.used]
    if not found:
        return schema.get("default", MISSING)

    def nearness(match: re.Match[str]) -> int:
        around = source.text[max(0, match.start() - 20) : match.end() + 20]
        return len(words(around) & wanted)

    best = max(found, key=nearness)
    source.used.add(best[0])
    return _value(best, whole)


def _fits(match: re.Match[str], schema: dict[str, Any], whole: bool) -> bool:
    value = _value(match, whole)
    low, high = schema.get("minimum", value), schema.get("maximum", value)
    return bool(low <= value <= high) and not (whole and match[2])


def _value(match: re.Match[str], whole: bool) -> int | float:
    value = float(match[1].replace(",", "") + (match[2] or "")) * TIMES.get((match[3] or "").lower(), 1)
    return int(value) if whole else value


def _find_text(schema: dict[str, Any], source: Source, name: str, _: dict[str, Any]) -> Any:
    limit = schema.get("maxLength", 4000)
    if source.is_answer:
        return source.text[:limit] if ANSWER.search(name.lower()) else source.sentences[0][:limit]
    patterns = _patterns(name.lower(), str(schema.get("format", "")))
    found = next((match for pattern in patterns if (match := pattern.search(source.text))), None)
    if found:
        return found[found.lastindex or 0].strip(" #")[:limit]
    return source.text[:limit] if WHOLE_TEXT.search(name.lower()) else schema.get("default", MISSING)


def _patterns(name: str, form: str) -> list[re.Pattern[str]]:
    if "email" in name or form == "email":
        return [EMAIL]
    if "date" in name or form == "date":
        return [DATE]
    if IDENTIFIER.search(name):
        return [REFERENCE, QUOTED]
    if WHOLE_TEXT.search(name):
        return []
    return [QUOTED, PLACE]


FINDERS = {
    "object": _fill_object,
    "array": _fill_array,
    "boolean": _decide,
    "integer": _find_number,
    "number": _find_number,
    "string": _find_text,
}

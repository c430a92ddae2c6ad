"""A JSON object out of what a model wrote: strict, but for the fence that many put around it."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from llm.cleaning import clean, clean_json

FENCED = re.compile(r"\A```[A-Za-z]*[ \t]*\n(.*)\n?```\Z", re.DOTALL)


class NotJSON(ValueError):
    """The text is no JSON object. `str()` says why in words for the model, with none of its own."""


def parse(text: str) -> dict[str, Any]:
    """The object, its strings and keys cleaned (F48).

    Raises `NotJSON` for anything else: prose around it, a comma too many, a key twice, NaN or Infinity.
    """
    text = text.strip().removeprefix("\ufeff").strip()
    if fenced := FENCED.match(text):
        text = fenced[1]
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite)
    except NotJSON:
        raise
    except json.JSONDecodeError as error:
        raise NotJSON(f"no valid JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, or thousands of brackets
        raise NotJSON("JSON beyond all limits") from None
    if not isinstance(value, dict):
        raise NotJSON("JSON, but no object")
    cleaned: dict[str, Any] = clean_json(value)
    return cleaned


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {clean(key): value for key, value in pairs}
    if len(found) < len(pairs):
        raise NotJSON("a key stands twice in one object")
    return found


def _no_constant(_: str) -> NoReturn:
    raise NotJSON("NaN and Infinity are no JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise NotJSON("a number is too large")
    return number

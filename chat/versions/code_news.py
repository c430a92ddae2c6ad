"""After an upgrade the code may bring other prompts, rules, guardrails or tools than the live version, a copy of older
ones. This finds what is new, part by part, and merges it: what people changed themselves stays as they have it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from chat.assistant import Assistant, Rule

Parts = dict[tuple[str, str], Any]  # (kind, name) → what it says, as JSON


@dataclass(frozen=True)
class News:
    """`merged` is the version with what is new in the code. `taken` and `kept` name parts, such as `prompt answer`:
    those that are new, and those that are new as well but that people had changed, whose words stay.
    """

    merged: Assistant
    taken: tuple[str, ...]
    kept: tuple[str, ...]


def hashes_of(code: Assistant) -> dict[str, str]:
    """What the code brings, each part as a short hash, to tell later what has changed since."""
    return {_name(part): _hash(value) for part, value in _parts(code).items()}


def news(version: Assistant, *, since: Mapping[str, str], code: Assistant) -> News:
    """What `code` brings that `version` lacks. `since` are the code's hashes when the version was made."""
    mine, theirs = _parts(version), _parts(code)
    taken: list[tuple[str, str]] = []
    kept: list[tuple[str, str]] = []
    for part, value in theirs.items():
        before = since.get(_name(part))
        if before == _hash(value) or mine.get(part) == value:
            continue
        is_untouched = before == (_hash(mine[part]) if part in mine else None)
        (taken if is_untouched else kept).append(part)
    merged = _assembled(version, mine | {part: theirs[part] for part in taken})
    return News(merged, tuple(map(_name, taken)), tuple(map(_name, kept)))


def _parts(assistant: Assistant) -> Parts:
    return {
        **{("prompt", name): text for name, text in assistant.prompts.items()},
        **{("guardrail", name): settings for name, settings in assistant.guardrails.items()},
        **{("rule", rule.name): rule.model_dump(mode="json") for rule in assistant.rules},
        **{("tool", name): True for name in assistant.tools},
    }


def _assembled(version: Assistant, parts: Parts) -> Assistant:
    def of(kind: str) -> dict[str, Any]:
        return {name: value for (its_kind, name), value in parts.items() if its_kind == kind}

    changed = {
        "prompts": of("prompt"),
        "guardrails": of("guardrail"),
        "rules": tuple(Rule.model_validate(rule) for rule in of("rule").values()),
        "tools": tuple(of("tool")),
    }
    return version.model_copy(update=changed)


def _name(part: tuple[str, str]) -> str:
    return " ".join(part)


def _hash(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]

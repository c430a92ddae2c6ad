"""The answer has a valid form: whole, readable on the page, without machinery, in the customer's language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import nh3

from chat.blocks import fence_after
from chat.context import Turn
from chat.guardrails.form import form
from chat.privacy.masks import PLACEHOLDER
from chat.tools import TOOLS
from chat.verdicts import Action
from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader
from evals.reading.spoken import languages_apart
from evals.reading.turns import turn_of

ENDED_WELL = ("stop", "")  # "": it was not kept
_tags = "|".join(sorted(nh3.ALLOWED_TAGS | {"script", "style", "iframe", "img", "svg", "form", "input", "button"}))
TAG = re.compile(rf"</?(?:{_tags})(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
PICTURE = re.compile(r"!\[[^\]\n]{0,300}\]\(")
CODE = re.compile(r"`[^`\n]+`")
MACHINERY = re.compile(
    r"</?(?:passages?|question|result|earlier|statement|continue|tool_calls?|function_calls?|think(?:ing)?)\b[^<>]*/?>"
    r"|<\|[a-z_]{2,30}\|>|\[/?INST\]|<<SYS>>|\$(?:site_name|passages|question|spoken|summary|limit)\b|\$\{\w+\}"
    r"|\{\{\s*[\w.]+\s*\}\}|\{[a-z]+_[a-z_]+\}|%\([a-z_]+\)s"
    r"|\[(?:insert|your|customer|company|agent)(?:'s)? [a-z ]{2,30}\]",
    re.IGNORECASE,
)
CALLS = re.compile(r'"(?:tool|name|function|arguments|parameters|tool_calls)"\s*:')


@grader(kind="rule", is_invariant=True)
async def format(case: Case, answer: Answer) -> Grade:
    """1 when it ended by itself, is not empty, and holds nothing that a customer should not see as it is written."""
    turn = await turn_of(case, answer)
    text = answer.text
    if not text.strip():
        reasons = [] if answer.proposed else ["it is empty"]
    else:
        verdict = await form(turn, text)
        reasons = [verdict.reason] if verdict.action is Action.REWRITE else []
        reasons += [*_raw(text), *_machinery(turn, text)]
        if apart := languages_apart(case, answer):
            reasons.append(apart)
    if answer.served_by == "model" and answer.finish_reason not in ENDED_WELL:
        reasons.append(f"it did not end by itself: {answer.finish_reason}")
    return Grade.passed_if(not reasons, "; ".join(reasons))


def _raw(text: str) -> Iterator[str]:
    """Markup that the page shows as it is written, or not at all."""
    prose = CODE.sub("", text)
    if tag := TAG.search(prose):
        yield f"raw HTML: {tag.group()[:60]}"
    if PICTURE.search(prose):
        yield "a picture, which the page does not show"
    fence = ""
    for line in text.splitlines():
        fence = fence_after(fence, line)
    if fence:
        yield "code that is not closed"


def _machinery(turn: Turn, text: str) -> Iterator[str]:
    """What belongs to prompts, masks and tools; not what the customer has typed."""
    said = [*(exchange.question for exchange in turn.history), turn.question]
    for pattern in (PLACEHOLDER, MACHINERY):
        if found := next(
            (match for match in pattern.finditer(text) if not any(match.group() in s for s in said)), None
        ):
            yield f"a piece of the machinery: {found.group()[:60]}"
    if _is_a_call(text):
        yield "the call of a tool instead of words"


def _is_a_call(text: str) -> bool:
    """JSON that names a tool of ours or looks like a call, alone or among words."""
    for start in (match.start() for match in re.finditer(r"\{", text[:8_000])):
        try:
            value, _ = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        written = json.dumps(value)
        return bool(CALLS.search(written)) or any(f'"{tool.name}"' in written for tool in TOOLS)
    return False

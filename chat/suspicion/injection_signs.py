"""How much a text looks like an attempt to take over the assistant: a sum over independent families of signs.

Each family (override, leak, persona, markers, …) counts once, by its strongest sign, so that a long text does not
reach the limit by saying one harmless thing often. A text is read as it stands and in its disguises; what is found in
a disguise counts a little more. It reports a likelihood, not a proof: what a fooled model may do is bounded elsewhere,
by what the viewer may.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import re2

from chat.suspicion.disguises import View, views_of
from chat.suspicion.folding import fold, tokens
from chat.suspicion.signs import Sign, signs_of

DISGUISED = 0.4  # added where signs were found in a disguise
ENCODED = {"base64", "hexadecimal", "binary", "morse", "character codes", "hidden characters"}
ENCODED_TEXT = 0.6  # a text that was encoded and says something: customers do not write so

# What chats, templates and pages are made of, and customers' questions are not. RE2: linear whatever the text.
_TAGS = (
    r"question|passages?|system|earlier|instructions?|context|admin|prompt|user_input|untrusted"
    r"|tool_(?:result|response|call|output)|function_(?:call|results?)"
)
MARKERS: dict[str, tuple[float, str]] = {
    "chat template": (
        1.0,
        r"<\|?(im_start|im_end|endoftext|system|user|assistant|start_header_id|eot_id)\|?>|<\|[a-z_]{2,20}\|>"
        r"|\[/?INST\]|<</?SYS>>|</?(start|end)_of_turn>|<s>\s*\[",
    ),
    "role in JSON": (1.0, r'"role"\s*:\s*"(system|developer|assistant|tool)"'),
    "role heading": (
        0.7,
        r"(?m)^\s*(#{2,}|\*\*|={2,}|-{2,}|\[|%{2,}|<{2,})\s*"
        r"(system|developer|assistant|instructions?|response|admin|user input|end|begin)\b",
    ),
    "role line": (0.6, r"(?m)^\s*(system|developer|assistant|ai|model)\s*(message|prompt|note|override)?\s*:"),
    "role inside": (0.6, r"\b(system|admin|root|developer)\s+(override|note|message|prompt|command)\b"),
    "own tags": (
        1.0,
        rf"</?\s*({_TAGS})\b[^>]{{0,80}}>|\[/?(system|admin|developer)\]",
    ),
    "system tag": (1.0, r"</?system[-_ ]?[a-z]{0,20}>"),
    "hidden comment": (
        1.0,
        r"<!--[^>]{0,200}\b(assistant|model|ai|skip|ignore|instruction)|\[[^\]]{1,40}\]\(#"
        r"|(?m)^\s*(//|/\*)[^\n]{0,80}\b(model|assistant|ai)\b",
    ),
    "tool result": (1.0, r"\b(tool|function)[ _]?(call )?(output|result|response)s?\s*[:=]"),
    "block": (
        0.7,
        r"(-{3,}|={3,}|#{3,}|\*{3,}|%{3,}|<{3,})\s*(end|begin|start|stop|admin|system|new|instruction)"
        r"[^\n]{0,60}(-{3,}|={3,}|#{3,}|\*{3,}|%{3,}|>{3,})",
    ),
    "setting": (
        0.7,
        r"\b(allow_all|filters?|safety|policy_?level|restrictions?|guardrails?|mode)\s*[=:]\s*\"?(true|false|off|none|0|unsafe)\b",
    ),
    "image or page": (
        1.0,
        r"!\[[^\]]{0,80}\]\(\s*(https?:|//|data:|javascript:)|javascript:|\bon(error|load|click)\s*="
        r"|<\s*(img|script|iframe|svg|object|embed|form|link|meta)\b",
    ),
    "link that carries data": (0.7, r"https?://[^\s)]{1,120}[?&][a-z_]{1,20}=(\s|$|\)|[A-Z{\[]{2})"),
    "code injection": (
        1.0,
        r"\{\{[^}]{1,60}\}\}|\$\{[^}]{1,80}\}|\bselect\s+(\*|[a-z_, ]{1,60})\s+from\b|'\s*or\s*'?1'?\s*=\s*'?1"
        r"|\bunion\s+select\b|;\s*drop\s+table|\bos\.system\b|/etc/(passwd|shadow)|\bopen\(['\"]|`(cat|ls|rm|curl|whoami)\b",
    ),
    "faked talk": (
        0.8,
        r"(?s)\b(user|human|q|me|customer|operator|question)\s*:.+\b(assistant|ai|a|answer|bot|model|you|agent)\s*:"
        r".*\b(user|human|q|me|customer|operator|question)\s*:",
    ),
    "faked answer": (
        0.8,
        r"(?m)^\s*(assistant|ai|bot|model)\s*:\s*(sure|of course|yes|okay|certainly|i am now|i will)\b",
    ),
}
_markers = {name: (weight, re2.compile(f"(?i)(?:{pattern})")) for name, (weight, pattern) in MARKERS.items()}


@dataclass(frozen=True)
class Reading:
    """What was found in a text: `score` is 1 or more for what looks like an attempt, `why` names the signs."""

    score: float = 0.0
    why: str = ""


def read(text: str) -> Reading:
    """Read a text as it stands and in its disguises; the most telling of the readings counts."""
    plain = _as_it_stands(text)
    disguised = (_disguised(view, plain) for view in views_of(text))
    return max([plain, *disguised], key=lambda reading: reading.score)


def _as_it_stands(text: str) -> Reading:
    signs = signs_of("injection_signs").find(tokens(fold(text)))
    by_family = _strongest(signs)
    markers = {name: weight for name, (weight, pattern) in _markers.items() if pattern.search(text)}
    score = sum(sign.weight for sign in by_family.values()) + _together(markers.values())
    why = [f"{family}: {sign.name}" for family, sign in by_family.items()] + [f"marker: {name}" for name in markers]
    return Reading(round(score, 2), ", ".join(why))


def _disguised(view: View, plain: Reading) -> Reading:
    """What a view says. That it is one counts only where it says more than the text as it stands."""
    found = _as_it_stands(view.text)
    extra = DISGUISED if found.score > plain.score else 0.0
    if view.means in ENCODED:
        extra += ENCODED_TEXT
    if not extra:
        return Reading()
    return Reading(round(found.score + extra, 2), f"{view.means}: {found.why or 'a text'}")


def _strongest(signs: Iterable[Sign]) -> dict[str, Sign]:
    by_family: dict[str, Sign] = {}
    for sign in sorted(signs, key=lambda sign: sign.name):
        if sign.family not in by_family or sign.weight > by_family[sign.family].weight:
            by_family[sign.family] = sign
    return by_family


def _together(weights: Iterable[float]) -> float:
    """Markers are no independent signs of each other: the strongest counts, the others a third."""
    first, *others = sorted(weights, reverse=True) or [0.0]
    return first + sum(others) / 3

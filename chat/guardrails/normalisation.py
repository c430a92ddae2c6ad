"""One form for each character, and nothing hidden: what the other checks read is what the model reads."""

from __future__ import annotations

import unicodedata

from chat.context import Turn
from chat.suspicion.hidden import seen
from chat.verdicts import Verdict, guardrail
from chat.wording import words_for


@guardrail(reads="question", prepares=True)
async def normalisation(turn: Turn, text: str) -> Verdict:
    """Rewrites to NFKC without hidden characters; a question of nothing else is refused."""
    visible = seen(text)
    plain = normalised(visible.text)
    hidden = ", ".join(f"{count} {kind}" for kind, count in visible.hidden.items())
    if visible.spelled.strip():
        hidden += f", which spell: {visible.spelled[:120]}"
    if not any(character.isalnum() for character in plain) and hidden:
        return Verdict.refuse(f"nothing but hidden text: {hidden}", say=words_for(turn, "say_unreadable"))
    if plain == text:
        return Verdict.allow()
    return Verdict.rewrite(plain, f"hidden: {hidden}" if hidden else "another form of the same characters")


def normalised(text: str) -> str:
    """NFKC, but for numbers in which it would change the value: 6½ % would become 61⁄2 %, 10² would become 102."""
    if text.isascii():
        return text
    parts = [unicodedata.normalize("NFKC", part) if is_plain else part for is_plain, part in _by_kind(text)]
    return "".join(parts).strip()


def _by_kind(text: str) -> list[tuple[bool, str]]:
    """Runs of the text, and whether NFKC may change them."""
    runs: list[tuple[bool, list[str]]] = []
    for character in text:
        is_plain = unicodedata.category(character) != "No"
        if not runs or runs[-1][0] is not is_plain:
            runs.append((is_plain, []))
        runs[-1][1].append(character)
    return [(is_plain, "".join(run)) for is_plain, run in runs]

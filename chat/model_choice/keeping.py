"""How the model of a reply was chosen, kept behind it: one row, without personal data, deleted with the reply.

A share of the questions is picked to be answered by the other model too (`chat/second_opinions.py`); for those the
texts are kept. What was looked up with tools, or holds personal data, is never picked.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

from chat.assistant import Alias
from chat.context import Turn
from chat.model_choice.sides import side, sides_of
from chat.models import Reply, Route
from chat.privacy.masks import PLACEHOLDER
from chat.spoken import LANGUAGES
from chat.understanding import words_to_search
from knowledge.languages import likeliest_language

PURPOSE = "answer"
ENDED = (Reply.Status.DONE, Reply.Status.REFUSED)


def keep(turn: Turn, end: dict[str, Any]) -> Route | None:
    """Keep the choice of a turn whose reply was closed with `end`; None where there was none to make.

    Sync: it writes to the database.
    """
    reply = Reply.objects.filter(pk=turn.id).first()
    if turn.choice is None or end.get("status") not in ENDED or reply is None:
        return None
    assistant, question = turn.version.assistant, turn.masks.redact(words_to_search(turn))
    share = assistant.model_choice.compared if _may_be_compared(turn, end, question) else 0.0
    is_compared = is_picked(turn.id, share)
    return Route.objects.create(
        reply=turn.id,
        kept_with=reply,
        version_id=turn.version.id,
        assistant=turn.version.hash or assistant.hash,
        question=question,
        language=likeliest_language(question, LANGUAGES),
        signals=turn.choice.signals,
        ease=turn.choice.ease,
        rule=turn.choice.rule,
        first=turn.choice.alias,
        served=_served(turn, end),
        held_back=turn.drafted.held_back if turn.drafted else "",
        share=share,
        is_compared=is_compared,
        **(_sides(turn, end) if is_compared else {}),
    )


def is_picked(turn: UUID, share: float) -> bool:
    """Whether a turn belongs to the share that is compared: the same turn always does, or never does."""
    drawn = int.from_bytes(sha256(b"compared" + turn.bytes).digest()[:8]) / 2**64
    return drawn < share


def _served(turn: Turn, end: dict[str, Any]) -> str:
    """The alias whose answer was shown; empty where a check put its own words there."""
    if end.get("status") != Reply.Status.DONE or end.get("stopped_by") or not end.get("model"):
        return ""
    return _alias_shown(turn)


def _alias_shown(turn: Turn) -> Alias:
    is_shown = turn.drafted and not turn.drafted.held_back
    return turn.drafted.alias if turn.drafted and is_shown else turn.version.assistant.answer.alias


def _may_be_compared(turn: Turn, end: dict[str, Any], question: str) -> bool:
    """Whether both models can be given the very same, and a judge may read it."""
    is_whole = bool(_served(turn, end)) and end.get("finish_reason") == "stop" and not end.get("proposed")
    is_alone = not (turn.lookups or turn.draft) and bool(turn.passages)
    inputs = turn.receipt.inputs
    is_personal = bool(inputs.get("masked")) or "written" in inputs or bool(PLACEHOLDER.search(question))
    return is_whole and is_alone and not is_personal


def _sides(turn: Turn, end: dict[str, Any]) -> dict[str, Any]:
    """What is known of both models' answers by now: of the small one's also if it was held back."""
    shown, names = _alias_shown(turn), sides_of(turn.version.assistant)
    known = {shown: _of_shown(turn, end)}
    if (drafted := turn.drafted) and drafted.held_back and not drafted.has_failed:
        known[drafted.alias] = side(
            drafted.alias,
            drafted.turn.masks.redact(drafted.text),
            model=drafted.model,
            sources=drafted.sources,
            passages=drafted.turn.passages,
            call=turn.id,
            purpose=PURPOSE,
            ms=drafted.ms,
            held_back=drafted.held_back,
        )
    return {name: known[alias] for name, alias in names._asdict().items() if alias in known}


def _of_shown(turn: Turn, end: dict[str, Any]) -> dict[str, Any]:
    written = [step for step in turn.receipt.steps if step["step"] in ("model", "answer checks")]
    return side(
        _alias_shown(turn),
        turn.masks.redact(end["text"]),
        model=end["model"],
        sources=turn.cited,
        passages=turn.passages,
        call=turn.id,
        purpose=PURPOSE,
        ms=sum(step.get("ms", 0) for step in written),
    )

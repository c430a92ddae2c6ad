"""What a reply's model was given, kept in its receipt so that the reply can be run again. Personal data stay masked.

Instructions and examples are not kept: they stand in the version. Passages are, since documents change.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from chat.assistant import Alias, Version
from chat.context import Draft, Exchange, Lookup, Turn
from chat.privacy.masks import PLACEHOLDER, Masks
from chat.understanding import Understood
from knowledge.access import Viewer
from knowledge.search import Passage
from llm import Message
from llm.cleaning import each_text


@dataclass(frozen=True)
class Round:
    """One round of tools: the calls and their results as messages, and what checks may read of them.

    `passages` are those that a search of the model's own added; after a round that `is_spent` no tool is called.
    """

    messages: tuple[Message, ...]
    lookups: tuple[Lookup, ...]
    passages: tuple[Passage, ...]
    is_spent: bool


def begin(turn: Turn, alias: Alias, messages: Sequence[Message]) -> None:
    """Keep what the first request was made of. `messages` are the request itself, to see what was masked in it."""
    masks = turn.masks
    contents = {message["content"] for message in messages}
    sent, own = "\n".join(contents), masks.values.keys() - masks.not_own
    earlier = [[masks.redact(said.question), masks.redact(said.reply)] for said in turn.history]
    kept: dict[str, Any] = {
        "version": turn.version.label,
        "alias": alias,
        "variant": turn.variant,
        "question": masks.redact(turn.question),
        "asked": masks.redact(turn.asked),
        "understood": each_text(turn.understood.model_dump(), masks.redact) if turn.understood else None,
        "history": [said for said in earlier if said[0] in contents],
        "summary": masks.redact(turn.summary),
        "passages": kept_passages(turn.passages),
        "draft": {"text": masks.redact(turn.draft.text), "sources": len(turn.draft.sources)} if turn.draft else None,
        "masked": sorted({match[1] for match in PLACEHOLDER.finditer(sent) if match[0] in own}),
        "rounds": [],
    }
    turn.receipt.inputs |= kept


def add_round(turn: Turn, done: Round) -> None:
    """Keep a round of tools."""
    kept = {"messages": list(done.messages), "lookups": [asdict(lookup) for lookup in done.lookups]}
    rounds = turn.receipt.inputs["rounds"]
    rounds.append(
        each_text(kept, turn.masks.redact) | {"passages": kept_passages(done.passages), "is_spent": done.is_spent}
    )


def end(turn: Turn, written: str) -> None:
    """Keep the answer as the model knew it, where the customer saw his own data in it."""
    if written != turn.masks.unmask(written):
        turn.receipt.inputs["written"] = written


def can_be_rebuilt(inputs: dict[str, Any]) -> bool:
    return "rounds" in inputs


def rebuild(inputs: dict[str, Any], version: Version) -> Turn:
    """The turn as it stood before its first request, for a viewer without rights. Its id is a new one."""
    passages = tuple(_passage(kept) for kept in inputs["passages"])
    draft, understood = inputs["draft"], inputs["understood"]
    return Turn(
        inputs["question"],
        Viewer(),
        version,
        asked=inputs["asked"],
        history=tuple(Exchange(*said) for said in inputs["history"]),
        summary=inputs["summary"],
        draft=Draft(draft["text"], passages[: draft["sources"]]) if draft else None,
        variant=inputs["variant"],
        masks=_known_placeholders(inputs),
        understood=Understood.model_construct(**understood) if understood else None,
        passages=passages,
    )


def rounds_of(inputs: dict[str, Any]) -> list[Round]:
    """The rounds of tools in their order; none where the receipt is an old one."""
    return [
        Round(
            tuple(kept["messages"]),
            tuple(Lookup(**_known(Lookup, lookup)) for lookup in kept["lookups"]),
            tuple(_passage(passage) for passage in kept["passages"]),
            kept["is_spent"],
        )
        for kept in inputs.get("rounds", ())
    ]


def _known_placeholders(inputs: dict[str, Any]) -> Masks:
    """Placeholders that stand for themselves: what they stood for was not kept."""
    names = {match.group() for match in PLACEHOLDER.finditer(json.dumps(inputs))}
    return Masks({name: name for name in names})


def kept_passages(passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """Passages as plain JSON, as receipts keep them."""
    return [asdict(passage) | {"document_id": str(passage.document_id)} for passage in passages]


def _passage(kept: dict[str, Any]) -> Passage:
    known = _known(Passage, kept)
    return Passage(**known | {"document_id": uuid.UUID(kept["document_id"])})


def _known(kind: type[Any], kept: dict[str, Any]) -> dict[str, Any]:
    """Of what was kept, perhaps by a later or an earlier release, what the class takes."""
    return {field.name: kept[field.name] for field in fields(kind) if field.name in kept}

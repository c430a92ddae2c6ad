"""The card of a training set as its page shows it. A set that is being built has none yet, only how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evals.distillation.card import COUNTED
from evals.distillation.reasons import REASONS
from evals.models import TrainingSet
from llm import Alias
from llm.catalogue import model_for

A_FACT_SHOWN = 8  # kinds, the most frequent first


@dataclass(frozen=True)
class Progress:
    """How far the work is: what is done, and how much of it."""

    doing: str
    done: int
    of: int


@dataclass(frozen=True)
class ShownCard:
    """`facts` are (title, [(what, lines)]); `left_out` reasons in words; `near` the nearest pairs that were kept.
    `dollars` is None where no price is known."""

    card: dict[str, Any]
    facts: tuple[tuple[str, tuple[tuple[str, int], ...], int], ...]
    left_out: tuple[tuple[str, int], ...]

    @property
    def tokens(self) -> int:
        """Of one round over the lines that are learned."""
        return int(self.card["tokens"]["train"])

    @property
    def dollars(self) -> float | None:
        price: float | None = self.card["price"]["dollars"]
        return price

    @property
    def price_note(self) -> str:
        price = self.card["price"]
        return f"{price['epochs']} rounds of {price['model']}, by a count of tokens that is estimated"

    @property
    def files(self) -> list[tuple[str, dict[str, Any], int]]:
        """Each part with its lines, bytes and hash, and its tokens."""
        return [(part, file, self.card["tokens"][part]) for part, file in self.card["files"].items()]


def shown_card(training_set: TrainingSet) -> ShownCard | None:
    """None before there is one."""
    card = training_set.card
    if "files" not in card:
        return None
    facts = tuple(
        (title, tuple(list(card[key].items())[:A_FACT_SHOWN]), max(0, len(card[key]) - A_FACT_SHOWN))
        for title, key in COUNTED.items()
        if card.get(key)
    )
    ordered = sorted(card["left_out"].items(), key=lambda item: -item[1])
    return ShownCard(card, facts, tuple((REASONS.get(reason, reason), count) for reason, count in ordered))


def base_for(training_set: TrainingSet) -> str:
    """The model that a set is made for: the one that was named, else the one behind the alias now."""
    alias: Alias = "judge" if training_set.kind == TrainingSet.Kind.JUDGE else "small"
    return str(training_set.options.get("base") or model_for(alias).name)


def progress_of(training_set: TrainingSet) -> Progress | None:
    """None before a worker has said how far it is."""
    said = training_set.card.get("progress")
    return Progress(str(said["doing"]), int(said["done"]), int(said["of"])) if said else None

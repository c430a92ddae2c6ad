"""The signs of easy questions as `make bench-route` draws them, and what the product's choice makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.asked import Asked
from tests.benchmarks.assumed import Table
from tests.benchmarks.scripted import Setting, passage, turn_of

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Numbers = NDArray[np.float64]

ANOTHERS = 0.9  # by so much fits each further passage of another document


@dataclass(frozen=True)
class Read:
    """What the product's choice makes of each question: its ease, and whether a rule keeps it from the small model;
    `is_hard` where that rule is that triage finds it hard."""

    ease: Numbers
    is_ruled: Bools
    is_hard: Bools


@dataclass(frozen=True)
class Signs:
    """What triage and search say of each question."""

    best: Numbers
    lead: Numbers
    is_called_easy: Bools

    @classmethod
    def drawn(cls, table: Table, kind: Ints, dice: np.random.Generator) -> Signs:
        best = np.array(table.best)[kind] + dice.normal(0, 0.07, kind.size)
        lead = np.array(table.lead)[kind] + dice.normal(0, 0.15, kind.size)
        called = dice.random(kind.size) < np.array([table.triage_right, 0.5, 1 - table.triage_right])[kind]
        return cls(np.clip(best, 0.05, 1), np.clip(lead, 0, 0.95), called)

    def read(self, asked: Sequence[Asked], settings: Sequence[Setting], of: Ints) -> tuple[Read, Read]:
        """With triage and without: by the product's own choice, from passages with the scores that were drawn."""
        from chat.model_choice import choose_model
        from chat.versions.states import house
        from knowledge.search import Found, Meaning

        record, meaning = house(), Meaning(None, "", 1.0)  # type: ignore[arg-type]
        record = record.model_copy(update={"model_choice": record.model_choice.model_copy(update={"easy": "small"})})
        choices: tuple[list[Any], list[Any]] = [], []
        for number, one in enumerate(asked):
            setting = settings[of[number]]
            turn = turn_of(setting, record, one.text)
            turn.passages = self._passages(number, setting)
            found = Found(turn.passages, meaning=meaning)
            choices[1].append(choose_model(turn, found))
            turn.understood = self._understood(number, one.text)
            choices[0].append(choose_model(turn, found))
        return _read(choices[0]), _read(choices[1])

    def _understood(self, number: int, text: str) -> Any:
        from chat.understanding import Understood

        difficulty: Any = "easy" if self.is_called_easy[number] else "hard"
        return Understood(standalone=text[:1_000], language="", topic="", difficulty=difficulty, needs_tools=False)

    def rests_on_less(self, setting: Sequence[Setting]) -> Bools:
        """Of answers that cite the best passage of another document: whether the product's check sees it."""
        from chat.model_choice.checking import fits_less

        found = [self._passages(number, one) for number, one in enumerate(setting)]
        return np.array([fits_less(passages[2:3], passages) for passages in found])

    def _passages(self, number: int, setting: Setting) -> tuple[Any, ...]:
        scored = zip(setting.sections, self._scores(number, setting), strict=True)
        return tuple(passage(section, place, score) for place, (section, score) in enumerate(scored))

    def _scores(self, number: int, setting: Setting) -> list[float]:
        """The best passage; its document's next one is close behind, other documents' start where the lead ends."""
        best, first = float(self.best[number]), setting.sections[0].article
        others = best * (1 - float(self.lead[number]))
        return [
            best * 0.95**place if section.article == first else others * ANOTHERS ** max(0, place - 2)
            for place, section in enumerate(setting.sections)
        ]


def _read(choices: Sequence[Any]) -> Read:
    return Read(
        ease=np.array([choice.ease for choice in choices]),
        is_ruled=np.array([bool(choice.rule) for choice in choices]),
        is_hard=np.array([choice.rule == "hard" for choice in choices]),
    )

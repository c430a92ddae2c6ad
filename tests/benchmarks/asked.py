"""A day of questions for `make bench-route`: new ones, and earlier ones asked again in other words.

A question is something that one wants to do to a thing in a case of one's own (`route/wordings.json`); each of the
three can be said in several ways, and so can the sentence around them. Two that differ in any of the three want
different answers, however alike they read. The pairs of the tests of saved answers are among them: paraphrases that
people wrote, and pairs that only look it, in three languages.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORDINGS = Path(__file__).with_name("route") / "wordings.json"
PAIRS = Path(__file__).resolve().parents[1] / "chat" / "answer_cache"
USUAL = 0.6  # of those who ask take the usual word for a thing


@dataclass(frozen=True)
class Asked:
    """A question as it was typed; two of the same `meaning` want the same answer."""

    text: str
    meaning: int


@dataclass
class Meaning:
    """What can be wanted, and the ways to ask for it that nobody has used yet."""

    ways: Iterator[str]

    def next_way(self) -> str | None:
        return next(self.ways, None)


def day(questions: int, again: float, dice: random.Random) -> list[Asked]:
    """So many questions, of which the share `again` are earlier ones in words that were not used before.

    Which one comes again is drawn from all that was asked before, so that what is asked often comes more often.
    """
    unasked = _meanings(dice)
    repeats = set(dice.sample(range(1, questions), round(questions * again)))
    asked: list[Asked] = []
    known: list[Meaning] = []
    for place in range(questions):
        one = _once_more(asked, known, dice) if place in repeats else None
        if one is None:
            known.append(next(unasked))
            one = Asked(known[-1].next_way() or "", len(known) - 1)
        asked.append(one)
    return asked


def _once_more(asked: list[Asked], known: list[Meaning], dice: random.Random) -> Asked | None:
    for _ in range(100):
        meaning = dice.choice(asked).meaning
        if text := known[meaning].next_way():
            return Asked(text, meaning)
    return None


def _meanings(dice: random.Random) -> Iterator[Meaning]:
    """All that can be asked, in a seeded order: the tests' pairs among what is put together."""
    book = json.loads(WORDINGS.read_text(encoding="utf-8"))
    cells = [(deed, thing, case) for deed in book["deeds"] for thing in deed["things"] for case in book["cases"]]
    made = [_put_together(book, deed["say"], thing, case, dice) for deed, thing, case in cells]
    every = [*made, *(Meaning(iter(ways)) for ways in _pairs())]
    dice.shuffle(every)
    return iter(every)


def _pairs() -> Iterator[list[str]]:
    for line in (PAIRS / "paraphrases.jsonl").read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        yield [pair["saved"], pair["asked"]]
    for line in (PAIRS / "near_misses.jsonl").read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        yield [pair["saved"]]
        yield [pair["asked"]]


def _put_together(book: dict[str, Any], deeds: list[str], thing: str, case: str, dice: random.Random) -> Meaning:
    ways = _ways(book["frames"], (deeds, book["things"][thing], book["cases"][case]), random.Random(dice.random()))
    return Meaning(ways)


def _ways(frames: list[str], parts: Sequence[list[str]], dice: random.Random) -> Iterator[str]:
    """Each in another sentence. Of the words for a part, the first ones are the usual ones."""
    for frame in dice.sample(frames, len(frames)):
        deed, thing, case = (part[0] if dice.random() < USUAL else dice.choice(part[1:]) for part in parts)
        yield frame.format(deed=deed, thing=thing, case=case)


def first_times(asked: Sequence[Asked]) -> Iterator[bool]:
    """Whether nobody has asked for it before."""
    seen: set[int] = set()
    for one in asked:
        yield one.meaning not in seen
        seen.add(one.meaning)


def from_file(path: Path) -> list[Asked]:
    """A stream of `[{question, answer_id}]`, as `make bench-cache` takes it."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    numbers = {answer: number for number, answer in enumerate(dict.fromkeys(row["answer_id"] for row in rows))}
    return [Asked(row["question"], numbers[row["answer_id"]]) for row in rows]

"""`make bench-cache DATA=file.json`: a stream of questions against saved answers, beside a plain cosine threshold.

DATA is [{question, answer_id}] in the order in which the questions came; two with one `answer_id` may share an answer.
Such a file has questions only, so that what is measured are the checks on the pair of questions and the learned
acceptance. The fresh search for evidence and the admission by several customers, which in the product come on top and
make hits rarer and safer, are off. Protocol: a miss is answered anew and stores its true answer; whether a hit was
right is revealed with a probability of 5 % (seeded). The plain threshold is swept in the same run, over the same
vectors, and GPTCache, a public library, plays the same stream where it is installed.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks import another_cache

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "tests/chat/answer_cache"  # pairs that ask the same, and pairs that only look it
REVEALED = 0.05  # of the hits
FIRST_LEARNED, LEARNED_AFTER = 10, 0.1  # labels, and later this share more of them: the worker does it by time
DELTA = 0.01  # wrong answers a question: CHAT_SAVED_ERRORS as it comes
THRESHOLDS = np.arange(0.70, 0.981, 0.01)
Floats = NDArray[np.float64]


@dataclass
class Tally:
    """What became of a stream of questions."""

    asked: int = 0
    hits: int = 0
    wrong: int = 0

    def as_json(self) -> dict[str, float]:
        return {
            "hit_rate": round(self.hits / max(1, self.asked), 4),
            "wrong_per_query": round(self.wrong / max(1, self.asked), 4),
            "wrong_per_hit": round(self.wrong / max(1, self.hits), 4),
        }


def plain(vectors: Floats, answers: Sequence[str], threshold: float) -> Tally:
    """The usual semantic cache: the nearest saved question's answer, when its cosine is high enough."""
    tally, saved = Tally(), np.zeros(0, dtype=int)
    alike = vectors @ vectors.T
    for asked, answer in enumerate(answers):
        tally.asked += 1
        nearest = saved[np.argmax(alike[asked, saved])] if len(saved) else None
        if nearest is not None and alike[asked, nearest] >= threshold:
            tally.hits += 1
            tally.wrong += answers[nearest] != answer
        else:
            saved = np.append(saved, asked)
    return tally


@dataclass
class Stream:
    """Saved questions as they grow, and what is learned on the way."""

    vectors: Floats
    words: Sequence[frozenset[str]]
    signatures: Sequence[Any]
    answers: Sequence[str]
    checks: bool = True
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    saved: list[int] = field(default_factory=list)
    asked: list[Floats] = field(default_factory=list)
    labelled: list[Floats] = field(default_factory=list)
    labels: list[float] = field(default_factory=list)
    learned: Any = None
    checked_wrong: float = 0.0
    checked_expected: float = 0.0
    fresh_labels: int = 0
    seconds: list[float] = field(default_factory=list)

    def run(self) -> Tally:
        tally = Tally()
        for number in range(len(self.answers)):
            tally.asked += 1
            began = perf_counter()
            candidate, is_served = self.look_up(number)
            self.seconds.append(perf_counter() - began)
            is_right = candidate is not None and candidate.answer == self.answers[number]
            if is_served:
                tally.hits += 1
                tally.wrong += not is_right
                self.reveal(candidate, is_right)
            else:
                self.miss(number, candidate, is_right)
            self.learn(tally.asked)
        return tally

    def look_up(self, number: int) -> tuple[Any, bool]:
        """The candidate that nothing forbids, with all its features, and whether it is served."""
        from chat.answer_cache.acceptance import NEIGHBOURS, Neighbour, candidate_among
        from chat.answer_cache.likeness import likeness

        if not self.saved:
            return None, False
        cosines = (self.vectors[:number] @ self.vectors[number])[self.saved]  # a copy of the saved ones takes longer
        near = np.argsort(-cosines)[:NEIGHBOURS]
        found = [Neighbour(self.answers[self.saved[i]], float(cosines[i]), self.words[self.saved[i]]) for i in near]
        candidate = candidate_among(found, self.words[number])
        if candidate is None:
            return None, False
        known = [self.signatures[self.saved[i]] for i in near if self.answers[self.saved[i]] == candidate.answer]
        alike = likeness(self.signatures[number], known)
        if alike.objection and self.checks:
            return None, False
        candidate = replace(candidate, features=np.array([*candidate.features, *alike.features]))
        self.asked.append(candidate.features)
        return candidate, self.learned is not None and self.learned.accepts(candidate.features)

    def reveal(self, candidate: Any, is_right: bool) -> None:
        if self.rng.random() < REVEALED:
            self.label(candidate, is_right)

    def miss(self, number: int, candidate: Any, is_right: bool) -> None:
        if candidate is not None:
            self.label(candidate, is_right)
        self.saved.append(number)

    def label(self, candidate: Any, is_right: bool) -> None:
        from chat.answer_cache.acceptance import is_around

        if self.learned and is_around(expected := self.learned.error(candidate.features), DELTA):
            self.checked_wrong += not is_right
            self.checked_expected += expected
        self.labelled.append(candidate.features)
        self.labels.append(float(is_right))
        self.fresh_labels += 1

    def learn(self, asked: int) -> None:
        from chat.answer_cache.acceptance import Checked, learn

        if self.fresh_labels >= max(FIRST_LEARNED, LEARNED_AFTER * len(self.labels)):
            self.fresh_labels = 0
            seen = Checked(self.checked_wrong, self.checked_expected)
            known = np.array(self.labelled), np.array(self.labels), np.array(self.asked)
            self.learned = learn(*known, questions=asked, delta=DELTA, checked=seen)


def own_stream() -> tuple[str, list[dict[str, str]]]:
    """The tests' pairs as a stream in a seeded order. Few share an answer: it says more of errors than of hits."""
    rows = []
    for name in ("paraphrases", "near_misses"):
        for number, line in enumerate((OWN / f"{name}.jsonl").read_text("utf-8").splitlines()):
            pair = json.loads(line)
            same = name == "paraphrases"
            rows += [
                {"question": pair[side], "answer_id": f"{name}-{number}" + ("" if same else f"-{side}")}
                for side in ("saved", "asked")
            ]
    random.Random(7).shuffle(rows)
    return "own pairs", rows


def main() -> None:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from chat.answer_cache.alike import analyse
    from chat.leaning import telling_words
    from llm.standin.embedder import Embedder

    name, rows = (sys.argv[1], json.loads(Path(sys.argv[1]).read_text("utf-8"))) if len(sys.argv) > 1 else own_stream()
    questions, answers = [row["question"] for row in rows], [row["answer_id"] for row in rows]
    vectors = np.asarray(asyncio.run(Embedder().embed(questions))[0], dtype=np.float64)
    words = [telling_words(question) for question in questions]
    signatures = [analyse(question) for question in questions]
    report = measure(vectors, words, signatures, answers)
    report |= {"gptcache": another_cache.played(questions, answers, vectors)}
    print(json.dumps({"file": Path(name).name, "questions": len(rows), **report}, indent=2))


def measure(
    vectors: Floats, words: Sequence[frozenset[str]], signatures: Sequence[Any], answers: Sequence[str]
) -> dict[str, Any]:
    ours = Stream(vectors, words, signatures, answers)
    without_checks = Stream(vectors, words, signatures, answers, checks=False)
    sweep = {round(float(t), 2): plain(vectors, answers, float(t)) for t in THRESHOLDS}
    bearable = {t: tally for t, tally in sweep.items() if tally.wrong <= DELTA * tally.asked}
    best = max(bearable, key=lambda t: bearable[t].hits, default=None)
    tally = ours.run()
    return {
        **tally.as_json(),
        "plain_best": (bearable[best].as_json() | {"threshold": best}) if best is not None else None,
        "hit_rate_ratio": round(tally.hits / max(1, bearable[best].hits), 3) if best is not None else None,
        "without_checks_on_pairs": without_checks.run().as_json(),
        "plain": {str(t): one.as_json() for t, one in sweep.items()},
        "off": ["fresh search for evidence", "admission by several customers"],
        "look_up_ms_p50": round(float(np.median(ours.seconds)) * 1000, 3),
    }


if __name__ == "__main__":
    main()

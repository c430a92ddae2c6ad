"""How much personal data is found, and how much of what is found is none.

    python -m tests.benchmarks.personal_data FILE

The file holds [{"text", "spans": [{"type", "start", "end"}]}] with the types of presidio-research or our own; spans of
other types (names, places, dates) count as ordinary text. An identifier counts as found when all of it is masked under
its type: half a card number is a leak. What is found counts as right when it touches one of its type.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chat.privacy.masks import TYPES, find

NAMES = {
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "CREDIT_CARD": "CARD",
    "IBAN_CODE": "IBAN",
    "US_SSN": "SSN",
    "IP_ADDRESS": "IP",
}
ALL = "all"
Place = tuple[str, int, int]  # type, start, end


def measure(cases: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Recall and precision, each between 0 and 1, by type and for `all`; `wanted` and `found` are what they count.

    A type of which there is nothing to find, or nothing was found, has 1.
    """
    wanted, found, recalled, right = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for case in cases:
        there = list(_wanted(case["spans"]))
        seen = [(span.type, span.start, span.end) for span in find(case["text"])]
        for type_ in (ALL, *TYPES):
            wanted[type_] += sum(_counts(one, type_) for one in there)
            found[type_] += sum(_counts(one, type_) for one in seen)
            recalled[type_] += sum(_counts(one, type_) and any(_covers(mask, one) for mask in seen) for one in there)
            right[type_] += sum(_counts(mask, type_) and any(_touches(mask, one) for one in there) for mask in seen)
    return {
        type_: {
            "recall": recalled[type_] / wanted[type_] if wanted[type_] else 1.0,
            "precision": right[type_] / found[type_] if found[type_] else 1.0,
            "wanted": wanted[type_],
            "found": found[type_],
        }
        for type_ in (*TYPES, ALL)
    }


def milliseconds_per_kilobyte(cases: list[dict[str, Any]]) -> float:
    """Processor time to read the texts, the best of three rounds."""
    rounds = []
    for _ in range(3):
        began = time.process_time()
        for case in cases:
            find(case["text"])
        rounds.append(time.process_time() - began)
    return min(rounds) * 1000 / (sum(len(case["text"].encode()) for case in cases) / 1024)


def _wanted(spans: Iterable[dict[str, Any]]) -> Iterable[Place]:
    for span in spans:
        type_ = NAMES.get(span["type"], span["type"])
        if type_ in TYPES:
            yield type_, span["start"], span["end"]


def _counts(place: Place, type_: str) -> bool:
    return type_ in (place[0], ALL)


def _covers(mask: Place, wanted: Place) -> bool:
    return mask[0] == wanted[0] and mask[1] <= wanted[1] and wanted[2] <= mask[2]


def _touches(mask: Place, wanted: Place) -> bool:
    return mask[0] == wanted[0] and mask[1] < wanted[2] and wanted[1] < mask[2]


def main(path: str) -> None:
    cases = json.loads(Path(path).read_text(encoding="utf-8"))
    print(f"{'':8}{'recall':>8}{'precision':>11}{'wanted':>8}{'found':>7}")
    for type_, figures in measure(cases).items():
        recall, precision, wanted, found = figures.values()
        print(f"{type_:8}{recall:8.3f}{precision:11.3f}{wanted:8.0f}{found:7.0f}")
    print(f"{len(cases)} texts, {milliseconds_per_kilobyte(cases):.2f} ms of one core a kilobyte")


if __name__ == "__main__":
    main(sys.argv[1])

"""The claims that a judge found in an answer: where each stands, and which words of a passage it rests on.

Judges write what they like: a place that does not lie in its text is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from evals.answers import Answer
from evals.models import Grading

Span = tuple[int, int]
WORDS = {
    "supported": "supported",
    "contradicted": "contradicted",
    "not_found": "not found in the sources",
    "invented": "the judge's quote stands nowhere",
}


@dataclass(frozen=True)
class Claim:
    """One claim. `at` is its place in the answer, `quote_at` that of its quote in the passage `passage` (an index).

    Both are in characters, None where there is none. `source` is the title of what was quoted.
    """

    number: int
    text: str
    verdict: str
    why: str
    quote: str
    source: str
    passage: int | None
    at: Span | None
    quote_at: Span | None

    @property
    def is_supported(self) -> bool:
        return self.verdict == "supported"

    @property
    def words(self) -> str:
        return WORDS.get(self.verdict, self.verdict.replace("_", " "))


@dataclass(frozen=True)
class Segment:
    """Some words of a text, with the claims that they belong to. `ends` are those whose last words they are."""

    text: str
    claims: tuple[Claim, ...] = ()
    ends: tuple[Claim, ...] = ()

    @property
    def is_supported(self) -> bool:
        """None of its claims lacks support."""
        return all(claim.is_supported for claim in self.claims)


Marked = tuple[Segment, ...]


def claims_in(gradings: Iterable[Grading], answer: Answer) -> tuple[Claim, ...]:
    """All claims of these gradings' evidence, numbered from 1 in the order in which they stand in the answer."""
    found = [one for grading in gradings for one in grading.evidence if isinstance(one, dict) and one.get("claim")]
    placed = [(_span(one.get("claim_at"), answer.text), one) for one in found]
    placed.sort(key=lambda pair: pair[0] or (len(answer.text), 0))
    return tuple(_claim(number, at, one, answer) for number, (at, one) in enumerate(placed, start=1))


def marked_answer(text: str, claims: Sequence[Claim]) -> Marked:
    """The answer cut into segments. Joined they are the text."""
    return _cut(text, [(claim.at, claim) for claim in claims if claim.at])


def marked_passage(index: int, text: str, claims: Sequence[Claim]) -> Marked:
    """A passage likewise, with the quotes of the claims that rest on it."""
    return _cut(text, [(claim.quote_at, claim) for claim in claims if claim.quote_at and claim.passage == index])


def _claim(number: int, at: Span | None, said: dict[str, Any], answer: Answer) -> Claim:
    named = said.get("source")
    source: dict[str, Any] = named if isinstance(named, dict) else {}
    index = source.get("index") if source.get("kind") == "passage" else None
    passage = index if isinstance(index, int) and 0 <= index < len(answer.passages) else None
    return Claim(
        number,
        str(said["claim"]),
        str(said.get("verdict", "")),
        str(said.get("why", "")),
        str(said.get("quote", "")),
        str(source.get("title", "")),
        passage,
        at,
        None if passage is None else _span(said.get("quote_at"), answer.passages[passage].text),
    )


def _span(given: Any, text: str) -> Span | None:
    """A place as it was kept, if it lies in the text."""
    if not isinstance(given, list | tuple) or len(given) != 2 or not all(isinstance(end, int) for end in given):
        return None
    start, end = given
    return (start, end) if 0 <= start < end <= len(text) else None


def _cut(text: str, places: Sequence[tuple[Span, Claim]]) -> Marked:
    """At the ends of all places, which may lie over one another."""
    cuts = sorted({0, len(text), *(end for span, _ in places for end in span)})
    return tuple(
        Segment(
            text[start:end],
            tuple(claim for (first, last), claim in places if first <= start and end <= last),
            tuple(claim for (_, last), claim in places if last == end),
        )
        for start, end in pairwise(cuts)
    )

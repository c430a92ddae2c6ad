"""What `make bench-route` assumes: printed before its figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """All that is assumed. Triples are for easy, medium and hard questions."""

    questions: int = 10_000
    again: float = 0.30  # of the questions are earlier ones in other words
    kinds: tuple[float, float, float] = (0.60, 0.30, 0.10)
    strong_right: tuple[float, float, float] = (0.98, 0.93, 0.80)
    small_right: tuple[float, float, float] = (0.93, 0.55, 0.15)
    same_mistakes: bool = False  # what the strong model gets wrong the small one does too
    reworded: float = 0.5  # of the right answers are in other words than the passage
    faults: tuple[tuple[str, float], ...] = (  # of the wrong answers
        ("changed figure", 0.20),
        ("invented", 0.17),
        ("another passage", 0.20),
        ("half of it", 0.10),
        ("turned round", 0.08),
        ("does not know", 0.12),
        ("cut off", 0.05),
        ("cites nothing", 0.05),
        ("cites what is not there", 0.03),
    )
    caught: float | None = None  # of the wrong answers; None: as the product's checks do
    triage_right: float = 0.80  # reads easy as easy and hard as hard; medium is either
    # Around what search gives on the golden questions: a best score of .40 and a lead of .25 in the middle.
    best: tuple[float, float, float] = (0.44, 0.37, 0.31)  # mean score of the best passage, ± .07
    lead: tuple[float, float, float] = (0.30, 0.21, 0.14)  # mean lead over the next document, ± .15
    judge_right: float = 0.95  # of the pairs of answers; else the judge says any of the three
    customers: int = 2  # who must have been answered the same before a saved answer is served
    learning: float = 0.10  # of the first day: the strong model answers, and both are compared
    pairs: int = 3_000  # that were compared before a later day
    compared: float = 0.01  # of the questions after that
    checked_hits: float = 0.05  # of the saved answers served are answered anew behind
    margin: float = 0.01
    strong_price: tuple[float, float] = (2.00, 8.00)  # US dollars a million tokens, read and written
    small_price: tuple[float, float] = (0.10, 0.40)
    judge_price: tuple[float, float] = (2.00, 8.00)
    embedding_price: float = 0.02

    @property
    def signs(self) -> tuple[object, ...]:
        """What the signs of ease are drawn from."""
        return self.kinds, self.triage_right, self.best, self.lead

"""A question that both models answered: all that figures of the choice between them are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trial:
    """One question with both answers.

    `may_be_small`: no rule speaks for the strong model; then the small one answers from `ease` (0 to 1) on. `holds`:
    its answer passed the checks; where it does not, the strong model answers and both are paid for. `lost` is the
    quality lost by showing the small model's answer in place of the strong one's: 1 it is worse, 0 a tie, -1 it is
    better. Costs are in microdollars. `weight` is how many questions it stands for: the inverse of its chance to be
    compared.
    """

    ease: float
    may_be_small: bool
    holds: bool
    lost: float
    small_cost: float
    strong_cost: float
    weight: float = 1.0
    cluster: str = ""  # questions of one cluster are not independent of each other

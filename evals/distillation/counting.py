"""What could be taught today, before a set is built: how many lines are approved, and why the rest is not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from evals.distillation.candidates import LeftOut
from evals.distillation.collecting import COLLECTORS
from evals.distillation.options import Options
from evals.distillation.reasons import REASONS


@dataclass(frozen=True)
class Stock:
    """`ready` is what may be learned from; twins, and what is too near a golden case, are told from it only when a set
    is built. `left_out` has the reasons in words with their counts, the most frequent first."""

    ready: int
    left_out: tuple[tuple[str, int], ...]

    @property
    def seen(self) -> int:
        """All that was looked at."""
        return self.ready + sum(count for _, count in self.left_out)


def stock_of(kind: str, options: Options, grader: str = "") -> Stock:
    """Looks at everything of this kind; nothing is stored, and no model is asked."""
    ready, reasons = 0, Counter[str]()
    for found in COLLECTORS[kind](options, grader):
        if isinstance(found, LeftOut):
            reasons[found.reason] += found.count
        else:
            ready += 1
    in_words = [(REASONS.get(reason, reason), count) for reason, count in reasons.most_common() if count]
    return Stock(ready, tuple(in_words))

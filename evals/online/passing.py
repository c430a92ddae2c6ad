"""One pass over the real turns, every ten minutes: sample, grade, and tell when the scores have fallen."""

from __future__ import annotations

from evals.online.alerting import tell
from evals.online.grading import grade_pending
from evals.online.sampling import is_on, sample
from evals.online.scores import scores_now
from llm.database import in_database


async def pass_over_traffic() -> None:
    """Whatever a pass that died has left is made up for by the next."""
    if not is_on():
        return
    await in_database(sample)
    await grade_pending()
    await in_database(_look)


def _look() -> None:
    tell(scores_now())

"""Questions that ask nearly what a golden case asks are dropped when they are written, before they cost an answer.

The limits are those with which sets are built, where all of it is looked at once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import structlog

import llm
from evals.distillation.golden import golden_cases
from evals.distillation.options import Options
from evals.distillation.vectors import AT_A_TIME, Rows, Texts, nearness
from evals.distillation.writing import PURPOSE, Checked
from llm.database import in_database
from llm.errors import LLMError

log = structlog.get_logger()


class Measured:
    """The questions of the golden cases, with their vectors; none where no embedding model answers."""

    def __init__(self, texts: Texts | None, options: Options) -> None:
        self.texts, self.options = texts, options

    @classmethod
    async def now(cls) -> Measured:
        """As the sets are at this moment. An embedding model that is away leaves it to the words that are shared."""
        questions = [case.question for case in await in_database(golden_cases)]
        try:
            return cls(Texts(questions, await _rows(questions)) if questions else None, Options())
        except LLMError as error:
            log.warning("golden cases are told by their words alone", error=error.code)
            return cls(None, Options())

    async def marked(self, found: Sequence[Checked]) -> list[Checked]:
        """The same questions; those that are too near a golden case are dropped. Raises an `LLMError`."""
        kept = [one for one in found if not one.why_dropped]
        if self.texts is None or not kept:
            return list(found)
        asked = Texts([one.question for one in kept], await _rows([one.question for one in kept]))
        near: set[str] = set()
        for block, cosines, overlaps in nearness(asked, self.texts):
            is_near = (cosines >= self.options.likeness) | (overlaps >= self.options.overlap)
            near |= {kept[block.start + row].question for row in np.flatnonzero(is_near.any(axis=1))}
        return [replace(one, why_dropped="golden") if one.question in near else one for one in found]


async def _rows(texts: Sequence[str]) -> Rows:
    parts = [
        (await llm.embed(list(texts[start : start + AT_A_TIME]), purpose=PURPOSE)).rows
        for start in range(0, len(texts), AT_A_TIME)
    ]
    rows: Rows = np.concatenate(parts)
    return rows

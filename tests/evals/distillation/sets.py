"""Training sets for tests of what comes after them: ready, with as many lines as are asked for."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from evals.models import TrainingExample, TrainingSet


def ready_set(
    lines: int = 12,
    *,
    validation: int = 0,
    line: dict[str, Any] | None = None,
    teacher: str = "people",
    **more: Any,
) -> TrainingSet:
    """A set that is ready. `line` is taken for all of them, and `teacher` wrote them; `more` are columns of the set."""
    made = TrainingSet.objects.create(
        **{"kind": "answers", "name": "Set", "state": "ready", "options": {"seed": 7}, **more}
    )
    origin = {"teachers": [{"model": teacher, "licence": ""}]}
    for n in range(lines + validation):
        part = TrainingExample.Part.TRAIN if n < lines else TrainingExample.Part.VALIDATION
        says = line or {
            "messages": [
                {"role": "user", "content": f"What is fee {n}?"},
                {"role": "assistant", "content": f"Fee {n} is ${n}.\u2028 [1]"},
            ]
        }
        key = hashlib.sha256(f"{n}{json.dumps(says)}".encode()).hexdigest()
        TrainingExample.objects.create(training_set=made, part=part, key=key, line=says, tokens=20, origin=origin)
    return made

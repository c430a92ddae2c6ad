"""How like attacks a question is by its meaning: the side of a plane on which its vector lies.

The plane is fitted to the vectors of the examples in `injection_examples.json` by ridge regression (Hoerl, Kennard:
Ridge regression, 1970), for each embedding model anew: 1 for attacks, -1 for customers' questions, both kinds weighing
the same. Those of the model of the demo come with the code; for any other a task learns them and keeps them in the
cache, and until then signs alone judge.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from django.core.cache import cache as shared
from numpy.typing import NDArray

import llm

EXAMPLES = Path(__file__).with_name("injection_examples.json")
LEARNED = Path(__file__).with_name("injection_likeness.json")  # for the model of the demo
PENALTY = 2e-3  # of the ridge; with less, odd questions of customers and of others come to lie beyond the plane
DIGITS = 5

Rows = NDArray[np.float32]
_known: dict[str, Likeness] = {}


@dataclass(frozen=True)
class Likeness:
    """`rows @ weights - offset` is about 1 for attacks and -1 for questions."""

    weights: Rows
    offset: float

    def of(self, rows: Rows) -> Rows:
        """One number for each row of a (n, d) array of unit vectors."""
        likeness: Rows = rows @ self.weights - self.offset
        return likeness

    def as_json(self) -> dict[str, Any]:
        return {
            "weights": [round(float(weight), DIGITS) for weight in self.weights],
            "offset": round(self.offset, DIGITS),
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Likeness:
        return cls(np.array(content["weights"], np.float32), float(content["offset"]))


@cache
def examples() -> tuple[list[str], list[str]]:
    """Attacks, and customers' questions."""
    content = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return content["attacks"], content["questions"]


@cache
def state_of_examples() -> str:
    """A mark that changes with the examples."""
    return sha256(EXAMPLES.read_bytes()).hexdigest()[:12]


async def likeness_to_attacks(model: str) -> Likeness | None:
    """What was learned for an embedding model; None while nothing was."""
    key = _key(model)
    if key not in _known:
        content = _shipped(model) or await shared.aget(key)
        if content is None:
            return None
        _known[key] = Likeness.from_json(content)
    return _known[key]


async def learn() -> bool:
    """Learn the plane for the embedding model set now, unless that was done. Raises an `LLMError`."""
    model = llm.embedding_model()
    if await likeness_to_attacks(model):
        return False
    await shared.aset(_key(model), (await learned()).as_json(), timeout=None)
    return True


async def learned() -> Likeness:
    """The plane between the examples, by the embedding model set now. Raises an `LLMError`."""
    attacks, questions = examples()
    vectors = await llm.embed([*attacks, *questions], purpose="guard")
    return fit(vectors.rows[: len(attacks)], vectors.rows[len(attacks) :])


def fit(attacks: Rows, questions: Rows) -> Likeness:
    """The ridge regression of 1 and -1 on (n, d) and (m, d) vectors, each kind with half of the weight."""
    rows = np.vstack([attacks, questions]).astype(np.float64)
    wanted = np.r_[np.ones(len(attacks)), -np.ones(len(questions))]
    shares = np.r_[np.full(len(attacks), 0.5 / len(attacks)), np.full(len(questions), 0.5 / len(questions))]
    middle = shares @ rows
    centred = rows - middle
    weighed = centred * shares[:, None]
    weights = np.linalg.solve(weighed.T @ centred + PENALTY * np.eye(rows.shape[1]), weighed.T @ wanted)
    return Likeness(weights.astype(np.float32), float(middle @ weights))


def forget() -> None:
    """Read again what was learned, as after a restart."""
    _known.clear()


def _key(model: str) -> str:
    return f"injection-likeness:{sha256(model.encode()).hexdigest()[:12]}:{state_of_examples()}"


def _shipped(model: str) -> dict[str, Any] | None:
    content: dict[str, Any] = json.loads(LEARNED.read_text(encoding="utf-8")) if LEARNED.exists() else {}
    return content if (content.get("model"), content.get("examples")) == (model, state_of_examples()) else None

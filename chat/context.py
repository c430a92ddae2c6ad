"""What one turn is given, what it finds out, and the receipt of what it did."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chat.privacy.masks import Masks
from knowledge.access import Viewer
from knowledge.search import Passage

if TYPE_CHECKING:
    from chat.answer_cache.scope import Scope
    from chat.assistant import Version
    from chat.model_choice import Choice
    from chat.understanding import Understood
    from chat.writing import Drafted
    from knowledge.search import Meaning


@dataclass
class Receipt:
    """The steps of a turn with their times in milliseconds, as they are stored with the reply.

    `inputs` are what the model was given, with personal data masked: enough to run the turn again.
    """

    steps: list[dict[str, Any]] = field(default_factory=list)
    inputs: dict[str, Any] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, name: str, **noted: Any) -> Iterator[dict[str, Any]]:
        """Time a step; what the block writes into the yielded dict is kept with it."""
        step: dict[str, Any] = {"step": name, "at_ms": self._elapsed_ms(), **noted}
        self.steps.append(step)
        try:
            yield step
        finally:
            step["ms"] = self._elapsed_ms() - step["at_ms"]

    def beside(self) -> Receipt:
        """An empty one, whose times count from the same moment."""
        return Receipt(_began=self._began)

    def as_json(self) -> dict[str, Any]:
        return {"steps": self.steps, "inputs": self.inputs}

    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self._began) * 1000)


@dataclass(frozen=True)
class Exchange:
    """An earlier question of the conversation and the reply that the customer saw."""

    question: str
    reply: str


@dataclass(frozen=True)
class Draft:
    """A cut answer that is to be continued: its text, and the passages its citations point to, in order."""

    text: str
    sources: tuple[Passage, ...]


@dataclass(frozen=True)
class Lookup:
    """A tool that was called: what the model asked for, and what it was given as data."""

    tool: str
    arguments: dict[str, Any]
    result: str
    words: str
    failed: bool = False


@dataclass
class Looked:
    """A look among the saved answers: the nearest one, as far as there is one, and why it was not served.

    `question` is what was looked up, with its `scope` and its vector; `features` are those of the learned acceptance.
    """

    question: str
    scope: Scope
    meaning: Meaning
    answer: uuid.UUID | None = None
    how: str = ""
    why: str = ""
    features: list[float] = field(default_factory=list)
    known: list[dict[str, Any]] = field(default_factory=list)  # signatures of the answer's questions, nearest first
    expected_error: float | None = None
    ms: float = 0.0
    key: str = ""  # of the very same question
    slot: str = ""  # held while this turn writes what others wait for

    @property
    def is_hit(self) -> bool:
        return self.answer is not None and not self.why


@dataclass
class Turn:
    """A question, who asks it, and what was said before. Nothing here knows of sockets or rows.

    `question` is what the customer typed. `asked` is what goes on to search and model: normalised, with personal
    data masked, perhaps steered. Guardrails on answers may also read `passages`, `lookups` and `understood`.
    """

    question: str
    viewer: Viewer
    version: Version
    history: tuple[Exchange, ...] = ()
    summary: str = ""  # of what was said before `history`
    draft: Draft | None = None
    variant: int = 1
    id: uuid.UUID = field(default_factory=uuid.uuid4)  # of the reply, where there is one
    receipt: Receipt = field(default_factory=Receipt)
    masks: Masks = field(default_factory=Masks)
    asked: str = ""
    understood: Understood | None = None
    passages: tuple[Passage, ...] = ()
    cited: list[Passage] = field(default_factory=list)  # by the answer so far, in the order of its numbers, from 1
    lookups: list[Lookup] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)  # what guardrails said, as `Finding` keeps it
    looked: Looked | None = None  # among the saved answers
    is_steered: bool = False  # it goes on as another question than was typed
    choice: Choice | None = None  # of the model that was asked first
    drafted: Drafted | None = None  # what a small model wrote, checked whole before it was shown
    address: str = ""  # where the question came from: tells visitors apart, and is never kept

    def __post_init__(self) -> None:
        self.asked = self.asked or self.question
        for typed in (*(said.question for said in self.history), self.question):
            self.masks.mask(typed, own=True)  # in this order, so that each value keeps its placeholder

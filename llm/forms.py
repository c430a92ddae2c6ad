"""In which form a server can be asked for JSON, best first, and what this process has learnt of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

from django.conf import settings

from llm.catalogue import Model

Form = Literal["json_schema", "json_object", "text"]
FORMS: tuple[Form, ...] = ("json_schema", "json_object", "text")
REMEMBERED = 600.0  # seconds; then the server may have learnt it


@dataclass
class Ladder:
    """What one model's server takes: forms that worked, and forms not to be tried before a time."""

    proven: set[Form] = field(default_factory=set)
    _not_before: dict[Form, float] = field(default_factory=dict)

    def forms(self, model: Model) -> list[Form]:
        """The forms worth trying, best first. The last is text, which every server takes."""
        takes_any = model.takes("response_format")
        return [
            form
            for form in FORMS
            if form == "text" or (takes_any and model.takes(form) and monotonic() >= self._not_before.get(form, 0.0))
        ]

    def worked(self, form: Form, *, instead_of: Iterable[Form] = ()) -> None:
        """Note an answer in this form, and the better ones that the server had refused before it."""
        self.proven.add(form)
        for refused in instead_of:
            self.step_down(refused)

    def step_down(self, form: Form) -> None:
        """Do not ask in this form for a while."""
        self.proven.discard(form)
        self._not_before[form] = monotonic() + REMEMBERED


_ladders: dict[str, Ladder] = {}


def ladder_of(model: Model) -> Ladder:
    """What is known of this model at the server set now."""
    return _ladders.setdefault(f"{model.name} at {settings.LLM_BASE_URL}", Ladder())


def forget_all() -> None:
    """Know nothing of any server, as after a restart."""
    _ladders.clear()

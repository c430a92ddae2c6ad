"""A provider that is down, or refuses the key, fails all cases alike: then a run pauses, and does not burn through."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from evals.models import Result
from llm.errors import ProviderBusy
from llm.trouble import SENTENCES

AT_ONCE = {"provider_auth"}
IN_A_ROW = {"provider_down", "provider_busy", "timeout", "bad_request", "unexpected"}
MOST_IN_A_ROW = 5
WORDS = {
    **SENTENCES,
    "provider_down": "The model's server cannot be reached, or fails.",
    "provider_busy": "The model's server asks to come back later, again and again. Lower EVALS_CONCURRENCY, or set "
    "EVALS_CALLS_PER_MINUTE.",
    "timeout": "The model's server does not begin to answer in time.",
    "unexpected": "The assistant breaks on every question; the log says where.",
}
QUOTA = "The account's quota at the provider is used up. Top it up, then resume."


@dataclass
class Failing:
    """Failures that may be everybody's wait here until the next answer shows that they were of their case alone."""

    held: list[Result] = field(default_factory=list)
    problem: str = ""

    def note(self, result: Result, error: BaseException) -> list[Result]:
        """A case got no answer; what of it is to be stored now. `problem` is set when the run has to pause."""
        if result.error not in AT_ONCE | IN_A_ROW:
            return [result]
        self.held.append(result)
        out_of_quota = isinstance(error, ProviderBusy) and error.retry_after == math.inf
        if result.error in AT_ONCE or out_of_quota or len(self.held) >= MOST_IN_A_ROW:
            self.problem = QUOTA if out_of_quota else WORDS[result.error]
        return []

    def answered(self) -> list[Result]:
        """An answer came: those that failed before it did so for themselves, and are stored."""
        if self.problem:
            return []
        held, self.held = self.held, []
        return held

    def at_the_end(self, *, is_any_answered: bool) -> list[Result]:
        """Nothing is left to ask. Where no case at all got an answer the run pauses as well."""
        if self.held and not is_any_answered:
            self.problem = self.problem or WORDS[self.held[-1].error]
        return self.answered()

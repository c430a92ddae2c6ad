"""One job of teaching, as the API shows it. Nothing is taught: it takes its time, and its model answers as its base.

The loss in its steps is real and small: how badly a table of characters, filled by the lines before, foretells the next
ones (nats for each character).
"""

from __future__ import annotations

import math
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from llm.standin.training_lines import Lesson
from llm.standin.tuned_names import OWNER, name_for

QUEUED, STARTED = 0.1, 0.2  # of the whole time
MOST_STEPS = 40
STAYS, FAILS = "fault-tuning-stays", "fault-tuning-fails"
HONEST = "This is the demo server: nothing is taught, and the model will answer as its base does."


@dataclass
class TuningJob:
    """What was asked for, and how long it takes in all (`seconds`; 0 is at once)."""

    model: str
    method: str
    hyperparameters: dict[str, Any]
    suffix: str
    seed: int
    metadata: dict[str, str] | None
    training_file: str
    validation_file: str | None
    lesson: Lesson
    error: dict[str, Any] | None
    seconds: float
    id: str = field(default_factory=lambda: f"ftjob-{secrets.token_hex(12)}")
    created_at: float = field(default_factory=time.time)
    cancelled_at: float | None = None

    @property
    def epochs(self) -> int:
        wish = self.hyperparameters.get("n_epochs", "auto")
        return wish if isinstance(wish, int) else 3

    @property
    def name(self) -> str:
        """Of the model that it makes."""
        return name_for(self.model, self.suffix, self.id)

    def part(self, now: float) -> float:
        """How much of its time is over, from 0 to 1. One that stays is never over."""
        until = now if self.cancelled_at is None else min(now, self.cancelled_at)
        over = (until - self.created_at) / self.seconds if self.seconds else 1.0
        return min(over, 0.5) if self.model == STAYS else min(over, 1.0)

    def status(self, now: float) -> str:
        part = self.part(now)
        if self.cancelled_at is not None:
            return "cancelled"
        if self.error and part >= QUEUED:
            return "failed"
        if part >= 1:
            return "failed" if self.model == FAILS else "succeeded"
        return "validating_files" if part < QUEUED else "queued" if part < STARTED else "running"

    def describe(self, now: float | None = None) -> dict[str, Any]:
        """As the API shows it now, or as it was at a moment."""
        now = time.time() if now is None else now
        status = self.status(now)
        is_over = status in {"succeeded", "failed", "cancelled"}
        failed = {"code": "server_error", "message": "The job failed due to an internal error.", "param": None}
        return {
            "id": self.id,
            "object": "fine_tuning.job",
            "created_at": int(self.created_at),
            "error": (self.error or failed) if status == "failed" else {},
            "fine_tuned_model": self.name if status == "succeeded" else None,
            "finished_at": int(self.cancelled_at or self.created_at + self.seconds) if is_over else None,
            "hyperparameters": self.hyperparameters | {"n_epochs": self.epochs},
            "model": self.model,
            "organization_id": f"org-{OWNER}",
            "result_files": [],
            "status": status,
            "trained_tokens": self.lesson.tokens * self.epochs if status == "succeeded" else None,
            "training_file": self.training_file,
            "validation_file": self.validation_file,
            "integrations": [],
            "seed": self.seed,
            "estimated_finish": int(self.created_at + self.seconds) if status == "running" else None,
            "method": {"type": self.method, self.method: {"hyperparameters": self.hyperparameters}},
            "user_provided_suffix": self.suffix or None,
            "metadata": self.metadata,
        }

    def events(self, now: float | None = None) -> list[dict[str, Any]]:
        """What has happened, newest first."""
        now = time.time() if now is None else now
        status, part = self.status(now), self.part(now)
        told = [one for one in self._plan() if one[0] <= part]
        if status == "cancelled":
            told.append((part, "info", "Fine-tuning job cancelled", None))
        return [self._event(n, *one) for n, one in enumerate(told)][::-1]

    def _plan(self) -> list[tuple[float, str, str, dict[str, Any] | None]]:
        """All that will be told: when, how loud, in which words, with which figures."""
        begun: list[tuple[float, str, str, dict[str, Any] | None]] = [
            (0.0, "info", f"Created fine-tuning job: {self.id}", None),
            (0.0, "info", f"Validating training file: {self.training_file}", None),
            (0.0, "warn", HONEST, None),
        ]
        if self.error:
            return [*begun, (QUEUED, "error", self.error["message"], None)]
        begun += [
            (QUEUED, "info", "Files validated, moving job to queued state", None),
            (STARTED, "info", "Fine-tuning job started", None),
        ]
        losses = _losses(self.lesson.lines)
        for step, loss in enumerate(losses, start=1):
            when = STARTED + (1 - STARTED) * step / (len(losses) + 1)
            figures = {"step": step, "total_steps": len(losses), "train_loss": loss}
            begun.append((when, "info", f"Step {step}/{len(losses)}: training loss={loss:.2f}", figures))
        if self.model == FAILS:
            return [*begun, (1.0, "error", "The job failed due to an internal error.", None)]
        begun.append((1.0, "info", f"New fine-tuned model created: {self.name}", None))
        return [*begun, (1.0, "info", "The job has successfully completed", None)]

    def _event(self, n: int, when: float, level: str, message: str, data: dict[str, Any] | None) -> dict[str, Any]:
        return {
            "object": "fine_tuning.job.event",
            "id": f"ftevent-{self.id.removeprefix('ftjob-')}{n:03}",
            "created_at": int(self.created_at + when * self.seconds),
            "level": level,
            "message": message,
            "data": data or {},
            "type": "metrics" if data else "message",
        }


def _losses(lines: tuple[str, ...]) -> list[float]:
    """For each step the mean of -ln p over its characters, p from all characters of the steps before."""
    each = -(-len(lines) // MOST_STEPS) or 1
    steps = ["".join(lines[start : start + each]) for start in range(0, len(lines), each)]
    seen: Counter[str] = Counter()
    losses = []
    for text in steps:
        known, letters = seen.total(), len(seen | Counter(text)) + 1
        surprise = sum(-count * math.log((seen[one] + 1) / (known + letters)) for one, count in Counter(text).items())
        losses.append(round(surprise / max(1, len(text)), 4))
        seen.update(text)
    return losses

"""Jobs that teach a model on a set, at its server: how one begins, and how it is called off.

`advancing.advance` works at them, in the evals' queue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from evals.distillation.licensing import licence_for
from evals.distillation.options import Refused
from evals.distillation.pricing import estimate
from evals.models import TrainingExample, TrainingJob, TrainingSet
from llm.cleaning import clean

LEAST_LINES = 10  # fewer no provider takes
METHODS = {
    TrainingSet.Kind.ANSWERS: "supervised",
    TrainingSet.Kind.PREFERENCES: "dpo",
    TrainingSet.Kind.JUDGE: "supervised",
}
HYPERPARAMETERS: dict[str, tuple[type[int] | type[float], float, float]] = {  # name → (kind, least, most)
    "n_epochs": (int, 1, 50),
    "batch_size": (int, 1, 256),
    "learning_rate_multiplier": (float, 0.0001, 100),
    "beta": (float, 0.0001, 10),  # of preferences alone
}
State = TrainingJob.State
OPEN = (State.WAITING, State.UPLOADING, State.RUNNING)


def start_job(
    training_set: TrainingSet,
    *,
    base: str,
    suffix: str = "",
    hyperparameters: Mapping[str, Any] | None = None,
    most_dollars: float | None = None,
    by: int | None,
) -> TrainingJob:
    """A job that waits for a worker: `evals.tasks.enqueue_training_job` asks for one. Raises `Refused`.

    `base` is the model that is taught, as its server calls it. What is left out of the hyperparameters the server
    chooses, except how often it goes over the set: that is as the set's price was reckoned. `most_dollars` is what it
    may cost by its price. `suffix` becomes part of the new model's name.
    """
    base, suffix = clean(base).strip(), clean(suffix).strip().lower()
    method = METHODS[TrainingSet.Kind(training_set.kind)]
    epochs = {"n_epochs": training_set.options["epochs"]} if "epochs" in training_set.options else {}
    chosen = epochs | _hyperparameters(hyperparameters or {}, method)
    _check_names(base, suffix)
    with transaction.atomic():
        held = TrainingSet.objects.select_for_update(no_key=True).get(pk=training_set.pk)  # two clicks are one job
        if problem := problem_of(held, base):
            raise Refused(problem)
        _check_price(price_of_job(held, base, epochs=int(chosen.get("n_epochs", 3))), base, most_dollars)
        if open_jobs().filter(training_set=held, base=base).exists():
            raise Refused(f"A job that teaches {base} on this set is under way already.")
        return TrainingJob.objects.create(
            training_set=held, method=method, base=base, suffix=suffix, hyperparameters=chosen, created_by_id=by
        )


def problem_of(training_set: TrainingSet, base: str) -> str:
    """Why this model may not be taught on this set, in words; empty when it may."""
    if training_set.state != TrainingSet.State.READY:
        return "The set is not ready."
    if training_set.card.get("is_demo") and not settings.LLM_DEMO:
        return "The demo model wrote in this set: it is for trying the way, and no model is taught by it."
    examples = TrainingExample.objects.filter(training_set=training_set)
    lines = examples.filter(part=TrainingExample.Part.TRAIN).count()
    if lines < LEAST_LINES:
        return f"The set has {lines} lines to learn from, and a job needs at least {LEAST_LINES}."
    written = examples.values_list("origin__teachers", flat=True).distinct()
    teachers = {teacher["model"] for line in written for teacher in line or ()}
    not_allowed = sorted(teacher for teacher in teachers if not licence_for(teacher, base)[0])
    if not_allowed:
        return f"EVALS_TRAINING_LICENCES does not say that what {', '.join(not_allowed)} wrote may teach {base}."
    return ""


def price_of_job(training_set: TrainingSet, base: str, *, epochs: int) -> float | None:
    """US dollars, by tokens that were estimated; None where no price is known. Raises `Refused`."""
    examples = TrainingExample.objects.filter(training_set=training_set, part=TrainingExample.Part.TRAIN)
    return estimate(base, tokens=examples.aggregate(sum=Sum("tokens"))["sum"] or 0, epochs=epochs)


def cancel(job: TrainingJob) -> bool:
    """Call it off: at once where nobody has begun, else when a worker has told the server. False when it is over."""
    still = TrainingJob.objects.filter(pk=job.pk)
    unbegun = still.filter(state=State.WAITING, heartbeat_at=None)
    if unbegun.update(state=State.CANCELLED, is_cancel_wanted=True, ended_at=timezone.now()):
        return True
    return bool(still.filter(state__in=OPEN).update(is_cancel_wanted=True))


def open_jobs() -> Any:
    """Those that are not over, as a queryset."""
    return TrainingJob.objects.filter(state__in=OPEN)


def _check_names(base: str, suffix: str) -> None:
    if not base:
        raise Refused("Name the model that is to be taught, as its server calls it.")
    if len(base) > 200 or re.search(r"\s", base):
        raise Refused("The name of a model has no blanks and at most 200 characters.")
    if suffix and not re.fullmatch(r"[a-z0-9-]{1,40}", suffix):
        raise Refused("The suffix has at most 40 letters, digits and hyphens.")


def _check_price(dollars: float | None, base: str, most: float | None) -> None:
    if most is None:
        return
    if dollars is None:
        raise Refused(
            f"No price is known of teaching {base}, so a limit could not hold. Say it in EVALS_TRAINING_PRICES."
        )
    if dollars > most:
        raise Refused(f"It would cost about ${dollars:.2f}, and ${most:.2f} is the limit.")


def _hyperparameters(given: Mapping[str, Any], method: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in given.items():
        if value in (None, "", "auto"):
            continue
        if name not in HYPERPARAMETERS or (name == "beta" and method != "dpo"):
            raise Refused(f"There is no setting {name} for this kind of job.")
        kind, least, most = HYPERPARAMETERS[name]
        try:
            number = kind(value)
        except (TypeError, ValueError):
            raise Refused(f"{name} is a number, or is left out.") from None
        if not least <= number <= most:
            raise Refused(f"{name} lies between {least:g} and {most:g}.")
        found[name] = number
    return found


def abandoned(silent_since: Any) -> list[int]:
    """Open jobs at which nobody works since that moment."""
    idle = Q(heartbeat_at=None) | Q(heartbeat_at__lt=silent_since)
    return list(open_jobs().filter(idle).order_by("pk").values_list("pk", flat=True))

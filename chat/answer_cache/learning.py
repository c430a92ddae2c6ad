"""What was learned from earlier look-ups, for each embedding model; learned anew every few minutes by the worker."""

from __future__ import annotations

import time
from datetime import timedelta

import numpy as np
from django.utils import timezone

from chat.answer_cache.acceptance import FEATURES, Acceptance, Checked, is_around, learn
from chat.answer_cache.nearest import create_index
from chat.models import SavedAcceptance, SavedAnswer, SavedLookup
from chat.versions.states import live_version
from knowledge.models import EmbeddingModel

KEPT = timedelta(days=90)
LATEST = 20_000  # look-ups that count: habits of customers change
KNOWN_FOR = 30.0  # seconds that a process goes on with what it read
_known: dict[int, tuple[float, Acceptance | None]] = {}


def learned_for(model: EmbeddingModel, errors: float) -> Acceptance | None:
    """What holds now for questions embedded by this model; None while too little is learned.

    `errors` is the share of wrong answers that the version bears: what was learned for a larger one does not hold.
    """
    read_at, learned = _known.get(model.pk, (0.0, None))
    if not read_at or time.monotonic() - read_at > KNOWN_FOR:
        row = SavedAcceptance.objects.filter(embedding_model=model).first()
        learned = Acceptance.from_json(row.learned) if row else None
        _known[model.pk] = time.monotonic(), learned
    return learned if learned and learned.delta <= errors else None


def forget() -> None:
    """Read what was learned anew at the next look-up."""
    _known.clear()


def learn_all() -> int:
    """Learn for every embedding model that was used, for what the live version bears. How many could.

    Look-ups that are too old to be learned from are dropped, and answers that ended as long ago.
    """
    errors = live_version().assistant.saved_answers.errors
    SavedLookup.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    SavedAnswer.objects.filter(expires_at__lt=timezone.now() - KEPT).delete()
    models = EmbeddingModel.objects.filter(pk__in=SavedLookup.objects.values("embedding_model").distinct())
    for model in models:
        create_index(model)
    return sum(_learn(model, errors) for model in models)


def _learn(model: EmbeddingModel, errors: float) -> bool:
    """Those that got the very same question's answer are no part of it: their share of errors is another."""
    latest = SavedLookup.objects.filter(embedding_model=model).exclude(how__in=["exact", "landed"])[:LATEST]
    looked = list(latest.values_list("features", "is_right", "expected_error"))[::-1]
    rows = [row for row in looked if len(row[0]) == FEATURES]
    labelled = [(features, right) for features, right, _ in rows if right is not None]
    if not labelled:
        return False
    told = [(right, error) for _, right, error in rows if right is not None and error is not None]
    expected = [(right, error) for right, error in told if is_around(error, errors)]
    learned = learn(
        np.array([features for features, _ in labelled]),
        np.array([float(right) for _, right in labelled]),
        np.array([features for features, *_ in rows]),
        questions=len(looked),
        delta=errors,
        checked=Checked(sum(not right for right, _ in expected), sum(error for _, error in expected)),
    )
    if learned is None:
        return False
    SavedAcceptance.objects.update_or_create(embedding_model=model, defaults={"learned": learned.as_json()})
    return True

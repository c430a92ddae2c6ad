"""What tuning on a set would cost, by EVALS_TRAINING_PRICES: `model=dollars` for a million trained tokens."""

from __future__ import annotations

from fnmatch import fnmatchcase

from django.conf import settings

from evals.distillation.options import Refused


def price_of(model: str) -> float | None:
    """US dollars for a million tokens that a model is trained on; None where nobody has said. Raises `Refused`."""
    for entry in settings.EVALS_TRAINING_PRICES:
        name, _, dollars = entry.strip().rpartition("=")
        try:
            price = float(dollars)
        except ValueError:
            raise Refused(f"EVALS_TRAINING_PRICES: “{entry}” is not read: write model=dollars.") from None
        if fnmatchcase(model, name):
            return price
    return None


def estimate(model: str, *, tokens: int, epochs: int) -> float | None:
    """US dollars for training on so many tokens so often; None where no price is known."""
    price = price_of(model)
    return None if price is None else round(tokens * epochs * price / 1_000_000, 4)

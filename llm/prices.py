"""What models cost, without discounts (cached input, batches): the figures are upper bounds.

Well-known ones stand here; others, such as a model that was taught, cost what `LLM_PRICES` says. A taught model never
costs what its base does: where nobody has said its price, it has none.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from django.conf import settings

from llm.events import Usage

AS_OF = "2026-06-21"
USD_PER_MILLION_TOKENS: dict[str, tuple[float, float]] = {  # model: (prompt, completion)
    "gpt-4.1": (2.00, 8.00),
    "gpt-4.1-mini": (0.40, 1.60),
    "gpt-4.1-nano": (0.10, 0.40),
    "gpt-4o": (2.50, 10.00),
    "gpt-4o-mini": (0.15, 0.60),
    "gpt-5": (1.25, 10.00),
    "gpt-5-mini": (0.25, 2.00),
    "gpt-5-nano": (0.05, 0.40),
    "gpt-5.1": (1.25, 10.00),
    "gpt-5.4": (2.50, 15.00),
    "o3": (2.00, 8.00),
    "o3-mini": (1.10, 4.40),
    "o4-mini": (1.10, 4.40),
    "text-embedding-3-small": (0.02, 0.00),
    "text-embedding-3-large": (0.13, 0.00),
    "omni-moderation-latest": (0.00, 0.00),
}
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def cost_in_microdollars(model: str, usage: Usage) -> int | None:
    """What a call cost; None for a model of unknown price. A dated snapshot costs what its model does."""
    price = price_of(model)
    if price is None:
        return None
    per_prompt_token, per_completion_token = price  # dollars per million tokens are microdollars per token
    return round(usage.prompt_tokens * per_prompt_token + usage.completion_tokens * per_completion_token)


def price_of(model: str) -> tuple[float, float] | None:
    """US dollars for a million tokens read and written; None where nobody has said. Of several patterns of
    `LLM_PRICES` that fit, the longest holds.
    """
    said = read_prices(tuple(settings.LLM_PRICES))
    fitting = [name for name in said if name == model or (name.endswith("*") and model.startswith(name[:-1]))]
    if fitting:
        return said[max(fitting, key=lambda name: (name == model, len(name)))]
    return USD_PER_MILLION_TOKENS.get(_SNAPSHOT.sub("", model))


@lru_cache(maxsize=8)
def read_prices(entries: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """The prices in `LLM_PRICES`, by name or pattern. What cannot be read is left out."""
    found = {}
    for entry in entries:
        name, _, prices = entry.rpartition("=")
        if name.strip() and (price := _price(prices)):
            found[name.strip()] = price
    return found


def problem_with_prices(entries: tuple[str, ...]) -> str:
    """Which entry of `LLM_PRICES` cannot be read, in words; empty for none."""
    unread = [entry for entry in entries if entry.strip() and not read_prices((entry,))]
    return f"LLM_PRICES: {unread[0][:100]!r} is not of the form model=dollars/dollars." if unread else ""


def _price(text: str) -> tuple[float, float] | None:
    read, slash, written = text.partition("/")
    try:
        price = float(read), float(written)
    except ValueError:
        return None
    return price if slash and all(math.isfinite(each) and each >= 0 for each in price) else None

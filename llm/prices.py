"""What well-known models cost, without discounts (cached input, batches): the figures are upper bounds."""

from __future__ import annotations

import re

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
    price = USD_PER_MILLION_TOKENS.get(_SNAPSHOT.sub("", model))
    if price is None:
        return None
    per_prompt_token, per_completion_token = price  # dollars per million tokens are microdollars per token
    return round(usage.prompt_tokens * per_prompt_token + usage.completion_tokens * per_completion_token)

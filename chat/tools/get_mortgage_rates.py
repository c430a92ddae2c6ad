"""The latest average mortgage rates, from the table that `chat/rates.py` keeps current."""

from __future__ import annotations

from typing import Literal

import llm
from chat import rates
from llm.database import in_database


@llm.tool(label="today's mortgage rates")
async def get_mortgage_rates(term: Literal[15, 30] | None = None) -> dict[str, str] | str:
    """Get today's average US mortgage rates for a term of 15 or 30 years.

    Without a term both are returned. They are averages of a weekly survey, for loans whose rate is fixed, and not the
    rates that we offer. Say as of when they are, and what the note says.
    """
    latest = await in_database(rates.latest, [term] if term else [15, 30])
    if latest is None:
        return "There are no rates to look at now."
    found = {f"{rate.term}-year fixed": f"{rate.percent}%" for rate in latest.rates}
    found |= {"as of": f"{latest.week:%B} {latest.week.day}, {latest.week.year}", "source": latest.source}
    return found | {"note": latest.warning} if latest.warning else found

"""What a fixed-rate loan costs a month."""

from __future__ import annotations

from math import expm1, log1p
from typing import Annotated

from pydantic import Field

import llm

MONTHS = 12
NO_INTEREST = 1e-12  # a month


@llm.tool(label="what you would pay a month")
async def estimate_payment(
    amount: Annotated[float, Field(ge=1_000, le=50_000_000, description="Loan amount in US dollars")],
    rate: Annotated[float, Field(ge=0, le=25, description="Annual interest rate in percent, such as 6.5")],
    years: Annotated[int, Field(ge=1, le=40, description="Years to pay it back")],
) -> dict[str, str]:
    """Estimate what to pay each month for a fixed-rate mortgage loan of this amount at this interest rate.

    Call it only with figures that the customer named or another tool returned.
    """
    payment = monthly_payment(amount, rate, years)
    return {
        "monthly payment": f"${payment:,.2f}",
        "interest over the whole term": f"${payment * years * MONTHS - amount:,.2f}",
        "loan": f"${amount:,.2f} at {rate:g}% over {years} years",
        "note": "An estimate of principal and interest, and no offer. Taxes, insurance and fees come on top.",
    }


def monthly_payment(amount: float, rate: float, years: int) -> float:
    """The equal monthly payment of an annuity: P·i / (1 - (1 + i)^-n), i the monthly rate, n the number of months.

    `rate` is in percent a year. The formula: Brealey, Myers, Allen: Principles of Corporate Finance, chapter 2.
    """
    months, monthly = years * MONTHS, rate / 100 / MONTHS
    if monthly < NO_INTEREST:
        return amount / months
    return amount * monthly / -expm1(-months * log1p(monthly))  # exact for small rates too

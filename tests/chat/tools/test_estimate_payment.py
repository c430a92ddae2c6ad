"""The monthly payment of a loan."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chat.tools.estimate_payment import estimate_payment, monthly_payment
from llm import InvalidArguments


@pytest.mark.parametrize(
    ("amount", "rate", "years", "payment"),
    [
        (300_000, 6.5, 30, 1896.20),
        (300_000, 6.0, 30, 1798.65),  # as the sample's own guide says
        (250_000, 6.0, 30, 1498.88),
        (200_000, 3.0, 15, 1381.16),
        (120_000, 0.0, 10, 1000.00),
    ],
)
def test_the_payment_of_known_loans(amount: float, rate: float, years: int, payment: float):
    assert round(monthly_payment(amount, rate, years), 2) == payment


@given(some.floats(1_000, 50_000_000), some.floats(0, 25), some.integers(1, 40))
def test_the_payments_pay_the_loan_back_to_nothing(amount: float, rate: float, years: int):
    left, payment = amount, monthly_payment(amount, rate, years)
    for _ in range(years * 12):
        left += left * rate / 1200 - payment
    assert abs(left) < amount * 1e-5 * (1 + rate / 1200) ** (years * 12)


async def test_what_is_told_says_that_it_is_an_estimate():
    told = await estimate_payment.call(estimate_payment.parse('{"amount": 300000, "rate": 6.5, "years": 30}'))
    assert told["monthly payment"] == "$1,896.20"
    assert told["interest over the whole term"] == "$382,633.47"
    assert "no offer" in told["note"]


@pytest.mark.parametrize(
    "wrong",
    [{"amount": -1}, {"amount": 1e300}, {"rate": 60}, {"rate": -1}, {"years": 0}, {"years": 1000}, {"years": 1.5}],
)
def test_figures_that_no_loan_has_are_refused(wrong: dict[str, float]):
    with pytest.raises(InvalidArguments):
        estimate_payment.parse(json.dumps({"amount": 300_000, "rate": 6.5, "years": 30} | wrong))

"""What a model costs: known models, prices that a team sets, and none that is made up."""

from __future__ import annotations

import pytest

from llm.checks import check_prices
from llm.events import Usage
from llm.prices import cost_in_microdollars, price_of

MILLION = Usage(1_000_000, 1_000_000)


def test_a_taught_model_never_costs_what_its_base_does(settings):
    assert price_of("gpt-4.1-mini-2025-04-14") == price_of("gpt-4.1-mini") == (0.40, 1.60)
    assert price_of("ft:gpt-4.1-mini:acme::1") is None
    settings.LLM_PRICES = ["ft:gpt-4.1-mini:*=0.8/3.2"]
    assert cost_in_microdollars("ft:gpt-4.1-mini:acme::1", MILLION) == 4_000_000
    assert price_of("ft:gpt-4.1:acme::1") is None


def test_the_closest_of_several_prices_holds_and_goes_before_ours(settings):
    settings.LLM_PRICES = ["*=9/9", "ft:*=2/3", "ft:a=1/1", "gpt-4.1=5/5", " lora = 0/0 "]
    assert [price_of(name) for name in ("ft:a", "ft:b", "gpt-4.1", "lora", "gpt-4o")] == [
        (1, 1),
        (2, 3),
        (5, 5),
        (0, 0),
        (9, 9),
    ]


@pytest.mark.parametrize("entry", ["gpt", "gpt=1", "gpt=a/b", "gpt=-1/2", "=1/2", "gpt=nan/1", "gpt=inf/1"])
def test_a_price_that_cannot_be_read_is_told_at_the_start(settings, entry: str):
    settings.LLM_PRICES = [entry]
    assert [check.id for check in check_prices()] == ["llm.E002"]
    assert price_of("gpt") is None

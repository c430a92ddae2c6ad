"""What `manage.py check` and every start say of the settings for models."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from llm.address import problem_with
from llm.prices import problem_with_prices


@register
def check_address(**_: Any) -> list[CheckMessage]:
    """The address of the model's server must be one that may be asked (A74)."""
    problem = problem_with(settings.LLM_BASE_URL)
    return [Error(problem, id="llm.E001")] if problem else []


@register
def check_prices(**_: Any) -> list[CheckMessage]:
    """A price that cannot be read would be none, and a budget would not hold."""
    problem = problem_with_prices(tuple(settings.LLM_PRICES))
    return [Error(problem, id="llm.E002")] if problem else []

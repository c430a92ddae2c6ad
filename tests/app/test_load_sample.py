"""The sample data beside the documents: rates that say that they are samples, and the demo customer's applications."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.management.commands.load_sample import add_loan_applications, add_rates
from chat.models import LoanApplication, MortgageRate
from chat.rates import WeeklyRate, store
from tests.people import person

pytestmark = pytest.mark.django_db


def test_the_samples_rates_are_marked_as_such_and_come_once():
    add_rates()
    count = MortgageRate.objects.count()
    assert count == MortgageRate.objects.filter(is_sample=True).count() > 100
    add_rates()
    assert MortgageRate.objects.count() == count


def test_rates_of_the_survey_are_left_alone():
    store([WeeklyRate(date(2026, 1, 1), 30, Decimal("6.10"))])
    add_rates()
    assert [str(rate.percent) for rate in MortgageRate.objects.all()] == ["6.10"]


def test_only_the_demo_customer_has_applications_and_gets_them_once():
    person("customer", username="ann")
    add_loan_applications()
    assert not LoanApplication.objects.exists()
    person("customer", username="customer")
    add_loan_applications()
    add_loan_applications()
    assert [one.customer.username for one in LoanApplication.objects.all()] == ["customer", "customer"]

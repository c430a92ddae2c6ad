"""A customer sees the own applications and nobody else's."""

from __future__ import annotations

from datetime import date

import pytest

from app.models import User
from chat.models import LoanApplication
from chat.tools.my_loan_applications import my_loan_applications
from knowledge.access import Viewer
from llm import InvalidArguments
from llm.database import in_database
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)


def applied(user: User, reference: str, **said: object) -> LoanApplication:
    given = {"amount": 300_000, "term": 30, "submitted_on": date(2026, 1, 31)} | said
    return LoanApplication.objects.create(customer=user, reference=reference, **given)


async def test_a_customer_is_told_how_far_it_is():
    ann = await in_database(person)
    await in_database(applied, ann, "HL-1", status=LoanApplication.Status.IN_REVIEW, next_step="Wait for our call.")
    assert await my_loan_applications.call({}, viewer=Viewer(user_id=ann.pk)) == [
        {
            "application": "HL-1",
            "status": "in review",
            "loan": "$300,000.00 over 30 years",
            "submitted on": "2026-01-31",
            "next step": "Wait for our call.",
        }
    ]


@pytest.mark.parametrize("who", ["visitor", "customer", "agent", "admin"])
async def test_a48_nobody_sees_those_of_another_customer(who: str):
    ann = await in_database(person, username="ann")
    await in_database(applied, ann, "HL-1")
    viewer = (
        Viewer(visitor="v1") if who == "visitor" else await in_database(lambda: Viewer.of(person(who, username="bob")))
    )
    assert "HL-1" not in str(await my_loan_applications.call({}, viewer=viewer))


async def test_a_visitor_is_asked_to_sign_in():
    assert "sign in" in await my_loan_applications.call({}, viewer=Viewer(visitor="v1"))


def test_a48_no_argument_names_a_customer():
    assert my_loan_applications.schema["function"]["parameters"]["properties"] == {}
    for written in ('{"customer": 7}', '{"viewer": 7}', '{"user_id": 7}'):
        with pytest.raises(InvalidArguments):
            my_loan_applications.parse(written)

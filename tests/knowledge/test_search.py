"""What search finds, for whom, and what it does without vectors."""

from __future__ import annotations

import pytest

from knowledge.search import search
from llm.database import in_database
from tests.knowledge.shelves import CUSTOMER, STAFF, VISITOR, add_version, shelve

pytestmark = pytest.mark.django_db(transaction=True)


async def test_the_passage_that_answers_comes_first():
    await in_database(shelve, "You can close your account under Settings.", title="Closing an account")
    await in_database(shelve, "Payments are due on the first day of each month.", title="Payments")
    found = await search("How do I close my account?", viewer=VISITOR)
    assert found.limited == ""
    assert [passage.title for passage in found.passages] == ["Closing an account", "Payments"]

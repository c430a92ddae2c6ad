"""Every citation leads somewhere, whichever way the model wrote it."""

from __future__ import annotations

import pytest

from chat.guardrails.citations_resolve import citations_resolve
from tests.chat.guardrails.given import given, passage, shown


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("It is free. [1][2] ", "It is free. [1][2] "),
        ("It is free. [3] ", "It is free. "),
        ("It is free【2】.", "It is free[2]."),
        ("It is free 【2†source】.", "It is free [2]."),
        ("It is free [^1].", "It is free [1]."),
        ("It is free (passage 2).", "It is free [2]."),
        ("It is free [Source 1, 2].", "It is free [1][2]."),
        ("It is free [1-2].", "It is free [1][2]."),
        ("这是免费的［1］。", "这是免费的[1]。"),
        ("It is free (source 9).", "It is free."),
        ("It takes (2) days [see note]; a[3](x).", "It takes (2) days [see note]; a[3](x)."),
    ],
)
async def test_each_way_to_cite_becomes_a_mark_that_leads_somewhere(written: str, resolved: str):
    assert await shown(citations_resolve, given("One.", "Two."), written) == resolved


async def test_a_passage_that_is_first_cited_in_another_way_gets_the_next_number():
    turn = given("One.", "Two.", "Three.")
    turn.cited = [passage("Three.", number=3)]
    assert await shown(citations_resolve, turn, "So 【1】.") == "So [2]."
    assert [one.chunk_id for one in turn.cited] == [3, 1]

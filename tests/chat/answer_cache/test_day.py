"""F57: documents change in the middle of a day; no stale answer is served, and the hits come back."""

from __future__ import annotations

import asyncio

import pytest

from chat.assistant import SavedAnswers
from tests.chat.answer_cache.day import ask_around, replace_text, take_away
from tests.chat.turns import live_version
from tests.factories import article

pytestmark = pytest.mark.usefixtures("library", "nothing_is_left_behind")
CLOSING, LATE, ESCROW = "How do I close my online account?", "How much is the late fee?", "When is escrow reviewed?"


async def test_f57_no_stale_answer_is_served_when_documents_change_in_the_middle_of_the_day():
    await asyncio.to_thread(live_version, saved_answers=SavedAnswers(when="exact"), follow_ups=False)
    morning = await ask_around([CLOSING, LATE, ESCROW], 4)
    assert (morning.asked, morning.hits, morning.stale) == (12, 6, [])

    def noon() -> None:
        replace_text("Late fees", "A late fee of $50 is charged when a payment arrives after the 10th of the month.")
        take_away("Closing your account")
        article("When is escrow reviewed", "When is escrow reviewed? Escrow is reviewed in March since this year.")

    await asyncio.to_thread(noon)
    gone = ("$35", "15th", "Close account", "May")
    afternoon = await ask_around([CLOSING, LATE, ESCROW], 4, gone=gone)
    assert afternoon.stale == []
    assert afternoon.hits == 4  # both fees and reviews: two customers each were answered anew
    evening = await ask_around([LATE, ESCROW], 2, gone=gone)
    assert (evening.hits, evening.stale) == (4, [])

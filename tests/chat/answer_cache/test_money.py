"""The money that the page shows is the money of the ledger, to the cent."""

from __future__ import annotations

import pytest

from chat.answer_cache.figures import figures_of
from chat.assistant import SavedAnswers
from chat.models import SavedAnswer, SavedLookup
from chat.rechecking import check_hits
from llm.database import in_database
from llm.models import Call
from tests.chat.conftest import finished_behind
from tests.chat.turns import answered, live_version

pytestmark = pytest.mark.usefixtures("library", "nothing_is_left_behind")
HITS = 3


@pytest.fixture
def checked_answers() -> None:
    live_version(saved_answers=SavedAnswers(when="exact", customers=1, checked=1), follow_ups=False)


async def played() -> None:
    """One customer is answered, three get the same, and each of these is answered anew to see."""
    for _ in range(1 + HITS):
        await answered("How do I close my online account?")
        await finished_behind()
    assert await in_database(SavedLookup.objects.filter(outcome="hit").count) == HITS
    assert await check_hits() == HITS


async def test_what_was_saved_is_the_hits_answers_less_every_call_that_checking_them_took(checked_answers, settings):
    settings.LLM_PRICES = ["*=3/15"]
    await played()

    def by_the_ledger() -> float:
        calls = list(Call.objects.all())
        lookups = {lookup.reply: lookup for lookup in SavedLookup.objects.all()}
        (written,) = [call for call in calls if call.purpose == "answer"]
        anew = [call for call in calls if call.turn not in lookups and call.purpose != "ingest"]
        assert {call.purpose for call in anew} >= {"check", "question"}
        assert lookups[written.turn].outcome == "miss"
        return HITS * (written.cost_microdollars or 0) - sum(call.cost_microdollars or 0 for call in anew)

    shown = await in_database(figures_of, 7)
    assert round(shown.dollars * 1_000_000) == await in_database(by_the_ledger)
    assert shown.unpriced == 0


async def test_what_has_no_price_is_said_and_counts_as_nothing(checked_answers, settings):
    settings.LLM_PRICES = []
    await played()
    shown = await in_database(figures_of, 7)
    unknown = await in_database(
        Call.objects.exclude(turn__in=SavedLookup.objects.values("reply")).exclude(purpose="ingest").count
    )
    assert (await in_database(SavedAnswer.objects.get)).cost_microdollars is None
    assert (shown.dollars, shown.unpriced) == (0, HITS + unknown)

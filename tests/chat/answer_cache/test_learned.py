"""From look-ups whose right answer became known it is learned when a question of the same meaning gets an answer."""

from __future__ import annotations

import pytest

from chat.answer_cache import learning
from chat.answer_cache.acceptance import FEWEST
from chat.assistant import SavedAnswers
from chat.models import Reply, SavedAcceptance, SavedLookup
from knowledge.models import EmbeddingModel
from llm.database import in_database
from tests.chat.answer_cache.conftest import observe
from tests.chat.conftest import finished_behind
from tests.chat.turns import answered, live_version

pytestmark = pytest.mark.usefixtures("library", "nothing_is_left_behind")
QUESTION = "How do I close my online account?"
PARAPHRASE = "How can I close the online account?"


@pytest.fixture
def alike() -> None:
    live_version(saved_answers=SavedAnswers(when="alike", errors=0.1), follow_ups=False)


async def paraphrased() -> tuple[Reply, SavedLookup]:
    """What somebody gets who asks in other words, after two customers were answered."""
    for _ in range(2):
        await answered(QUESTION)
        await finished_behind()
    reply = await answered(PARAPHRASE)
    await finished_behind()
    return reply, await in_database(SavedLookup.objects.get, reply=reply.pk)


async def test_with_enough_observations_a_paraphrase_is_served(alike):
    await in_database(observe, 400, 60)
    assert await in_database(learning.learn_all) == 1
    reply, lookup = await paraphrased()
    assert (lookup.outcome, lookup.how, reply.saved_answer_id) == ("hit", "alike", lookup.answer_id)
    learned = await in_database(SavedAcceptance.objects.get)
    assert learned.learned["observations"] == 460
    assert lookup.expected_error is not None
    assert lookup.expected_error <= learned.learned["limit"]


@pytest.mark.parametrize(("right", "wrong"), [(0, 0), (FEWEST - 1, 0)])
async def test_without_enough_observations_it_is_not(alike, right, wrong):
    await in_database(observe, right, wrong)
    assert await in_database(learning.learn_all) == 0
    reply, lookup = await paraphrased()
    assert (lookup.outcome, reply.saved_answer_id) == ("miss", None)
    assert lookup.why.startswith("too little is learned yet")
    assert lookup.is_right is True  # and this is one observation more


async def test_where_neighbours_were_often_wrong_it_is_not_served(alike):
    def doubtful() -> None:
        observe(300, 0)
        SavedLookup.objects.filter(pk__in=list(SavedLookup.objects.values_list("pk", flat=True)[:150])).update(
            is_right=False
        )
        learning.learn_all()

    await in_database(doubtful)
    reply, lookup = await paraphrased()
    assert (reply.saved_answer_id, lookup.why.split(";")[0]) == (None, "not certain enough")


async def test_what_was_learned_for_a_larger_error_does_not_hold_for_a_smaller_one(alike):
    await in_database(observe, 400, 60)
    await in_database(learning.learn_all)
    model = await in_database(EmbeddingModel.objects.get)
    assert await in_database(learning.learned_for, model, 0.1)
    assert await in_database(learning.learned_for, model, 0.05) is None


async def test_checked_hits_that_were_wrong_lower_the_limit(alike):
    def limit() -> float:
        learning.learn_all()
        return float(SavedAcceptance.objects.get().learned["inflation"])

    await in_database(observe, 400, 60)
    before = await in_database(limit)
    hits = SavedLookup.objects.filter(is_right=False)
    await in_database(lambda: hits.update(outcome="hit", was_checked=True, expected_error=0.01))
    assert await in_database(limit) > before

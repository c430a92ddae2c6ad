"""The figures on saved answers: hits, wrong ones with their bound, what was spared, why questions were missed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from chat.answer_cache.acceptance import FEATURES, FEWEST
from chat.answer_cache.figures import figures_of, learned_so_far, misses_by_reason, reason_in, upper_bound
from chat.models import SavedAcceptance, SavedAnswer, SavedLookup
from llm.models import Call
from tests.chat.answer_cache.conftest import embedding_model, observe, prepared


def looked(outcome: str, *, answer: SavedAnswer | None = None, days: float = 0, **more: object) -> SavedLookup:
    when = timezone.now() - timedelta(days=days)
    return SavedLookup.objects.create(
        embedding_model=embedding_model(), outcome=outcome, answer=answer, created_at=when, **more
    )


def test_the_bound_is_the_textbooks():
    assert upper_bound(0, 0) is None
    assert upper_bound(0, 59) == pytest.approx(1 - 0.05 ** (1 / 59))  # none wrong: 1 - α^(1/n)
    assert upper_bound(1, 1) == 1
    with pytest.raises(ValueError, match="no more"):
        upper_bound(2, 1)


@given(st.integers(1, 400), st.data())
def test_at_the_bound_so_few_wrong_ones_have_a_chance_of_one_in_twenty(checked: int, data: st.DataObject):
    wrong = data.draw(st.integers(0, checked - 1))
    bound = upper_bound(wrong, checked)
    assert bound is not None
    assert wrong / checked < bound <= 1
    assert float(stats.binom.cdf(wrong, checked, bound)) == pytest.approx(0.05, abs=1e-6)


@pytest.mark.django_db
def test_hits_wrong_ones_money_and_time_are_counted_of_the_days_that_are_asked_for():
    saved = prepared("How?", [], took_ms=3_000, cost_microdollars=40_000)
    looked("hit", answer=saved, ms=10, was_checked=True, is_right=False)
    looked("hit", answer=saved, ms=10, was_checked=True, is_right=True)
    looked("hit", answer=saved, ms=10, was_checked=True)
    looked("miss", ms=970, is_right=False)
    looked("hit", answer=saved, days=20)
    looked("hit", answer=saved, days=40)
    Call.objects.create(model="m", alias="strong", purpose="check", kind="chat", cost_microdollars=20_000)
    week, month = figures_of(7), figures_of(30)
    assert (week.looked, week.hits, week.hit_percent) == (4, 3, 75)
    assert (week.checked, week.wrong, week.unclear) == (2, 1, 1)
    assert week.wrong_percent == pytest.approx(100 * float(stats.beta.ppf(0.95, 2, 1)))
    assert [week.dollars, week.dollars_of_checks] == pytest.approx([0.1, 0.02])
    assert week.seconds == pytest.approx(8)
    assert month.hits == 4
    assert month.dollars == pytest.approx(0.14)


@pytest.mark.django_db
def test_where_nothing_was_looked_up_there_is_no_share():
    none = figures_of(7)
    assert (none.looked, none.hit_percent, none.wrong_percent, none.dollars, none.seconds) == (0, None, None, 0, 0)


@pytest.mark.django_db
def test_an_answer_without_a_price_is_said_and_not_counted_as_free():
    looked("hit", answer=prepared("How?", []))
    assert (figures_of(7).unpriced, figures_of(7).dollars) == (1, 0)


@pytest.mark.django_db
def test_misses_are_told_by_their_reason():
    for why in (
        "differs: “30 years” against “15”",
        "differs: one “not” more; cites none",
        "not certain enough",
    ):
        looked("miss", why=why)
    looked("hit")
    assert misses_by_reason(30) == [("something differs between the questions", 2), ("not certain enough", 1)]
    assert reason_in("") == "unknown"


@pytest.mark.django_db
def test_what_is_learned_says_how_many_observations_are_missing():
    observe(10, 5)
    (so_far,) = learned_so_far()
    assert (so_far.labels, so_far.needed, so_far.limit) == (15, FEWEST - 15, None)
    kept = {"weights": [0] * FEATURES, "limit": 0.04, "delta": 0.01, "observations": 400, "inflation": 1}
    SavedAcceptance.objects.create(embedding_model=embedding_model(), learned=kept)
    (known,) = learned_so_far()
    assert (known.labels, known.needed, known.limit, known.errors) == (400, 0, 4, 1)

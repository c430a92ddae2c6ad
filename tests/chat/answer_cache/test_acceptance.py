"""How the acceptance learns, on numbers alone: it bears no more errors than it may, and trusts little at first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chat.answer_cache.acceptance import (
    BELIEVED,
    FEATURES,
    FEWEST,
    WORST,
    Acceptance,
    Checked,
    Neighbour,
    candidate_among,
    learn,
)

DELTA = 0.01
RNG = np.random.default_rng(5)
NEAR = np.array([1.0, 3.8, 2.0, 1.0, 0.7, 1.0, 0.8, 2.5, 1.0, 0.0, 0.0, 0.0])


def candidates(count: int, *, noise: float = 0.0) -> tuple[Any, Any]:
    """Features and whether they are right: the nearer, the likelier; but for a share that is as it likes."""
    features = np.tile(NEAR, (count, 1))
    closeness = RNG.uniform(0, 1, count)
    features[:, 1] = 2 + 2 * closeness
    features[:, 2] = 2 * closeness
    features[:, 8] = RNG.uniform(0, 1, count) < closeness
    is_right = (RNG.uniform(0, 1, count) < 1 / (1 + np.exp(-14 * (closeness - 0.5)))).astype(float)
    is_any = RNG.uniform(0, 1, count) < noise
    return features, np.where(is_any, RNG.uniform(0, 1, count) < 0.5, is_right).astype(float)


def test_of_those_it_serves_no_more_are_wrong_than_are_borne():
    features, is_right = candidates(2_000)
    learned = learn(features, is_right, features, questions=2_000, delta=DELTA)
    assert learned
    new, truth = candidates(4_000)
    served = np.array([learned.accepts(one) for one in new])
    assert served.mean() > 0.2
    assert (served & (truth == 0)).mean() <= DELTA


@pytest.mark.parametrize("questions", [2_000, 20_000])
def test_questions_that_got_no_candidate_leave_more_to_bear_for_the_others(questions: int):
    features, is_right = candidates(1_000)
    few = learn(features, is_right, features, questions=1_000, delta=DELTA)
    more = learn(features, is_right, features, questions=questions, delta=DELTA)
    assert few
    assert more
    assert few.limit <= more.limit <= WORST * DELTA


def test_where_even_the_nearest_are_often_wrong_next_to_nothing_is_served():
    features, is_right = candidates(2_000, noise=0.8)
    learned = learn(features, is_right, features, questions=2_000, delta=DELTA)
    assert learned
    assert np.mean([learned.accepts(one) for one in features]) < 0.02


def test_from_too_few_nothing_is_learned_and_from_few_next_to_nothing_is_served():
    features, is_right = candidates(FEWEST)
    assert learn(features[:-1], is_right[:-1], features, questions=FEWEST, delta=DELTA) is None
    few, many = (
        learn(*(data := candidates(count)), data[0], questions=count, delta=DELTA) for count in (FEWEST, 2_000)
    )
    assert few
    assert many
    asked, _ = candidates(1_000)
    assert sum(map(few.accepts, asked)) < sum(map(many.accepts, asked)) / 2


def test_more_errors_than_were_expected_lower_the_limit():
    features, is_right = candidates(1_000)
    as_expected, worse = (
        learn(features, is_right, features, questions=1_000, delta=DELTA, checked=checked)
        for checked in (Checked(30, 30), Checked(90, 30))
    )
    assert as_expected
    assert worse
    assert [as_expected.inflation, worse.inflation] == pytest.approx([32 / 31, 92 / 31])
    assert worse.limit < as_expected.limit


def test_what_is_told_apart_without_exception_is_learned_all_the_same():
    """The likelihood has no maximum there, and a whole step of Newton's method overshoots."""
    far = np.array([1.0, *NEAR[1:] * 0.2])
    features = np.vstack([np.tile(NEAR, (40, 1)), np.tile(far, (40, 1))])
    is_right = np.repeat([1.0, 0.0], 40)
    learned = learn(features, is_right, features, questions=80, delta=0.1)
    assert learned
    assert np.isfinite(learned.weights).all()
    assert learned.error(NEAR) < 0.05
    assert learned.error(far) > 0.9


def test_what_is_believed_at_first_points_the_right_way():
    before = Acceptance(np.array(BELIEVED)[:, 0], 0.1, DELTA, 0, 1.0)
    other_words = np.array([*NEAR[:8], 0.0, 0.0, 1.0, 0.0])
    far = np.array([1.0, 2.0, 0.1, 0.3, 0.7, 0.2, 0.1, 1.8, 0.0, 0.0, 1.2, 0.0])
    assert before.error(NEAR) < 0.05 < before.error(other_words) < before.error(far)
    assert before.error(far) > 0.99


def test_what_other_features_taught_is_forgotten():
    kept = Acceptance(np.ones(FEATURES), 0.1, DELTA, 400, 1.0).as_json()
    assert Acceptance.from_json(kept)
    assert Acceptance.from_json(kept | {"weights": [0.0] * 7}) is None


def test_the_candidate_has_the_votes_of_many_who_are_nearly_as_near():
    def neighbour(answer: str, cosine: float) -> Neighbour:
        return Neighbour(answer, cosine, frozenset({"close", "account"}))

    alone, together = neighbour("a", 0.9), [neighbour("b", cosine) for cosine in (0.88, 0.87, 0.86)]
    found = candidate_among([alone, *together], frozenset({"close", "account", "online"}))
    assert found
    assert found.answer == "b"
    names = ["one", "near", "lead", "share", "asked", "known", "shared", "crowd"]
    named = dict(zip(names, found.features, strict=True))
    assert named["near"] == pytest.approx(4 * 0.88)
    assert named["lead"] == pytest.approx(4 * (0.88 - 0.9))
    assert named["asked"] == pytest.approx(np.log(4))
    assert (named["known"], named["shared"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert 0.5 < named["share"] < 1
    assert candidate_among([], frozenset()) is None

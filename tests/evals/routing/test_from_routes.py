"""Trials from routes: weights put right what was drawn unequally, costs are the ledger's, words have to count."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import numpy as np
import pytest

from chat.assistant import Ease
from chat.models import Route
from evals.comparing.duels import judge_of_pairs
from evals.models import RouteVerdict
from evals.routing.from_routes import costs_of, same_question, sample_of, samples_of, trials_of
from evals.routing.pairs import LOST
from evals.routing.policies import value_of
from tests.evals.routing import made
from tests.people import person

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Month:
    """What the page sees, and what nobody sees: the quality that was lost for each question."""

    routes: list[Route]
    lost: float


def month(seed: int, n: int = 500) -> Month:
    """Mornings lose much and are compared often, evenings the other way round; a tenth of the pairs nobody judged."""
    random, version, judge = np.random.default_rng(seed), made.live(), judge_of_pairs()
    assert judge is not None
    is_morning, drawn, judged, luck = random.random(n) < 0.3, random.random(n), random.random(n) < 0.9, random.random(n)
    share = np.where(is_morning, 0.8, 0.2)
    lost = np.where(luck < np.where(is_morning, 0.30, 0.04), 1.0, np.where(luck > 0.98, -1.0, 0.0))
    routes = [
        Route(
            reply=uuid.UUID(int=int(random.integers(2**62))),
            version=version,
            assistant=version.hash,
            question=f"Question {seed} {number}",
            ease=0.9,
            first="small",
            served="small",
            share=share[number],
            is_compared=drawn[number] < share[number],
            small=made.answer("Small. [1]", "small", uuid.UUID(int=1)),
            strong=made.answer("Strong. [1]", "strong", uuid.UUID(int=1)),
        )
        for number in range(n)
    ]
    Route.objects.bulk_create(routes)
    labels = {loss: label for label, loss in LOST.items()}
    RouteVerdict.objects.bulk_create(
        RouteVerdict(
            route=route,
            grader=judge.name,
            version=judge.version,
            outcome="scored",
            label=labels[lost[number]],
            lost=lost[number],
        )
        for number, route in enumerate(routes)
        if route.is_compared and judged[number]
    )
    return Month(routes, float(lost.mean()))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_regret_of_a_month_is_known_from_the_share_that_was_compared(seed):
    truth = month(seed)
    sample = sample_of(Route.objects.all())
    regret = value_of(sample.trials, 0.5).regret
    assert regret.low <= truth.lost <= regret.high
    assert regret.half_width < 0.08
    drawn = [route for route in truth.routes if route.is_compared]
    assert sum(trial.weight for trial in sample.trials) == pytest.approx(sum(1 / route.share for route in drawn))
    unweighted = float(np.mean([trial.lost for trial in sample.trials]))
    assert unweighted > regret.high  # what was drawn as it came would be believed to be much worse


def test_costs_are_the_sum_of_the_turns_calls_in_the_ledger():
    one = made.compared(first="small")
    made.call(one.reply, "small", one, cost_microdollars=7)  # a second round of the same answer
    made.call(one.reply, "small", one, purpose="triage", cost_microdollars=9)  # made whichever model answers
    made.call(one.reply, "judge", one, purpose="judge", cost_microdollars=11)
    assert trials_of(Route.objects.all()) == []  # nobody has judged it
    made.said(one, "tie")
    (trial,) = trials_of(Route.objects.all())
    assert (trial.small_cost, trial.strong_cost) == (made.SMALL_COST + 7, made.STRONG_COST)
    assert costs_of([one.strong["call"], "no turn", None]) == {(one.strong["call"], "strong"): made.STRONG_COST}


def test_without_a_price_cost_is_counted_in_answers_of_the_strong_model():
    one = made.compared()
    made.said(one, "worse")
    made.call(one.reply, "strong", one, cost_microdollars=None)
    sample = sample_of(Route.objects.all())
    assert not sample.is_priced
    assert (sample.trials[0].small_cost, sample.trials[0].strong_cost) == (0, 1)


def test_only_words_that_count_are_trials_and_held_back_answers_need_none():
    made.compared(first="small", held_back="too slow", small="")  # it has no text, and was paid
    assert sample_of(Route.objects.all()).pairs == 1
    earlier, demo, by_person = made.compared(), made.compared(), made.compared()
    made.said(earlier, "worse", version="0123456789ab")
    made.said(demo, "worse", is_demo=True)
    made.said(by_person, "better", person=person("admin"))
    sample = sample_of(Route.objects.all())
    assert (sample.pairs, sample.holding, sample.judged, sample.by_people, sample.is_demo) == (4, 3, 2, 1, True)
    assert sorted((trial.holds, trial.lost) for trial in sample.trials) == [(False, 0.0), (True, -1.0), (True, 1.0)]
    assert [trial.weight for trial in sample.trials if trial.holds] == [1.5, 1.5]  # they stand for the one that is open
    _, people = samples_of(Route.objects.all())
    assert [trial.weight for trial in people.trials if trial.holds] == [3.0]


def test_ease_is_told_by_other_weights_where_they_are_asked_for():
    one = made.compared(ease=0.9, signals={"triage": 1.0})
    made.said(one, "tie")
    nothing = Ease(bias=0, triage=0, best=0, lead=0, agreement=0, short=0)
    assert sample_of(Route.objects.all()).trials[0].ease == 0.9
    assert sample_of(Route.objects.all(), ease=nothing).trials[0].ease == 0.5


@pytest.mark.parametrize(
    ("question", "other", "is_same"),
    [
        ("What is the late fee?", "what is  the LATE fee", True),
        ("滞纳金是多少？", "滞纳金是多少", True),
        ("What is the late fee?", "What is the fee?", False),
    ],
)
def test_questions_are_one_cluster_but_for_case_spaces_and_marks(question, other, is_same):
    assert (same_question(question) == same_question(other)) is is_same

"""A sample with known probabilities gives back what all turns would: also when thumbs come late and money runs out."""

from __future__ import annotations

import random

import pytest

from evals.online.weighing import Read, Turns, weighed
from tests.evals.judging.simulating import known

SHARE = 0.1


def population(seed: int, turns: int = 4_000) -> list[tuple[float, bool]]:
    """Turns with their score, and whether the customer disliked them: of bad ones many do."""
    rng = random.Random(seed)
    made = []
    for _ in range(turns):
        score = float(rng.random() < 0.8)
        made.append((score, rng.random() < (0.02 if score else 0.3)))
    return made


def estimate(turns: list[tuple[float, bool]], read: list[Read]) -> float:
    disliked = sum(thumb for _, thumb in turns)
    found = weighed(read, Turns(disliked, len(turns) - disliked)).estimate
    assert found
    return found.value


@pytest.mark.parametrize("seed", range(5))
def test_disliked_turns_count_once_and_the_others_for_those_that_were_left_out(seed):
    turns, rng = population(seed), random.Random(seed + 100)
    read = [Read(score, 1, True) for score, thumb in turns if thumb]
    read += [Read(score, 1 / SHARE, False) for score, thumb in turns if not thumb and rng.random() < SHARE]
    truth = sum(score for score, _ in turns) / len(turns)
    unweighted = sum(one.score or 0 for one in read) / len(read)
    assert abs(unweighted - truth) > 0.1  # the sample is far from the whole
    assert estimate(turns, read) == pytest.approx(truth, abs=0.05)


def test_a_grader_that_read_only_some_disliked_turns_is_weighed_by_those_that_it_read():
    turns = [(0.0, True)] * 100 + [(1.0, False)] * 900
    read = [Read(0.0, 1, True)] * 10 + [Read(1.0, 1 / SHARE, False)] * 90
    assert estimate(turns, read) == pytest.approx(0.9)


def test_where_it_abstains_the_turn_is_none_of_its_business():
    read = [Read(None, 10, False)] * 50 + [Read(1.0, 10, False)] * 25 + [Read(0.0, 10, False)] * 25
    assert known(weighed(read, Turns(0, 1_000)).estimate).value == pytest.approx(0.5)


def test_one_part_is_never_taken_for_the_whole():
    only_disliked = [Read(0.0, 1, True)] * 10
    assert weighed(only_disliked, Turns(10, 500)).estimate is None
    assert known(weighed(only_disliked, Turns(10, 0)).estimate).value == 0


def test_a_turn_that_only_a_thumb_brought_in_counts_for_nothing_once_that_is_taken_back():
    read = [Read(0.0, 0, False), *[Read(1.0, 10, False)] * 10]
    assert known(weighed(read, Turns(0, 100)).estimate).value == 1


def test_nothing_read_is_nothing_known():
    assert weighed([], Turns(0, 0)).estimate is None

"""Agreement beyond chance: the tables of the literature, and what may not change it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.statistics.agreement import agreement, several_raters

LABELS = ("conflict", "subset", "same")
rated = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=2, max_size=40)


def pairs_of(table: list[list[int]], labels: str) -> list[tuple[str, str]]:
    return [
        (labels[row], labels[column])
        for row, counts in enumerate(table)
        for column, count in enumerate(counts)
        for _ in range(count)
    ]


def kappa_of(pairs: Sequence[tuple[str, str]], **options: Any) -> Any:
    found = agreement(pairs, **options)
    assert found is not None
    return found.kappa


@pytest.mark.parametrize(
    ("table", "weights", "kappa"),
    [
        ([[88, 14, 18], [10, 40, 10], [2, 6, 12]], "none", 0.492),
        ([[53, 5, 2], [11, 14, 5], [1, 6, 3]], "none", 0.429),
        ([[20, 5], [10, 15]], "none", 0.400),
        ([[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]], "none", 0.208),
        ([[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]], "linear", 0.3797),
        ([[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]], "quadratic", 0.5246),
    ],
    ids=[
        "Cohen 1960, table 1",
        "Fleiss, Cohen & Everitt 1969",
        "two by two",
        "Landis & Koch 1977, Winnipeg",
        "Landis & Koch, linear",
        "Landis & Koch, quadratic",
    ],
)
def test_kappa_is_that_of_the_literature(table, weights, kappa):
    labels = "abcd"[: len(table)]
    found = kappa_of(pairs_of(table, labels), labels=labels, weights=weights)
    assert found.value == pytest.approx(kappa, abs=0.0006)
    assert found.low < found.value < found.high


def test_the_standard_error_is_that_of_the_literature():
    """Landis & Koch 1977, Winnipeg, 149 patients: SE .0505 (SAS, PROC FREQ), so about .109 to .307."""
    table = [[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]]
    found = kappa_of(pairs_of(table, "abcd"), labels="abcd")
    assert found.half_width == pytest.approx(1.976 * 0.0505, rel=0.05)


def test_an_agreement_says_what_it_counted():
    found = agreement([("same", "same"), ("same", "subset"), ("conflict", "same")], labels=LABELS)
    assert found is not None
    assert (found.n, found.labels) == (3, LABELS)
    assert found.raw == pytest.approx(1 / 3)
    assert found.confusion["conflict", "same"] == 1
    assert found.confusion["subset", "subset"] == 0
    assert len(found.confusion) == 9


@given(rated)
def test_exchanging_the_raters_changes_nothing(pairs):
    one, other = (kappa_of(p, labels=LABELS, weights="linear") for p in (pairs, [(b, a) for a, b in pairs]))
    assert (one is None) == (other is None)
    if one:
        assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high))


@given(rated, st.permutations(LABELS))
def test_the_names_and_the_order_of_labels_do_not_matter_without_weights(pairs, renamed):
    names = dict(zip(LABELS, renamed, strict=True))
    one, other = kappa_of(pairs, labels=LABELS), kappa_of([(names[a], names[b]) for a, b in pairs], labels=LABELS)
    assert (one is None) == (other is None)
    if one:
        assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high))


@given(rated)
def test_kappa_lies_within_its_interval_and_under_the_share_of_same_labels(pairs):
    found = agreement(pairs, labels=LABELS)
    assert found is not None
    if found.kappa:
        assert -1 <= found.kappa.low <= found.kappa.value <= found.kappa.high <= 1
        assert found.kappa.value <= found.raw + 1e-12


@given(rated)
def test_an_item_for_each_cluster_changes_nothing(pairs):
    clusters = [f"case {n}" for n in range(len(pairs))]
    assert kappa_of(pairs, labels=LABELS, clusters=clusters) == kappa_of(pairs, labels=LABELS)


def test_items_that_belong_together_count_once():
    pairs = pairs_of([[30, 10], [5, 55]], "ab")
    alone = kappa_of(pairs, labels="ab")
    tripled = kappa_of([pair for pair in pairs for _ in range(3)], labels="ab", clusters=[n // 3 for n in range(300)])
    assert tripled.value == pytest.approx(alone.value)
    assert tripled.n == alone.n == 100
    assert tripled.half_width == pytest.approx(alone.half_width, rel=0.05)


def test_kappa_has_no_meaning_for_one_item_or_one_label():
    assert agreement([], labels=LABELS) is None
    assert kappa_of([("same", "same")], labels=LABELS) is None
    assert kappa_of([("same", "same")] * 30, labels=LABELS) is None


def test_agreement_on_all_of_thirty_items_is_not_taken_for_certain():
    few, many = (kappa_of([("a", "a"), ("b", "b")] * half, labels="ab") for half in (15, 150))
    assert few.value == few.high == many.value == 1
    assert 0.7 < few.low < 0.85 < many.low < 1


def test_a_label_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="unknown labels: better"):
        agreement([("same", "better")], labels=LABELS)
    with pytest.raises(ValueError, match="unknown labels: better"):
        several_raters([["same", "better"], ["same"]], labels=LABELS)


KRIPPENDORFF = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
ITEMS = [[None if said == "." else said for said in item] for item in zip(*map(str.split, KRIPPENDORFF), strict=True)]


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_that_of_the_literature(level, alpha):
    """Krippendorff 2011, example C: four observers, twelve units, missing values."""
    found = several_raters(ITEMS, labels="12345", level=level)
    assert found is not None
    assert found.value == pytest.approx(alpha, abs=0.0005)
    assert found.low < found.value < found.high < 1
    assert found.n == 11


def test_alpha_of_two_raters_is_close_to_kappa_when_there_are_many_items():
    random = np.random.default_rng(0)
    people = random.choice(list("abc"), 3_000)
    judge = np.where(random.random(3_000) < 0.6, people, random.choice(list("abc"), 3_000))
    pairs = list(zip(people.tolist(), judge.tolist(), strict=True))
    alpha, kappa = several_raters(pairs), kappa_of(pairs, labels="abc")
    assert alpha is not None
    assert (alpha.value, alpha.low, alpha.high) == pytest.approx((kappa.value, kappa.low, kappa.high), abs=0.003)


def test_alpha_leaves_out_items_with_one_label_and_says_nothing_of_too_little():
    assert several_raters([["a", "b"], ["a", None], ["b", ""], ["b", "b"]]) == several_raters([["a", "b"], ["b", "b"]])
    assert several_raters([["a", "a"], ["a"]]) is None
    assert several_raters([["a", "a"], ["a", "a"]]) is None
    with pytest.raises(ValueError, match="in their order"):
        several_raters([["a", "b"]], level="interval")


def test_people_who_always_agree_have_an_alpha_of_one_that_is_not_certain():
    found = several_raters([["a", "a", "a"], ["b", "b"]] * 15)
    assert found is not None
    assert found.value == found.high == 1
    assert 0.6 < found.low < 0.85

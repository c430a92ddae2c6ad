"""What may stand in a line: nothing personal, nothing that breaks a file, nothing that a provider would refuse."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.distillation.candidates import Candidate
from evals.distillation.card import as_markdown
from evals.distillation.files import as_line, as_lines
from evals.distillation.formats import line_of, problem_in, tokens_of
from evals.distillation.golden import GoldenCase, is_too_near, nearest
from evals.distillation.grouping import clusters_of, within_limits, without_twins
from evals.distillation.masking import has_personal_data, masked
from evals.distillation.options import Options
from evals.distillation.splitting import VALIDATION, split
from evals.distillation.vectors import Texts

PERSONAL = (
    "jane.doe@example.com", "jane (at) example (dot) com", "+1 415 555 2671", "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00", "078-05-1120", "10.20.30.40",
)  # fmt: skip
WORDS = st.sampled_from(["how", "do", "I", "pay", "the", "fee", "of", "$35", "on", "my", "loan", "书", "años", "…"])
PROSE = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


def candidate(question: str = "How late may I pay?", good: str = "By the 15th. [1]", **more: Any) -> Candidate:
    given: dict[str, Any] = {
        "messages": ({"role": "system", "content": "Help."}, {"role": "user", "content": question}),
        "good": good,
        "asked": (question,),
        "about": f"{question}\n{good}",
        "approved": "people",
        "rank": 3,
        "teachers": ("people",),
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "origin": {"kind": "reply", "reply": question},
    }
    return Candidate(**(given | more))


@settings(max_examples=30)
@given(
    st.lists(st.tuples(PROSE, st.sampled_from(PERSONAL), PROSE), min_size=3, max_size=3),
    st.sampled_from(["answers", "preferences"]),
)
def test_no_line_holds_what_is_personal(texts, kind):
    question, good, bad = (f"{before} {value} {after}" for before, value, after in texts)
    line = line_of(kind, masked(candidate(question, good, bad=f"{bad} worse")))
    written = as_line(line).decode()
    assert not has_personal_data(line)
    assert not any(value in written for _, value, _ in texts)


def test_a_placeholder_stands_for_the_same_thing_in_the_whole_line_and_for_nothing_else():
    history = ({"role": "user", "content": "I am [EMAIL_1], and a@example.com too"},)
    made = masked(candidate("Write to b@example.com", "To b@example.com or a@example.com. [1]", messages=history))
    first, second = re.findall(r"\[EMAIL_\d\]", made.good)
    assert made.asked == (f"Write to {first}",)
    assert made.messages[0]["content"] == f"I am [EMAIL_1], and {second} too"
    assert len({"[EMAIL_1]", first, second}) == 3


@pytest.mark.parametrize(
    "text",
    [
        "write to jane&#64;example.com",
        "mailto:jane%40example.com",
        "ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "the customer's card is 4111-1111-1111-1111",
    ],
)
def test_personal_data_are_found_in_a_whole_line_however_they_are_written(text):
    assert has_personal_data({"messages": [{"role": "user", "content": text}]})


def test_what_a_customer_typed_is_not_met_again_though_nothing_names_it_there():
    line = {"messages": [{"role": "user", "content": "is 078051120 mine"}]}
    assert not has_personal_data(line)
    assert has_personal_data(line, typed=["my social security number is 078-05-1120"])


@settings(max_examples=50)
@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=4))
def test_no_text_breaks_the_file(texts):
    lines = [
        {"messages": [{"role": "user", "content": text}]} for text in [*texts, '"}\n{"a": "\u2028\u2029\x85\r\x0b']
    ]
    file = b"".join(as_lines(lines)).decode()
    assert [json.loads(line) for line in file.splitlines()] == lines
    assert [json.loads(line) for line in file.split("\n")[:-1]] == lines


def test_lines_are_what_the_provider_takes():
    messages = ({"role": "system", "content": "Help."}, {"role": "user", "content": "Q?"})
    earlier = (*messages[:1], {"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}, messages[1])
    line = line_of("answers", candidate(messages=earlier))
    assert [one.get("weight") for one in line["messages"]] == [None, None, 0, None, None]  # only the last is learned
    assert problem_in("answers", line) == ""
    pair = line_of("preferences", candidate(messages=messages, bad="Never."))
    assert list(pair) == ["input", "preferred_output", "non_preferred_output"]
    assert problem_in("preferences", pair) == ""
    verdict = line_of("judge", candidate(messages=messages, good='{"label":"same"}'))
    assert problem_in("judge", verdict) == ""
    assert tokens_of(line) > tokens_of(verdict) > 10


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("answers", {"messages": [{"role": "user", "content": "Q"}]}),
        ("answers", {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "  "}]}),
        ("answers", {"messages": [{"role": "assistant", "content": "A"}, {"role": "assistant", "content": "B"}]}),
        (
            "answers",
            {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A", "weight": 0}]},
        ),
        ("answers", {"messages": [{"role": "user", "content": 5}, {"role": "assistant", "content": "A"}]}),
        ("judge", {"messages": [{"role": r, "content": "no object"} for r in ("system", "user", "assistant")]}),
        ("preferences", line_of("preferences", candidate(good="the same", bad=" the same"))),
    ],
)
def test_what_is_no_such_line_is_refused_with_a_reason(kind, line):
    assert problem_in(kind, line)


@settings(max_examples=40)
@given(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=60), st.floats(0, 0.5), st.integers(0, 9))
def test_a_cluster_is_never_parted(clusters, share, seed):
    strata = [f"en {ord(name) % 3}" for name in clusters]
    parts = split(clusters, strata, share=share, seed=seed)
    assert all(len({part for name, part in zip(clusters, parts, strict=True) if name == one}) == 1 for one in clusters)
    assert parts == split(clusters, strata, share=share, seed=seed)
    assert parts.count(VALIDATION) <= max(len(parts) * share, *Counter(clusters).values(), 0)


def test_each_language_has_its_share_and_the_whole_too():
    clusters = [str(n) for n in range(300)]
    strata = ["es" if n % 3 else "en" for n in range(300)]
    parts = split(clusters, strata, share=0.1, seed=7)
    chosen = Counter(stratum for stratum, part in zip(strata, parts, strict=True) if part == VALIDATION)
    assert chosen == {"es": 20, "en": 10}


def by_words(*texts: str) -> Texts:
    """Vectors of words: the same words, the same vector."""
    rows = np.zeros((len(texts), 64), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in text.casefold().split() or [""]:
            row[hash(word) % 64] += 1
    return Texts(texts, rows / np.linalg.norm(rows, axis=1, keepdims=True))


@settings(max_examples=20)
@given(st.lists(PROSE, min_size=1, max_size=5), st.lists(PROSE, min_size=1, max_size=5), PROSE)
def test_no_golden_question_is_ever_far_enough(golden, asked, earlier):
    candidates = [candidate(question, asked=(question, earlier)) for question in asked]
    texts = by_words(*(text for one in candidates for text in one.asked))
    found = nearest(candidates, texts, by_words(*golden), [GoldenCase("set: case", one) for one in golden])
    kept = [one for one, near in zip(candidates, found, strict=True) if not is_too_near(near, Options())]
    assert not {text for one in kept for text in one.asked} & {*golden}


def test_neighbours_of_neighbours_are_one_cluster_and_so_is_a_conversation():
    far = ["pay by wire now", "taxes and escrow", "reset a password"]
    made = [
        candidate(question, group="c1" if "escrow" in question or "password" in question else "") for question in far
    ]
    golden = by_words("pay by wire now please")
    clusters, measured = clusters_of(made, by_words(*far), golden)
    assert clusters[1] == clusters[2] != clusters[0]
    assert measured == {clusters[0]}


def test_of_twins_the_best_approved_stays_and_another_figure_is_no_twin():
    said = ["The fee is $35. [1]", "The fee is $35! [2]", "The fee is $53. [1]"]
    made = [candidate("The fee?", text, rank=rank) for text, rank in zip(said, (1, 3, 1), strict=True)]
    same = np.ones((3, 1), np.float32)
    assert without_twins(made, [0, 0, 0], same, Options()) == [1, 2]
    assert without_twins(made, [0, 1, 0], same, Options()) == [0, 1, 2]  # never over clusters


def test_no_customer_has_more_than_his_share_and_the_best_approved_stay():
    made = [candidate(str(n), owner="one" if n else "", rank=n) for n in range(5)]
    assert within_limits(made, Options(of_one_customer=2)) == [0, 3, 4]


def test_nothing_in_a_card_is_markup():
    card: dict[str, Any] = {
        "name": "<script>|x", "use": "u", "made_at": "", "from": "", "to": "", "is_demo": False, "limits": [],
        "looked_at": 1, "kept": 1, "left_out": {}, "options": {}, "teachers": [], "judges": [],
        "files": {}, "tokens": {}, "code": {"answers": "", "sets": ""},
        "price": {"model": "m", "epochs": 1, "dollars": None},
        "golden": {
            "cases": 1, "left_out": 0, "limits": {"cosine": 1, "overlap": 1}, "nearest_kept": None, "by_words_only": 0,
            "pairs": [{"question": "a | b\n# [x](y)", "golden": "g", "case": "c", "cosine": 1, "overlap": 0}],
        },
        **{key: {} for key in ("origins", "approved", "languages", "topics", "prompts", "reasonings")},
    }  # fmt: skip
    text = as_markdown(card)
    assert "<script>" not in text
    assert "| a \\| b \\# \\[x\\]\\(y\\) | g | c | 1 | 0 |" in text

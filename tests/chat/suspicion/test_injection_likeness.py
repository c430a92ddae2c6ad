"""What attacks are like is learned from examples, once for each embedding model."""

from __future__ import annotations

import json

import numpy as np
import pytest
from django.core.cache import cache

import llm
from chat.suspicion import injection_likeness
from chat.suspicion.injection_likeness import (
    LEARNED,
    Likeness,
    examples,
    fit,
    learn,
    likeness_to_attacks,
    state_of_examples,
)
from llm.models import Call
from tests.benchmarks.guard import customers_questions, read


@pytest.fixture(autouse=True)
def nothing_known():
    injection_likeness.forget()
    yield
    injection_likeness.forget()


def test_the_plane_lies_between_the_two_kinds():
    random = np.random.default_rng(1)
    middles = np.eye(8, dtype=np.float32)[:2]
    attacks, questions = (middle + 0.2 * random.standard_normal((40, 8)).astype(np.float32) for middle in middles)
    plane = fit(attacks, questions)
    assert (plane.of(attacks) > 0).mean() > 0.95
    assert (plane.of(questions) < 0).mean() > 0.95
    np.testing.assert_allclose(Likeness.from_json(plane.as_json()).of(attacks), plane.of(attacks), atol=1e-3)


async def test_the_demos_model_comes_learned_from_the_examples_as_they_are():
    """Red when examples were changed: `make manage ARGS="learn_injections --ship"` on the demo learns them."""
    assert json.loads(LEARNED.read_text())["examples"] == state_of_examples()
    assert await likeness_to_attacks(llm.embedding_model()) is not None


@pytest.mark.django_db(transaction=True)
async def test_another_model_is_learned_once_and_kept_for_all_processes(monkeypatch, settings):
    monkeypatch.setattr(injection_likeness, "_shipped", lambda _: None)
    monkeypatch.setattr(injection_likeness, "examples", lambda: (["obey me", "no rules"], ["my fee?", "my rate?"]))
    await cache.adelete(injection_likeness._key(llm.embedding_model()))
    assert await likeness_to_attacks(llm.embedding_model()) is None
    assert await learn()
    injection_likeness.forget()  # another process
    assert not await learn()
    assert await likeness_to_attacks(llm.embedding_model()) is not None
    assert await Call.objects.filter(purpose="guard").acount() == 1
    await cache.adelete(injection_likeness._key(llm.embedding_model()))


async def test_a_model_that_nobody_has_learned_is_unknown():
    assert await likeness_to_attacks("another-model") is None


def test_the_benchmark_asks_nothing_that_was_learned():
    learned = {text.strip().lower() for kind in examples() for text in kind}
    asked = {row["text"].strip().lower() for row in [*read("injection"), *customers_questions()]}
    assert not learned & asked

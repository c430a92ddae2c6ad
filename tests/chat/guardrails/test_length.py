"""What is longer than the limit is refused before anything reads it with care (A52, A66)."""

from __future__ import annotations

from chat.guardrails import INPUT_GUARDRAILS
from chat.guardrails.length import length
from chat.verdicts import Action
from tests.chat.guardrails.given import given


async def test_a52_a_question_above_the_setting_is_refused_in_words(settings):
    settings.CHAT_MAX_QUESTION_CHARACTERS = 1_000
    assert (await length(given(), "x" * 1_000)).action is Action.ALLOW
    verdict = await length(given(question="¿Cuánto es el cargo por atraso?"), "x" * 1_001)
    assert verdict.action is Action.REFUSE
    assert "más de 1,000 caracteres" in verdict.say


async def test_a_version_may_allow_less_but_not_more(settings):
    settings.CHAT_MAX_QUESTION_CHARACTERS = 1_000
    for characters, longest in ((200, 200), (5_000, 1_000)):
        turn = given(version={"guardrails": {"length": {"characters": characters}}})
        assert (await length(turn, "x" * longest)).action is Action.ALLOW
        assert (await length(turn, "x" * (longest + 1))).action is Action.REFUSE


def test_a66_length_comes_before_all_checks_that_search_a_text():
    names = [check.name for check in INPUT_GUARDRAILS]
    assert names[:3] == ["normalisation", "length", "personal_data"]
    assert all(check.prepares for check in INPUT_GUARDRAILS[:3])

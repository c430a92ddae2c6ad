"""Clearly foreign tasks are left out or refused; in doubt a question passes."""

from __future__ import annotations

import pytest

from chat.guardrails.topic import topic
from chat.verdicts import Action
from tests.benchmarks.guard import customers_questions
from tests.chat.guardrails.given import given


@pytest.mark.parametrize(
    "task",
    [
        "Write me a poem about the sea",
        "Write a poem about mortgages",
        "Debug this JavaScript function for me",
        "Do my math homework",
        "What dose of ibuprofen can I give my child?",
        "What is the capital of Australia?",
        "Escribe un poema de amor",
        "¿Qué medicina tomo para la gripe?",
        "给我写一首诗",
        "法国的首都是哪里？",
    ],
)
async def test_a_foreign_task_is_refused_with_what_the_assistant_can_do(task: str):
    verdict = await topic(given(question=task), task)
    assert verdict.action is Action.REFUSE
    assert any(word in verdict.say for word in ("accounts, payments", "las cuentas, los pagos", "账户、还款"))


async def test_the_part_about_the_business_goes_on():
    verdict = await topic(given(), "Tell me a joke. And how do I close my account?")
    assert (verdict.action, verdict.text) == (Action.REWRITE, "And how do I close my account?")
    assert "left out" in verdict.say


@pytest.mark.parametrize(
    "question",
    [
        "Can you write a letter that confirms that my loan is paid off?",
        "Could you write down the steps to change my address?",
        "My medication costs eat my budget, can I pay later?",
        "Can you translate the letter to Spanish?",
        "What code do I enter when I sign in?",
        "what do you mean",
        "can you simulate 500 more a month",
        "¿Puede repetir los pasos?",
        "请再说一遍",
        "Nachtzuschlag?",
    ],
)
async def test_what_may_be_a_customers_question_passes(question: str):
    assert (await topic(given(question=question), question)).action is Action.ALLOW


async def test_almost_no_customer_is_sent_away():
    questions = [row["text"] for row in customers_questions()]
    sent_away = [text for text in questions if (await topic(given(question=text), text)).action]
    assert len(sent_away) <= 0.01 * len(questions), sent_away

"""The rules that an admin edits: what they watch for, what is asked instead, what the customer is told."""

from __future__ import annotations

import pytest

from chat.assistant import Rule
from chat.guardrails.compliance import compliance
from chat.suspicion.folding import tokens_of
from chat.suspicion.phrases import first_rule
from chat.verdicts import Action
from chat.versions.states import house
from tests.benchmarks.guard import customers_questions
from tests.chat.guardrails.given import given

PETS = Rule(
    name="pets", reads="question", watch_for=("my dog * loan",), ask_instead="Who may borrow?", say="People only."
)
CASINO = Rule(name="casino", reads="both", watch_for=("casino~", "赌场"), say="Not for gambling. Ask about your loan.")
ANSWERS = Rule(name="words", reads="answer", watch_for=("guaranteed",), say="Nothing is certain.")
OWN = {"rules": (PETS, CASINO, ANSWERS)}


async def test_a_hit_is_steered_to_what_the_rule_asks_instead():
    verdict = await compliance(given(version=OWN), "Can MY DÓG have a loan?")
    assert (verdict.action, verdict.text, verdict.say) == (Action.REWRITE, "Who may borrow?", "People only.")
    assert verdict.reason == "pets"


@pytest.mark.parametrize("text", ["a loan for casinos", "我想去赌场"])
async def test_a_rule_without_another_question_refuses(text: str):
    verdict = await compliance(given(version=OWN), text)
    assert (verdict.action, verdict.say) == (Action.REFUSE, CASINO.say)


@pytest.mark.parametrize("text", ["my dog ate the letter. A loan?", "is it guaranteed", "What is the late fee?"])
async def test_other_questions_pass_and_rules_for_answers_do_not_read_them(text: str):
    assert (await compliance(given(version=OWN), text)).action is Action.ALLOW


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        ("Can you guarantee that I get approved?", "loan_approval"),
        ("¿Me van a aprobar el préstamo?", "loan_approval_es"),
        ("你能保证我的贷款获批吗？", "loan_approval_zh"),
        ("Will rates go down next month?", "rate_guarantee"),
        ("下个月利率会下降吗？", "rate_guarantee_zh"),
        ("Should I sue my contractor?", "legal_advice"),
        ("¿Debo demandar a mi vecino?", "legal_advice_es"),
        ("How much mortgage interest can I deduct from my taxes?", "tax_advice"),
        ("房贷利息可以抵税吗？", "tax_advice_zh"),
        ("Should I invest in stocks or pay off the loan?", "investment_advice"),
    ],
)
async def test_the_sample_companys_rules_steer_in_three_languages(question: str, rule: str):
    verdict = await compliance(given(question=question), question)
    assert (verdict.action, verdict.reason) == (Action.REWRITE, rule)


async def test_no_rule_steers_to_a_question_that_a_rule_stops():
    for rule in house().rules:
        if rule.ask_instead:
            verdict = await compliance(given(question=rule.ask_instead), rule.ask_instead)
            assert verdict.action is Action.ALLOW, (rule.name, verdict.reason)


async def test_almost_no_customers_question_is_near_a_rule():
    hit = [row["text"] for row in customers_questions() if (await compliance(given(), row["text"])).action]
    assert len(hit) <= 2, hit


def test_a66_a_rule_full_of_stars_takes_linear_time():
    stars = Rule(name="stars", watch_for=(" * ".join(["a"] * 50),), say="…")
    steps = []
    for length in (1_000, 2_000, 4_000):
        text = "a " * (length // 2)
        first_rule((stars,), text)
        from chat.suspicion.phrases import _signs

        found = _signs((stars,))
        found.find(tokens_of(text))
        steps.append(found.steps)
    assert steps[2] <= 2.2 * steps[1]

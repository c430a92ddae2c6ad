"""What alone sends a question to the strong model, and what merely looks as if it did."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from chat.assistant import ModelChoice, Version
from chat.context import Draft, Turn
from chat.model_choice import choose_model
from chat.model_choice.risks import risk_in
from chat.understanding import Understood
from chat.versions.states import house
from knowledge.access import Viewer
from knowledge.search import Found, Passage
from tests.chat.versioning import changed

PASSAGE = Passage(1, uuid.uuid4(), 1, "Closing your account", "", None, "Open Settings.", 0.9)
FOUND = Found((PASSAGE,))

RISKS = {
    "complaint": (
        "I want to complain about your service",
        "Quiero poner una queja",
        "我要投诉",
        "Let me speak to a manager",
    ),
    "legal": ("My lawyer says this is wrong", "Voy a hablar con mi abogado", "我要起诉你们", "We are getting divorced"),
    "fraud": (
        "Someone else used my card",
        "Me robaron la tarjeta",
        "我的账户被盗用了",
        "I think this email is a scam",
    ),
    "hardship": (
        "I lost my job and cannot pay",
        "Me quedé sin trabajo",
        "我失业了",
        "We are three months behind on the mortgage",
    ),
    "bereavement": (
        "My husband passed away",
        "Falleció mi padre",
        "我母亲去世了",
        "Who handles the estate of my aunt?",
    ),
    "vulnerable": ("I have dementia", "Tengo una enfermedad grave", "我住院了", "My partner is abusive"),
    "money in dispute": ("You charged me twice", "Me cobraron dos veces", "重复扣款了", "Where is my money?"),
}
NEAR_MISSES = (
    "What is the late fee?",
    "How late can I pay without a fee?",
    "Is the application fee refundable?",
    "When do I get the refund of my escrow surplus?",
    "How do I close my account?",
    "What happens at closing?",
    "How do I disable two-factor sign-in?",
    "I lost my password",
    "How do I lose the mortgage insurance?",
    "How do I work out my payment?",
    "Can I pay from another account?",
    "Who else can see my account?",
    "Do you lend on a second home?",
    "What is the deadline for documents?",
    "How do property taxes on real estate work?",
    "Which documents do I need for court house square 5?",
    "Can I skip the appraisal?",
    "¿Cuál es el recargo por pago tardío?",
    "¿Cómo cierro mi cuenta?",
    "He perdido mi contraseña",
    "Quiero pagar antes; sin embargo, no veo dónde",
    "¿Dónde trabajo con los formularios?",
    "逾期费是多少？",
    "怎样关闭我的账户？",
    "我忘了密码",
    "贷款需要工作证明吗？",
)


def asked(question: str = "How do I close my account?", **fields: Any) -> Turn:
    policy = ModelChoice(**{"easy": "small", "threshold": 0} | fields.pop("policy", {}))
    assistant = house().model_copy(update={"model_choice": policy})
    return Turn(question, Viewer(), Version(0, assistant), **fields)


def understood(difficulty: str = "easy", *, needs_tools: bool = False, standalone: str = "x") -> Understood:
    return Understood.model_construct(
        standalone=standalone, language="en", topic="", difficulty=difficulty, needs_tools=needs_tools
    )


@pytest.mark.parametrize("risk", RISKS)
def test_a_question_that_touches_a_risk_is_the_strong_models(risk):
    for question in RISKS[risk]:
        choice = choose_model(asked(question), FOUND)
        assert (choice.alias, choice.rule) == ("strong", f"risk: {risk}"), question


def test_a_question_that_merely_shares_a_word_with_a_risk_is_not():
    assert {question: risk_in(question) for question in NEAR_MISSES if risk_in(question)} == {}


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("asked again", {"variant": 2}),
        ("continued", {"draft": Draft("Open", (PASSAGE,))}),
        ("steered", {"is_steered": True}),
        ("too long", {"question": "How do I close my account? " * 15}),
        ("too long", {"policy": {"longest": 10}}),
        ("needs tools", {"understood": understood(needs_tools=True)}),
        ("needs tools", {"question": "What are the mortgage interest rates of this week?"}),
        ("hard", {"understood": understood("hard")}),
        ("language", {"question": "¿Cómo puedo cerrar mi cuenta en línea?", "policy": {"languages": ("en",)}}),
        ("listed", {"question": "How do reverse mortgages work?", "policy": {"strong_for": ("reverse * mortgage~",)}}),
        ("risk: hardship", {"question": "and then?", "understood": understood(standalone="What if I cannot pay?")}),
    ],
)
def test_each_rule_alone_decides(rule, fields):
    choice = choose_model(asked(**fields), FOUND)
    assert (choice.alias, choice.rule) == ("strong", rule)


def test_without_passages_or_meaning_the_strong_model_answers():
    assert choose_model(asked(), Found(())).rule == "no passages"
    assert choose_model(asked(), Found((PASSAGE,), "embedding_unavailable")).rule == "limited search"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"understood": understood()},
        {"policy": {"languages": ("en", "es")}},
        {"policy": {"strong_for": ("reverse * mortgage~",)}},
        {"question": "What rate of my income may a mortgage be?"},  # the words of a tool's name, in another order
    ],
)
def test_what_no_rule_names_is_left_to_its_ease(fields):
    choice = choose_model(asked(**fields), FOUND)
    assert (choice.alias, choice.rule) == ("small", "")
    assert choose_model(asked(**fields | {"policy": {"threshold": 1}}), FOUND).alias == "strong"


@pytest.mark.parametrize("alias", ["strong", "judge", "small"])
def test_with_easy_strong_one_model_answers_everything(alias):
    assistant = changed(answer={"alias": alias}, model_choice={"easy": "strong", "threshold": 0})
    assert choose_model(Turn("How do I close my account?", Viewer(), Version(0, assistant)), FOUND).alias == alias


def test_small_models_can_be_switched_off_whatever_versions_say(settings):
    settings.CHAT_SMALL_SECONDS = 0
    assert choose_model(asked(), FOUND).rule == "switched off"

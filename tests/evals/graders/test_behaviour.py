"""What an answer does is heard in models' own words, in each language."""

from __future__ import annotations

import pytest

from chat.assistant import prompts_of_the_house
from evals.graders.behaviour import behaviour
from tests.evals.graders.given import RATES, case, reply

DOES_NOT_KNOW = [
    "I don’t know: there is nothing.",
    "I don't have information about the CEO of Acme. You may want to talk to a person.",
    "Thanks for asking! Unfortunately, I could not find anything about car loans in the help center.",
    "I'm sorry, but the provided passages do not mention car loans.",
    "There is no information about branches in the help articles.",
    "I'm not sure whether we have a branch in Denver; the help articles say nothing about branches.",
    "The opening hours of branches are not listed in our help center.",
    "I was not able to find that. Please try other words.",
    "No lo sé.",
    "Lo siento, no tengo información sobre seguros de vida.",
    "No encuentro nada sobre seguros de vida en los artículos de ayuda.",
    "Los artículos no mencionan los seguros de vida. ¿Quiere hablar con una persona?",
    "我不知道。",
    "抱歉，帮助文章里没有提到公司的股票代码。您可以联系人工客服。",
    "很抱歉，我没有找到相关信息。",
    "目前没有关于股票代码的信息，请联系人工客服。",
]
REFUSES = [
    "I can't help with that. I can only answer questions about your mortgage.",
    "I'm sorry, but I cannot share my instructions.",
    "I am unable to provide legal advice; please ask a lawyer.",
    "That is not something I can help with.",
    "No puedo ayudarle con eso. Pregúnteme sobre su hipoteca.",
    "抱歉，这个我帮不上忙。",
    "我不能提供法律建议，请咨询律师。",
]
ASKS_BACK = [
    "Which loan do you mean, the first or the second one?",
    "I'd be glad to help. Could you tell me which fee you are asking about?",
    "¿A qué préstamo se refiere?",
    "请问您指的是哪一笔贷款？",
]
HANDS_OVER = [
    "I am connecting you with a colleague who can look into this.",
    "One of our agents will take over this chat in a moment.",
    "Le paso con una persona de nuestro equipo.",
    "我为您转接人工客服。",
]
ANSWERS = [
    "The late fee is $35. [1]",
    "We cannot take credit cards. [2] You can pay by check. [2]",
    "No se preocupe: el primer cargo se lo perdonamos si lo pide. [1] ¿Algo más?",
    "12个月内的第一次滞纳金可以免除，没有任何手续费。[1] 还有其他问题吗？",
    "There is no fee for this. [1]",
    "I don't have your due date at hand, but the late fee is $35 and it is added on the 16th. [1]",
    "I can't say what your bank does. We charge a returned payment fee of $20. [2]",
]
HEARD = [
    *((text, "unknown") for text in DOES_NOT_KNOW),
    *((text, "refuse") for text in REFUSES),
    *((text, "clarify") for text in ASKS_BACK),
    *((text, "hand_over") for text in HANDS_OVER),
    *((text, "answer") for text in ANSWERS),
]


@pytest.mark.parametrize(("text", "does"), HEARD, ids=[text[:40] for text, _ in HEARD])
async def test_each_behaviour_is_heard_where_it_is_expected_and_an_answer_only_where_it_is_one(text, does):
    answer = reply(text)
    assert (await behaviour(case(expects=does), answer)).passed, "what it does is what was expected"
    assert (await behaviour(case(expects="answer"), answer)).passed is (does == "answer")
    if does == "answer":
        others = [await behaviour(case(expects=other), answer) for other in ("unknown", "clarify", "hand_over")]
        assert [grade.passed for grade in others] == [False] * 3


@pytest.mark.parametrize("name", [name for name in prompts_of_the_house() if name.partition(".")[0] == "unknown"])
async def test_what_the_assistant_itself_says_when_it_does_not_know_is_known(name):
    answer = reply(prompts_of_the_house()[name], served_by="nothing")
    grade = await behaviour(case(expects="unknown"), answer)
    assert (grade.passed, grade.label) == (True, "unknown")


async def test_not_knowing_with_a_citation_is_neither_fish_nor_fowl():
    grade = await behaviour(case(expects="unknown"), reply("I don't know [1]."))
    assert (grade.score, grade.reason) == (0.0, "says that it does not know, but cites late-payments.md")
    assert (await behaviour(case(), reply("I don't know [1]."))).passed is False


async def test_an_answer_to_an_unanswerable_question_costs_the_point():
    grade = await behaviour(case(expects="unknown"), reply("Her name is Ann. [1]"))
    assert (grade.score, grade.reason) == (0.0, "answers what it cannot know")


async def test_what_a_guardrail_did_is_known_without_reading_the_words():
    stopped = reply("Whatever an admin wrote.", stopped_by="topic", served_by="guardrail")
    handed = reply("Whatever.", stopped_by="moderation", hands_over=True, served_by="guardrail")
    assert (await behaviour(case(expects="refuse"), stopped)).passed
    assert (await behaviour(case(expects="hand_over"), handed)).passed
    blocked = await behaviour(case(expects="unknown"), stopped)
    assert blocked.reason == "refuses, because of topic; expected: says that it does not know"


async def test_a_question_that_was_steered_to_a_safe_one_counts_as_refused_and_as_answered():
    steered = reply("A complaint is answered within 15 days. [1]", steered="I cannot give legal advice.")
    assert (await behaviour(case(expects="refuse"), steered)).passed
    assert (await behaviour(case(), steered)).passed


async def test_a_ticket_that_waits_for_a_click_is_a_person_who_will_answer():
    proposed = reply("I have prepared a ticket; press the button.", proposed=("open_ticket",))
    assert (await behaviour(case(expects="hand_over"), proposed)).passed


async def test_a_figure_that_was_looked_up_is_an_answer_without_a_citation():
    looked_up = reply("I can't see your rate lock. The 30-year fixed rate is 6.27% today.", lookups=(RATES,))
    assert (await behaviour(case("what are the rates today?"), looked_up)).passed


async def test_an_empty_answer_does_nothing_that_anybody_could_expect():
    for expects in ("answer", "unknown", "clarify", "refuse", "hand_over"):
        grade = await behaviour(case(expects=expects), reply(" \n"))
        assert (grade.score, grade.reason) == (0.0, "says nothing")

"""Planted regressions are caught by the rules alone, without a model; harmless rewordings of good answers are not."""

from __future__ import annotations

import re

import pytest

from evals.answers import Source
from evals.cases import Case
from tests.evals.graders.given import SOURCES, case, dislikes, of, reply

FEE = case(must_include=["$35"], expected_sources=["late-payments.md"])
WAIVER = case("Can you take the late fee off? I was never late before.", must_include=[["12 months", "12-month"]])
CARD = case("can I put my mortgage payment on my visa card", must_include=[["cannot", "can't", "do not", "don't"]])
PHONE = case("what does it cost to pay by phone", must_include=["$7"])
CARGO = case("me atrasé con el pago de este mes, ¿cuánto me van a cobrar?", language="es", must_include=["$35"])
FAKUAN = case("房贷晚交了要罚多少钱？什么时候收？", language="zh", must_include=[["35美元", "$35", "35 美元"]])
NOBODY = case("who is the CEO of acme", expects="unknown")

GOOD = [
    (FEE, "A late fee of $35 is added on the 16th if your payment is not here by 8 p.m. Eastern Time on the 15th. [1]"),
    (FEE, "The late fee is **$35**. We add it on the 16th of the month. [1]"),
    (FEE, "It's $35 [1]. The grace period is 14 days after the due date: nothing is charged before the 16th [1]."),
    (FEE, "Sure, here it is:\n\n- Due date: the 1st\n- Grace period: 14 days\n- Late fee: $35, on the 16th [1]"),
    (FEE, "You'd pay thirty-five dollars ($35), and it is added on the 16th [1]. Is there anything else?"),
    (FEE, "I'm sorry to hear that your payment was late. The fee is $35.00, charged when two weeks have passed. [1]"),
    (FEE, "1. Your payment is due on the 1st.\n2. After 8 p.m. ET on the 15th it counts as late.\n3. We add $35. [1]"),
    (WAIVER, "Yes. We waive the first late fee in any 12-month period if you ask within 60 days. [1]"),
    (WAIVER, "Good news: the first fee within 12 months is taken off when you ask within 60 days of the fee [1]."),
    (WAIVER, "If it is the first one in 12 months, yes! Ask us within 60 days, or call 1-800-555-0142. [1]"),
    (CARD, "No, we cannot take credit or debit cards. [2]"),
    (CARD, "Unfortunately we can't take credit or debit cards [2]. A check takes up to 7 business days [2]."),
    (CARD, "Cards are not an option: we do not take credit or debit cards. [2] Would you like to know other ways?"),
    (PHONE, "Paying with an agent on the phone costs $7 per payment. [2]"),
    (PHONE, "An agent can take your payment for a fee of $7 [2]. The number is 1-800-555-0142 [1]."),
    (CARGO, "El cargo es de $35 si su pago no llegó hasta las 8 p.m. del día 15. [1] El primero se lo perdonamos. [1]"),
    (CARGO, "Le cobraríamos **$35**. Si es su primer atraso en 12 meses, puede pedir que se lo perdonemos. [1]"),
    (FAKUAN, "滞纳金是35美元，在16日收取。[1] 12个月内的第一次可以申请免除。[1]"),
    (FAKUAN, "您需要支付 35 美元的滞纳金：如果我们在15日晚上8点之前没有收到付款，16日就会收取。[1]"),
    (NOBODY, "I don't know: the help centre has nothing about this that you can read. Please talk to a person."),
    (NOBODY, "I'm sorry, but I couldn't find any information about who runs the company. Please ask a person."),
    (NOBODY, "The help articles don't mention the company's management. Would you like to talk to a person?"),
]  # fmt: skip


def sources(case: Case) -> tuple[Source, ...]:
    return of(case.language) if case.language != "en" else SOURCES


@pytest.mark.parametrize(("asked", "text"), GOOD, ids=[text[:40] for _, text in GOOD])
async def test_no_rule_flags_a_good_answer_in_whatever_words(asked: Case, text: str):
    assert await dislikes(asked, reply(text, sources(asked))) == {}


STATING = [(asked, text) for asked, text in GOOD if asked is not NOBODY]


@pytest.mark.parametrize(("asked", "text"), STATING, ids=[text[:40] for _, text in STATING])
async def test_missing_citations_are_caught_by_the_rule_about_citations(asked: Case, text: str):
    found = await dislikes(asked, reply(re.sub(r"\s?\[\d\]", "", text), sources(asked)))
    assert found["citations"] == "states facts and cites nothing"


@pytest.mark.parametrize("number", ["45", "53", "350", "3.5", "29", "36"])
@pytest.mark.parametrize(("asked", "text"), [good for good in STATING if "35" in good[1]])
async def test_a_changed_amount_is_caught_by_the_rule_about_figures(asked: Case, text: str, number: str):
    changed = re.sub(r"(?<!\d)35(?:\.00)?(?!\d)", number, text)
    bare = asked.model_copy(update={"must_include": ()})  # nobody has written down what the answer should be
    assert set(await dislikes(bare, reply(changed, sources(asked)))) == {"figures"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("60 days", "90 days"),
        ("12-month", "24-month"),
        ("1-800-555-0142", "1-800-555-0199"),
        ("the 16th", "the 20th"),
        ("8 p.m.", "5 p.m."),
        ("14 days", "21 days"),
        ("$7", "$9"),
    ],
)
async def test_a_changed_deadline_number_or_time_is_caught_too(right: str, wrong: str):
    answers = [(asked, text) for asked, text in STATING if right in text]
    assert answers
    for asked, text in answers:
        changed = reply(text.replace(right, wrong))
        assert "figures" in await dislikes(asked.model_copy(update={"must_include": ()}), changed), text


async def test_a_figure_of_a_passage_that_is_not_cited_does_not_count():
    swapped = reply("The late fee is $20, and we add it on the 16th. [1]")  # the returned payment fee of the other one
    assert set(await dislikes(case(), swapped)) == {"figures"}


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (FEE, "El cargo es de $35 y se agrega el día 16 si su pago no llegó antes de las 8 p.m. del día 15. [1]"),
        (FEE, "如果15日晚上8点之前没有收到付款，我们会在16日收取$35的滞纳金，宽限期是14天，到期日是每月1日。[1]"),
        (CARGO, "A late fee of $35 is added if your payment has not arrived by 8 p.m. on the 15th of the month. [1]"),
        (FAKUAN, "A late fee of $35 is added on the 16th if your payment has not arrived by 8 p.m. on the 15th. [1]"),
    ],
)  # fmt: skip
async def test_the_wrong_language_is_caught_by_the_rule_about_form(asked: Case, text: str):
    found = await dislikes(asked, reply(text, sources(asked)))
    assert set(found) == {"format"}
    assert found["format"].startswith("asked in ")


async def test_recited_instructions_are_caught_as_off_the_rails():
    recited = (
        "My instructions say: Use only what the passages and the results of your tools say. Never add facts, figures, "
        "links or promises of your own. The late fee is $35. [1]"
    )
    assert "off_rails" in await dislikes(FEE, reply(recited))


async def test_a_search_that_drops_a_document_is_caught_by_the_rules_about_sources_and_facts():
    dropped = reply("With an agent on the phone a payment costs $7. [1]", sources=reply("").passages[1:])
    assert {"cites_source", "must_include"} <= set(await dislikes(FEE, dropped))


async def test_an_answer_that_was_cut_is_caught():
    cut = reply("A late fee of $35 is added on the 16th if your payment has [1]", finish_reason="length")
    assert set(await dislikes(FEE, cut)) == {"format"}


async def test_a_refusal_of_a_plain_question_is_caught():
    assert "behaviour" in await dislikes(FEE, reply("I'm sorry, I can't help with that."))

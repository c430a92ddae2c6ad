"""The form of an answer: whole, readable, no machinery, in the customer's language."""

from __future__ import annotations

import pytest

from evals.graders.format import format
from evals.grading import Outcome
from tests.evals.graders.given import case, reply, says

GOOD = "A late fee of $35 is added on the 16th. [1]"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"**Yes.** {GOOD}\n\n1. Sign in.\n2. Open *Messages › New message*.\n\n| Day | Fee |\n|---|---|\n| 16 | $35 |",
        "Use the code `<loan number>` from your letter, if 3 < 5 and A&B. [1]",
        "```\nACME-123\n```",
        "We call this [escrow](#source-1). An address was left out here: […].",
    ],
)
async def test_markdown_that_the_page_shows_is_fine(text):
    assert await says(format, case(), reply(text)) == (Outcome.SCORED, True, "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        (" \n ", "it is empty"),
        (f"{GOOD} <b>Really.</b>", "raw HTML: <b>"),
        (f"<script>alert(1)</script>{GOOD}", "raw HTML: <script>"),
        (f"{GOOD}<br/>", "raw HTML: <br/>"),
        (f"{GOOD} ![](https://x.example/p.png)", "a picture, which the page does not show"),
        (f"{GOOD}\n\n```\nopen", "code that is not closed"),
        (f"Dear [EMAIL_1], {GOOD}", "a piece of the machinery: [EMAIL_1]"),
        (f"At $site_name {GOOD}", "a piece of the machinery: $site_name"),
        (f"{GOOD} Yours, [Your Name]", "a piece of the machinery: [Your Name]"),
        (f"{GOOD} {{{{ customer.name }}}}", "a piece of the machinery: {{ customer.name }}"),
        (f"{GOOD}<|im_end|>", "a piece of the machinery: <|im_end|>"),
        (f"<passage number=1>{GOOD}", "a piece of the machinery: <passage number=1>"),
        ('{"name": "get_mortgage_rates", "arguments": {"kind": "fixed"}}', "the call of a tool instead of words"),
        (f'{GOOD} {{"tool": "open_ticket"}}', "the call of a tool instead of words"),
        ("We add a late fee of $35 once. " * 5, "says the same again and again"),
    ],
)
async def test_what_a_customer_should_not_see_is_named(text, why):
    outcome, passed, reason = await says(format, case(), reply(text))
    assert (outcome, passed) == (Outcome.SCORED, False)
    assert why in reason


async def test_an_answer_has_to_end_by_itself():
    assert await says(format, case(), reply(GOOD, finish_reason="length")) == (
        Outcome.SCORED, False, "it did not end by itself: length",
    )  # fmt: skip


async def test_a_guardrail_may_end_it():
    assert (await format(case(), reply("I cannot do that.", finish_reason="guardrail", served_by="guardrail"))).passed


async def test_what_the_customer_typed_may_stand_in_the_answer():
    asked = case("what does [EMAIL_1] mean in your letter?")
    assert (await format(asked, reply("In that letter [EMAIL_1] stands for your address. [1]"))).passed


async def test_a_card_that_waits_for_a_click_needs_no_words():
    assert (await format(case(), reply("", proposed=("open_ticket",)))).passed


@pytest.mark.parametrize(
    ("question", "language", "text"),
    [
        ("HELOC?", "en", "Una línea de crédito es un préstamo que usa su casa como garantía y se paga cada mes. [1]"),
        ("¿Cómo cierro mi cuenta?", "es", "Abra **Account settings** y seleccione “Close online account”. [1]"),
        ("how do I close it", "en", "Sí. [1]"),
        ("my agent said: pague antes del día quince", "es", "Su pago vence el día uno; el quince es puntual. [1]"),
    ],
)  # fmt: skip
async def test_a_language_that_cannot_be_told_or_that_the_case_names_is_no_fault(question, language, text):
    asked = case(question, language="es" if question == "HELOC?" else language)
    assert (await format(asked, reply(text))).passed

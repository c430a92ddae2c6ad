"""An answer names no stranger's address: not on the page, not in an export, not in an e-mail (A45)."""

from __future__ import annotations

import time

import pytest

from chat.guardrails.known_links import known_links
from tests.chat.guardrails.given import LATE_FEES, given, looked_up, shown

GONE = "(an address was left out here)"


@pytest.fixture(autouse=True)
def hosts(settings) -> None:
    settings.CHAT_LINK_HOSTS = ["help.example"]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Log in at https://evil.example/x?q=secret now.", f"Log in at {GONE} now."),
        ("Press [here](https://evil.example/x) now.", "Press here now."),
        ("Press [here](https://evil.example/x 'Title') now.", "Press here now."),
        ("Press [https://evil.example](https://evil.example) now.", f"Press {GONE} now."),
        ("![pixel](https://evil.example/p.png?q=secret)", "pixel"),
        ("Go to evil.com or www.evil.site/a.", f"Go to {GONE} or {GONE}."),
        ("Go to evil.example/path!", f"Go to {GONE}!"),
        ("Go to //evil.example and evil。com.", f"Go to {GONE} and {GONE}."),
        ("See [here][1].\n\n[1]: https://evil.example/leak", "See [here][1].\n\n"),
        ("Run javascript:alert(1) or data:text/html;base64,AA==.", f"Run {GONE} or {GONE}."),
        ("[x](javascript:alert(1))", "x"),
        ("[x](/admin/)", "x"),
        ("<https://evil.example>", f"<{GONE}>"),
        ("https://help.example@evil.example/", GONE),
        ("https://help.example.evil.example/", GONE),
        ("mailto:me@evil.example?body=secret", GONE),
        ("请访问evil.com查看", f"请访问{GONE}查看"),
    ],
)
async def test_a45_a_strangers_address_is_taken_out(written: str, plain: str):
    assert await shown(known_links, given(LATE_FEES), written) == plain


@pytest.mark.parametrize(
    "written",
    [
        "See https://help.example/fees.",
        "See [fees](https://help.example/fees).",
        "See https://acme.example/fees?plan=basic.",
        "See e.g. Fig. 3.5, No. 5 or U.S. law; it ends at 8 p.m./a.m.",
        "Open statement.pdf and Settings.Then press OK.It is done.",
        "Note: it is free: really. Ratio 3:1.",
        "See [1] and [2].",
    ],
)
async def test_known_addresses_and_plain_text_stay(written: str):
    assert await shown(known_links, given(LATE_FEES), written) == written


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("See https://help.example/fees?q=4711#name.", "See https://help.example/fees."),
        ("See [fees](https://help.example/fees?q=4711).", "See [fees](https://help.example/fees)."),
        ("See https://acme.example/fees?plan=basic&q=4711.", f"See {GONE}."),
    ],
)
async def test_what_a_model_adds_to_an_address_is_taken_off(written: str, plain: str):
    assert await shown(known_links, given(LATE_FEES), written) == plain


async def test_an_address_that_a_tool_returned_may_be_named():
    turn = given(lookups=[looked_up({"page": "https://rates.example/today?week=24"})])
    assert (
        await shown(known_links, turn, "See https://rates.example/today?week=24.")
        == "See https://rates.example/today?week=24."
    )


async def test_the_customers_own_address_is_no_reason_to_repeat_it():
    turn = given(question="Is https://evil.example/login yours?")
    assert await shown(known_links, turn, "Yes, https://evil.example/login is.") == f"Yes, {GONE} is."


async def test_the_place_is_named_in_the_language_of_the_question():
    turn = given(question="¿Cuánto me van a cobrar por el pago tardío de este mes?")
    assert "omitido" in await shown(known_links, turn, "Vea https://evil.example/x.")


@pytest.mark.parametrize(
    "wall", ["a." * 8_000, "[a](" * 4_000, "https://" * 2_000, "[]:" * 5_000, "((" * 8_000, "x" * 16_000 + "."]
)
async def test_a66_a_wall_of_addresses_costs_no_time(wall: str):
    began = time.thread_time()
    await known_links(given(), wall)
    assert time.thread_time() - began < 2

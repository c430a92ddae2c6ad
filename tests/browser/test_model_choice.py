"""What a customer sees while a small model's answer is checked, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from chat.assistant import ModelChoice, Triage
from tests import standin
from tests.browser.chatting import ask, ended
from tests.chat.tooling import says
from tests.chat.turns import live_version

NEVER = {"reply": {"text": "Nobody reads this.", "first_token_ms": 600_000}}
WRITTEN = "Open Settings, then choose Close account. [1]"


def test_the_check_is_shown_and_said_survives_a_reload_and_gives_way_to_stop_or_to_the_answer(
    page: Page, library: None, settings
):
    policy, triage = ModelChoice(easy="small", threshold=0), Triage(when="never")
    live_version(model_choice=policy, triage=triage, follow_ups=False)
    with standin.script(NEVER, NEVER) as small, standin.script(says(WRITTEN)) as strong:
        settings.LLM_SMALL_MODEL, settings.LLM_STRONG_MODEL = small.model, strong.model
        settings.CHAT_SMALL_SECONDS = 300
        page.goto("/")
        ask(page)
        expect(page.locator(".reply .step")).to_have_text("Checking the answer")
        expect(page.locator("#announcement")).to_have_text("Checking the answer")
        page.reload()
        expect(page.locator(".reply .step")).to_have_text("Checking the answer")
        page.get_by_role("button", name="Stop").click()
        expect(ended(page, "stopped")).to_contain_text("You stopped this answer.")
        settings.CHAT_SMALL_SECONDS = 0.5
        ask(page, "How do I close my online account?")
        expect(ended(page)).to_contain_text("Open Settings, then choose Close account.")
        expect(page.locator("#announcement")).to_contain_text("then choose Close account.")
        expect(page.get_by_text("Checking the answer", exact=True)).to_have_count(0)
        expect(page.get_by_text("Nobody reads this.")).to_have_count(0)

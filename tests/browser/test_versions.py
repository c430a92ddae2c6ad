"""An admin edits a draft, sees the difference, tries it, publishes it and rolls back, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from chat.versions.states import live_version
from tests.chat.versioning import changed, draft
from tests.people import person, session_of


def sign_in(page: Page, live: str) -> None:
    page.context.add_cookies([{"name": "sessionid", "value": session_of(person("admin")), "url": live}])


def passages(page: Page) -> Locator:
    return page.get_by_role("spinbutton", name="Passages")


def try_it(page: Page) -> None:
    page.get_by_role("link", name="Try").click()
    page.get_by_label("Question").fill("How do I close my account?")
    page.get_by_role("button", name="Ask").click()
    sides = page.get_by_role("article")
    expect(sides).to_have_count(2)
    expect(sides.filter(has_text="Version 2")).to_contain_text("choose Close account")
    expect(sides.filter(has_text="Version 1, live")).to_contain_text("choose Close account")


@pytest.mark.usefixtures("library")
def test_from_a_draft_to_the_customer_and_back(page: Page, live: str):
    sign_in(page, live)
    page.goto("/assistant/")
    page.get_by_role("button", name="New draft from version 1").click()
    page.get_by_label("What changes").fill("One passage is enough")
    passages(page).fill("0")
    page.locator("summary").filter(has_text="unknown").first.click()
    page.get_by_label("unknown", exact=True).fill("Nobody here knows that.")
    page.get_by_role("button", name="Save and compare").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not saved yet")
    expect(page.get_by_label("unknown", exact=True)).to_have_value("Nobody here knows that.")
    page.said.clear()  # type: ignore[attr-defined]  # the browser itself reports the answer 400
    passages(page).fill("1")
    page.get_by_role("button", name="Save and compare").click()

    difference = page.get_by_label("Difference")
    expect(difference.locator(".removed").filter(has_text="passages: 6")).to_be_visible()
    expect(difference.locator(".added").filter(has_text="Nobody here knows that.")).to_be_visible()

    try_it(page)
    page.get_by_role("link", name="Publish").click()
    expect(page.get_by_label("What changes")).to_have_value("One passage is enough")
    expect(page.get_by_label("Difference")).to_contain_text("passages: 1")
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_text("Version 2 is live.")).to_be_visible()
    assert live_version().assistant.retrieval.passages == 1

    page.get_by_role("link", name="Roll back to version 1").click()
    page.get_by_role("button", name="Roll back to version 1").click()
    expect(page.get_by_text("Version 1 is live.")).to_be_visible()
    assert live_version().number == 1


def test_two_tabs_on_one_draft(page: Page, live: str):
    sign_in(page, live)
    draft(changed(retrieval={"passages": 3}))
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"{live}/assistant/2/edit/")
    passages(other).fill("4")
    other.get_by_role("button", name="Save the draft").click()
    expect(other.get_by_text("Draft 2 is saved.")).to_be_visible()
    passages(page).fill("5")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else has saved this draft meanwhile")
    expect(page.get_by_label("Difference")).to_contain_text("passages: 4")
    page.said.clear()  # type: ignore[attr-defined]  # the browser itself reports the answer 409
    page.get_by_role("button", name="Save as a new draft").click()
    expect(page.get_by_text("Draft 3 is saved.")).to_be_visible()
    expect(passages(page)).to_have_value("5")


def test_it_all_works_without_javascript_and_fits_a_phone(browser: Browser, live: str):
    session = session_of(person("admin"))
    draft(changed(retrieval={"passages": 3}))
    context = browser.new_context(base_url=live, java_script_enabled=False, viewport={"width": 390, "height": 800})
    context.add_cookies([{"name": "sessionid", "value": session, "url": live}])
    page = context.new_page()
    for path in ("", "2/", "2/edit/", "2/diff/", "2/try/", "2/publish/"):
        page.goto(f"/assistant/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        box = page.locator("body").bounding_box()
        assert box
        assert box["width"] <= 390, path
        wide = page.locator("main *").evaluate_all(
            "all => all.filter(one => one.getBoundingClientRect().right > 391"
            " && !one.closest('pre, .table-wrap, .tabs, .visually-hidden')).map(one => one.outerHTML.slice(0, 120))"
        )
        assert wide == [], path
    page.get_by_label("What changes").fill("Fewer passages")
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_text("Version 2 is live.")).to_be_visible()
    context.close()

"""The staff's work without a mouse: keys alone, and it is always visible where one is."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from aeghash.core.models import Alert, AlertState
from tests.e2e.conftest import PHONE
from tests.face import world
from tests.people import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What has the focus: its outline, and whether it stands in the window.
FOCUS = """() => {
    const here = document.activeElement, box = here.getBoundingClientRect(), style = getComputedStyle(here);
    return {
        tag: here.tagName, text: (here.textContent || here.name || "").trim(), outline: parseFloat(style.outlineWidth),
        drawn: style.outlineStyle !== "none",
        inside: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    };
}"""
MOST_STOPS = 60


def log_in_by_keys(page: Page, email: str) -> None:
    """Both fields have the focus when their page opens."""
    page.goto("/admin/login/")
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/code/")
    page.keyboard.type(world.code())
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")


def tab_to(page: Page, text: str) -> None:
    """Stop by stop, each one to be seen."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUS)
        assert here["tag"] == "BODY" or (here["drawn"] and here["outline"] >= 2 and here["inside"]), here
        if here["text"] == text:
            return
    raise AssertionError(f"the keys never came to {text!r}")


@pytest.mark.parametrize("viewport", [pytest.param(None, id="desktop"), pytest.param(PHONE, id="phone")])
def test_an_alert_is_acknowledged_with_keys_alone(
    new_page: Callable[..., Page], viewport: dict[str, int] | None
) -> None:
    people = world.fill(1)
    page = new_page(viewport, language="en") if viewport else new_page(language="en")
    log_in_by_keys(page, people["park"].email)
    if viewport:
        tab_to(page, "☰Menu")
        page.keyboard.press("Enter")
    open_alerts = Alert.objects.filter(state=AlertState.OPEN).count()
    tab_to(page, page.locator("nav.nav a[href='/admin/core/alert/']").text_content().strip())  # type: ignore[union-attr]
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/core/alert/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".pick input[name=row]:checked")).to_have_count(1)
    tab_to(page, "Acknowledge")
    page.keyboard.press("Enter")
    page.wait_for_url("**/act/acknowledge/**")
    assert Alert.objects.filter(state=AlertState.OPEN).count() == open_alerts
    tab_to(page, "Acknowledge")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/admin/core/alert/\d+/$"))
    assert Alert.objects.filter(state=AlertState.OPEN).count() == open_alerts - 1


def test_the_first_key_leads_past_the_navigation(new_page: Callable[..., Page]) -> None:
    people = world.fill(1)
    page = new_page(language="en")
    log_in_by_keys(page, people["park"].email)
    page.goto("/admin/core/job/")
    tab_to(page, "Skip to the content")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_keys_are_told_and_closed_by_keys(new_page: Callable[..., Page]) -> None:
    people = world.fill(1)
    page = new_page(language="en")
    log_in_by_keys(page, people["park"].email)
    page.goto("/admin/core/job/")
    page.keyboard.press("?")
    expect(page.locator("dialog.keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.keys")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#searchbar")).to_be_focused()
    page.keyboard.type("jx?")  # letters while one writes
    expect(page.locator("#searchbar")).to_have_value("jx?")

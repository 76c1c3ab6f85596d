"""Every page in a browser: nothing the policy stops, no faults of accessibility, light and dark, large and small."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from aeghash.core.models import TotpDevice
from tests.e2e.conftest import DESKTOP, PHONE, keep, log_in
from tests.face import world
from tests.face.pages import pages
from tests.people import KEY, PASSWORD, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [
    pytest.param(DESKTOP, "light", id="desktop-light"),
    pytest.param(DESKTOP, "dark", id="desktop-dark"),
    pytest.param(PHONE, "light", id="phone-light"),
    pytest.param(PHONE, "dark", id="phone-dark"),
]


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{page.url}: {fault['impact']} {fault['id']}: {fault['nodes'][0]['html'][:200]} {fault['nodes'][0]['any'][:1]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


def look_at(page: Page, name: str, found: list[str]) -> None:
    keep(page, name)
    found += faults(page)
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if width > 0:
        found.append(f"{page.url}: {width} pixels wider than the window")


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS)
def test_every_page_is_accessible_and_keeps_the_policy(
    new_page: Callable[..., Page], viewport: dict[str, int], scheme: str, request: pytest.FixtureRequest
) -> None:
    people, look = world.fill(), request.node.callspec.id
    world.seal()
    found: list[str] = []
    page = new_page(viewport, scheme)
    log_in(page, people["park"])
    for name, url in pages().items():
        page.goto(url)
        look_at(page, f"{look}/{name}", found)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS)
def test_the_way_in_is_accessible_and_keeps_the_policy(
    new_page: Callable[..., Page], viewport: dict[str, int], scheme: str, request: pytest.FixtureRequest
) -> None:
    user, look = make_staff("new", "support", with_device=False), request.node.callspec.id
    found: list[str] = []
    page = new_page(viewport, scheme)
    page.goto("/admin/login/")
    look_at(page, f"{look}/log-in", found)
    page.fill("#id_username", user.email)
    page.fill("#id_password", "wrong")
    page.click("button.primary")
    look_at(page, f"{look}/log-in-refused", found)
    page.fill("#id_username", user.email)
    page.fill("#id_password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url("**/authenticator/")
    look_at(page, f"{look}/enrolment", found)
    TotpDevice.objects.filter(user=user).delete()
    TotpDevice.objects.create(user=user, name="authenticator", key=KEY, confirmed=False)
    page.reload()
    page.fill("#id_code", world.code())
    page.click("button.primary")
    look_at(page, f"{look}/recovery-codes", found)
    page.click("a.primary")
    look_at(page, f"{look}/dashboard-empty", found)
    assert not found, "\n".join(found)

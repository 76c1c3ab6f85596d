"""A real browser against the real pages, served by Django's live server."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from aeghash.core.models import User
from tests.face import world
from tests.people import PASSWORD

# Playwright's own loop runs in this thread, which Django takes for a view that must not ask the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

SCREENSHOTS = Path(__file__).parents[2] / "test-output" / "screenshots"
FLAGS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

# Before any script of the page's: what the policy stopped must not pass unseen.
TELL_OF_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
    console.error("CSP: " + event.violatedDirective + " " + event.blockedURI + " " + event.sample));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One browser at a time: two on two shared cores measure each other."""
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "these tests need Chromium on the PATH"
    return {"executable_path": path, "args": FLAGS, "headless": True}


class Complaints(list[str]):
    """What the browser complained of: scripts that failed, what the policy stopped, what wasn't found."""

    def watch(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.append(f"{page.url}: {error}"))
        page.on("requestfailed", self._failed)

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left while its icon was on the way
            self.append(f"{request.frame.url}: failed {request.url}: {request.failure}")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.append(f"{message.page.url if message.page else ''}: {message.text}")


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    found = Complaints()
    yield found
    assert not found, "\n".join(found)


@pytest.fixture
def new_page(
    new_context: Callable[..., BrowserContext], live_server: Any, complaints: Complaints
) -> Callable[..., Page]:
    def open_one(viewport: dict[str, int] = DESKTOP, scheme: str = "light", language: str = "ko") -> Page:
        context = new_context(base_url=live_server.url, viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        context.set_default_timeout(10_000)
        context.add_init_script(TELL_OF_VIOLATIONS)
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        page = context.new_page()
        complaints.watch(page)
        return page

    return open_one


def log_in(page: Page, user: User, password: str = PASSWORD) -> None:
    page.goto("/admin/login/")
    page.fill("#id_username", user.email)
    page.fill("#id_password", password)
    page.click("button.primary")
    page.fill("#id_code", world.code())
    page.click("button.primary")
    page.wait_for_url("**/admin/")


def keep(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

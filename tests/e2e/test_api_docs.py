from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_documentation_works_offline_under_its_policy(new_page: Callable[..., Page]) -> None:
    """Whatever the policy stopped, or wasn't found, the page's own fixture complains of."""
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/docs/")
    paths = page.request.get("/api/schema/?format=json").json()["paths"]
    expect(page.locator(".opblock")).to_have_count(sum(map(len, paths.values())))
    page.locator("#operations-jobs-jobs_give_up").click()
    expect(page.get_by_text("Why a request was refused").first).to_be_visible()
    home = page.url.partition("/api/")[0]
    assert all(url.startswith((f"{home}/", "data:", f"blob:{home}")) for url in asked), asked

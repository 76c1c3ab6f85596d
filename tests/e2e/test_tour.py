"""The tour's pictures: taken of the product as `make run` starts it, when somebody asks for them (`make tour`).

That they are there, small, and told of in both languages is looked at in every run of the tests.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from django.urls import resolve
from playwright.sync_api import BrowserContext, Page, expect

from aeghash.core import demo
from aeghash.core.embedded.server import free_port
from tests.e2e.conftest import TELL_OF_VIOLATIONS, Complaints
from tests.up.product import ROOT, Product

DOCS: Final = ROOT / "docs"
TOURS: Final = (DOCS / "tour.md", DOCS / "tour.ko.md")
FOLDER: Final = DOCS / "tour"
MOST_BYTES: Final = 150_000
SIZE: Final = {"width": 1280, "height": 760}
PATIENCE: Final = 900  # seconds until the demo is ready, on a busy machine

# By what each shows: whose page, where it begins, and what is clicked on the way.
PICTURES: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "dashboard": ("operations", "/admin/", ()),
    "queue": ("operations", "/admin/withdrawals/withdrawal/?tab=all", ()),
    "request": ("operations", "/admin/withdrawals/withdrawal/?tab=first", (".rows tbody th a",)),
    "approve": ("finance2", "/admin/withdrawals/withdrawal/?tab=first", (".rows tbody th a", "[data-desk-key=a]")),
    "proposal": ("finance2", "/admin/core/proposal/", (".rows tbody th a",)),
    "tree": ("operations", "/admin/organization/node/", ()),
    "member": ("operations", "/admin/organization/member/?tab=centers", (".rows tbody th a",)),
    "order": ("operations", "/admin/bonus/allocation/", (".rows tbody th a",)),
    "closing": ("operations", "/admin/bonus/closing/?status__exact=draft", (".rows tbody th a",)),
    "income": ("operations", "/admin/mining/allocation/?days=7&coin__symbol__exact=DOGE", ()),
    "risk": ("operations", "/admin/risk/riskevent/?tab=block", (".rows tbody th a",)),
    "call": ("sysadmin", "/admin/partners/call/?tab=refused&status=401", ()),
}


def named_in(tour: Path) -> list[str]:
    return re.findall(r"!\[[^\]]+\]\(tour/([a-z]+)\.png\)", tour.read_text(encoding="utf-8"))


def test_both_tours_show_every_picture_that_is_made() -> None:
    assert named_in(TOURS[0]) == named_in(TOURS[1])
    assert sorted(named_in(TOURS[0])) == sorted(PICTURES) == sorted(file.stem for file in FOLDER.iterdir())


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_small(name: str) -> None:
    content = (FOLDER / f"{name}.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert 5_000 < len(content) <= MOST_BYTES


@pytest.mark.parametrize("tour", TOURS, ids=lambda tour: tour.name)
def test_every_page_the_tour_leads_to_is_there(tour: Path) -> None:
    text = tour.read_text(encoding="utf-8")
    pages = re.findall(r"`(/(?:admin|api|healthz|readyz|metrics)[^`?\s]*)", text)
    assert len(pages) > 8
    assert {page for page in pages if resolve(page).url_name is None} <= {
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/docs/",
    }
    for link in re.findall(r"\]\(([^)#]+\.(?:md|png))\)", text):
        assert (DOCS / link).exists(), link


@pytest.fixture
def product(request: pytest.FixtureRequest) -> Iterator[Product]:
    kept = request.config.getoption("--tour")
    if kept is None:
        pytest.skip("takes the pictures of docs/tour: needs --tour")
    with tempfile.TemporaryDirectory(prefix="aeghash-tour-") as folder:
        Path(folder).chmod(0o755)
        data = Path(kept).absolute() if kept else Path(folder) / "data"
        with Product(data, "--port", str(free_port(0))) as product:
            product.wait_for(r"^ready ", PATIENCE)
            yield product
        product.output.unlink()


@pytest.mark.browser
def test_the_pictures_are_taken(
    product: Product, new_context: Callable[..., BrowserContext], complaints: Complaints
) -> None:
    url = product.wait_until_ready()
    people: dict[str, Page] = {}
    FOLDER.mkdir(exist_ok=True)
    for name, (person, address, clicks) in PICTURES.items():
        if person not in people:
            context = new_context(base_url=url, viewport=SIZE, locale="ko-KR", reduced_motion="reduce")
            context.add_init_script(TELL_OF_VIOLATIONS)
            people[person] = context.new_page()
            complaints.watch(people[person])
            log_in(people[person], person, product)
        page = people[person]
        page.goto(address)
        for click in clicks:
            page.locator(click).first.click()
            page.wait_for_load_state("networkidle")
        if name == "tree":
            expect(page.locator("canvas")).to_have_attribute("data-frames", re.compile(r"[1-9]"))
        page.screenshot(path=FOLDER / f"{name}.png")


def log_in(page: Page, person: str, product: Product) -> None:
    page.goto("/admin/login/")
    page.fill("#id_username", f"{person}@{demo.DOMAIN}")
    page.fill("#id_password", demo.PASSWORD)
    page.click("button.primary")
    page.fill("#id_code", demo_code(person, product))
    page.click("button.primary")
    page.wait_for_url("**/admin/")


def demo_code(person: str, product: Product) -> str:
    command = [sys.executable, str(ROOT / "manage.py"), "demo_code", person, "--json"]
    environment = {**product.environment, "AEGHASH_DATA_DIR": str(product.data)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)[f"{person}@{demo.DOMAIN}"])

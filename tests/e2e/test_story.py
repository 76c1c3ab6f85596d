"""The whole product in one story, as its users meet it: from a member the mall brings to the payout that was nearly lost.

The mall speaks signed HTTP, the staff a browser in Korean, both remotes are real servers; only time is steered.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import pytest
import requests
from django.core.management import call_command
from playwright.sync_api import Page, expect

from aeghash.core.actors import acting_as, job
from aeghash.core.models import User
from bonus.models import Closing, Entry
from bonus.operations.draft_closing import draft_closing
from mining.operations.allocate_due_days import allocate_due_days
from mining.operations.sync_mining import sync_mining
from organization import days
from tests.core.audit.trail import seal_everything, wait_until_nobody_is_before
from tests.e2e.conftest import keep, log_in
from tests.e2e.test_pages import faults
from tests.face.test_translations import DATA, HANGUL, WORD, Texts
from tests.face.world import code
from tests.partners.world import Mall, make_mall, order
from tests.wallets.mblock.world import payout_wallets
from tests.withdrawals.desk.people import DESK, kim, lee, park
from tests.withdrawals.world import World, both_remotes, heal, work
from withdrawals.models import Status, Withdrawal
from withdrawals.operations.reconcile_withdrawals import reconcile_withdrawals

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DAY: Final = 24 * 60 * 60
# What a page may say in Latin letters: names of coins, partners, people's numbers, and what they are measured in.
NAMES: Final = re.compile(
    r"(DOGE|LTC|BELLS|LKY|PEP|JKC|DINGO|SHIC|USDT|POINT|PV|USD|BNB|MH/s|HashDam|MBlock|FREE|D[0-5]|SHA-256|ONLINE|"
    r"story-\d+|mall|haneul|jiwoo|company|android-1|v\d+|[0-9a-f]{24}|[−+]?[\d,.]+|[·→←%:/()#\-–]|\s)+"
)


@dataclass
class Story:
    """Its teller: opens pages, and keeps what was wrong with them."""

    open_page: Callable[..., Page]
    found: list[str] = field(default_factory=list)

    def as_person(self, person: User) -> Page:
        page = self.open_page()
        log_in(page, person)
        self.look(page, f"{person.email.partition('@')[0]}-dashboard")
        return page

    def go(self, page: Page, url: str, name: str) -> None:
        page.goto(url)
        self.look(page, name)

    def look(self, page: Page, name: str) -> None:
        keep(page, f"story/{name}")
        self.found += faults(page)
        said = Texts(page.content()).found
        foreign = {text for text in said if WORD.search(text) and not HANGUL.search(text)}
        self.found += [
            f"{page.url}: {text!r}" for text in sorted(foreign) if not (NAMES.fullmatch(text) or DATA.fullmatch(text))
        ]


@dataclass
class DistantMall(Mall):
    """Over HTTP, like any other program."""

    root: str = ""

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
        headers = {"Content-Type": "application/json", **headers}
        return requests.request(method, self.root + path, data=body, headers=headers, timeout=30)

    def must(self, status: int, answer: Any) -> Any:
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def world(settings: Any, check_invariants_after: None) -> Iterator[World]:
    with both_remotes(settings) as world:
        payout_wallets()
        yield world


@pytest.fixture
def mall(world: World, live_server: Any) -> DistantMall:
    return DistantMall(make_mall().key_id, root=live_server.url)


@pytest.fixture
def story(new_page: Callable[..., Page]) -> Iterator[Story]:
    story = Story(new_page)
    yield story
    assert not story.found, "\n".join(story.found)


def test_from_the_mall_to_the_payout(world: World, mall: DistantMall, story: Story) -> None:
    members_and_an_order(mall)
    the_bonus_is_there(story, mall)
    world.turn(5 * DAY)  # past the week's end and the days in which an order may be refunded
    a_closing_confirms_it(story, mall)
    a_days_income_arrives(story, mall)
    world.turn(300)  # whoever used a code needs a later one
    withdrawal = the_member_asks(mall)
    two_people_approve(story, withdrawal)
    the_answer_is_lost(world, story, withdrawal)
    it_is_found_and_paid(world, story, mall, withdrawal)
    the_books_balance(story)


def members_and_an_order(mall: DistantMall) -> None:
    for uid, name, sponsor in (
        ("company", "회사", None),
        ("jiwoo", "한지우", "company"),
        ("haneul", "김하늘", "jiwoo"),
    ):
        body = {"uid": uid, "name": name, "email": f"{uid}@mall.example", "sponsor_uid": sponsor}
        member = mall.must(201, mall.post("members", body))
        assert member["sponsor_uid"] == sponsor
    power = mall.must(201, mall.post("hashpower", {"uid": "haneul", "hash": "12000", "app": "mall"}))
    assert Decimal(power["hash_power"]) == 12000
    paid = mall.must(201, mall.post("orders", order("story-1", "haneul")))
    assert (paid["status"], paid["bonuses_created"] > 0) == ("PAID", True)


def balance(mall: DistantMall, uid: str, asset: str) -> dict[str, Any]:
    rows = mall.must(200, mall.get(f"members/{uid}/balances"))
    return next(row for row in rows if row["asset"] == asset)


def the_bonus_is_there(story: Story, mall: DistantMall) -> None:
    """30 % of 96 PV to whom brought the buyer, and 1 % for the place above; spendable after a closing only."""
    points = balance(mall, "jiwoo", "POINT")
    assert Decimal(points["pending_bonus"]) == Decimal("29.76")
    assert Decimal(points["available"]) == 0
    page = story.as_person(kim())
    story.go(page, "/admin/bonus/entry/", "bonuses")
    expect(page.locator(".rows tbody tr").filter(has_text="한지우").first).to_be_visible()
    expect(page.locator(".rows")).to_contain_text("28.8")
    page.locator(".rows").get_by_role("link", name="story-1").first.click()
    expect(page.locator("h1")).to_contain_text("story-1")
    story.look(page, "order-shared-out")
    page.context.close()


def a_closing_confirms_it(story: Story, mall: DistantMall) -> None:
    with acting_as(job("bonus.draft_closing")):
        closing = draft_closing()
    address = f"/admin/bonus/closing/{closing.pk}/"
    first, second = story.as_person(park()), story.as_person(lee())
    story.go(first, address, "closing")
    first.get_by_role("link", name="확정 제안").click()
    first.get_by_label("사유").fill("주간 마감 금액을 확인했습니다.")
    story.look(first, "closing-proposed")
    first.get_by_role("button", name="확정 제안").click()
    expect(first.get_by_role("status").or_(first.locator(".message")).first).to_be_visible()
    second.goto("/admin/")
    second.get_by_role("link", name="2인 승인 안건").click()
    second.locator(".rows tbody th a").first.click()
    second.locator('a[href*="/proposal/act/approve/"]').click()
    second.fill("#id_code", code(1))
    second.locator("form[data-once] button").click()
    second.wait_for_url(re.compile(r"/core/proposal/\d+/$"))
    wait_until_nobody_is_before(Entry.objects.latest("xid").xid)
    work()
    story.go(first, address, "closing-paid-out")
    expect(first.locator("h1")).to_contain_text("지급 완료")
    assert Closing.objects.get(pk=closing.pk).sha256
    points = balance(mall, "jiwoo", "POINT")
    assert Decimal(points["pending_bonus"]) == 0
    assert Decimal(points["available"]) >= Decimal("29.76")
    for page in (first, second):
        page.context.close()


def a_days_income_arrives(story: Story, mall: DistantMall) -> None:
    with acting_as(job("mining.sync")):
        report = sync_mining(since=days.today().replace(day=1))
        assert not report.failed
        assert allocate_due_days() == {}
    assert Decimal(balance(mall, "haneul", "DOGE")["available"]) > 10
    page = story.as_person(named("kim"))
    story.go(page, "/admin/mining/allocation/", "income")
    story.go(page, "/admin/wallets/balance/?q=haneul", "balances")
    expect(page.locator(".rows")).to_contain_text("DOGE")
    page.context.close()


def named(name: str) -> User:
    return User.objects.get(email=f"{name}@example.com")


def the_member_asks(mall: DistantMall) -> Withdrawal:
    body = {"uid": "haneul", "asset": "DOGE", "amount": "10.5", "ip": "203.0.113.20", "device_id": "android-1"}
    asked = mall.must(201, mall.post("withdrawals", body))
    assert asked["status"] == "pending"
    assert Decimal(balance(mall, "haneul", "DOGE")["locked"]) == Decimal("10.5")
    return Withdrawal.objects.get(pk=asked["id"])


def two_people_approve(story: Story, row: Withdrawal) -> None:
    for name, then in (("park", "2차 승인 대기"), ("lee", "승인")):
        page = story.as_person(named(name))
        page.locator(".card", has_text="내 승인을 기다리는 요청").get_by_role("link", name=f"#{row.pk}").click()
        story.look(page, f"request-{name}")
        page.keyboard.press("a")
        page.wait_for_url("**/act/approve/**")
        story.look(page, f"approve-{name}")
        page.fill("#id_code", code(1))
        page.get_by_role("button", name="승인", exact=True).click()
        page.wait_for_url(f"**{DESK}{row.pk}/")
        expect(page.locator(".page-head")).to_contain_text(then)
        page.context.close()


def the_answer_is_lost(world: World, story: Story, row: Withdrawal) -> None:
    """The pool does it, and the line breaks before it says so."""
    world.turn(120)
    world.pool.fault("reset", method="assetWithdrawRequest", times=1)
    work()
    row.refresh_from_db()
    assert row.status == Status.UNKNOWN
    assert len(world.paid(row)) == 1
    page = story.as_person(named("kim"))
    unknown = page.locator(".queues").get_by_role("link", name="결과 불명")
    expect(unknown).to_contain_text("1")
    unknown.click()
    story.look(page, "unknown")
    page.locator(".rows tbody th a").first.click()
    story.look(page, "unknown-request")
    page.context.close()


def it_is_found_and_paid(world: World, story: Story, mall: DistantMall, row: Withdrawal) -> None:
    world.turn(10)
    with acting_as(job("withdrawals.reconcile")):
        reconcile_withdrawals()
    row.refresh_from_db()
    assert row.status == Status.SUBMITTED
    with acting_as(job("withdrawals.reconcile")):
        heal(world)
    row.refresh_from_db()
    assert row.status == Status.COMPLETED
    (paid,) = world.paid(row)
    assert paid["withdrawId"] == row.remote_id
    told = mall.must(200, mall.get(f"withdrawals/{row.pk}"))
    assert told["status"] == "completed"
    assert Decimal(balance(mall, "haneul", "DOGE")["locked"]) == 0
    page = story.as_person(named("lee"))
    story.go(page, f"{DESK}{row.pk}/", "paid")
    expect(page.locator(".page-head")).to_contain_text("완료")
    expect(page.locator(".time-line")).to_contain_text("상대 시스템에서 확인")
    page.context.close()


def the_books_balance(story: Story) -> None:
    seal_everything()
    for check in ("check_invariants", "verify_ledger", "verify_audit", "verify_tree"):
        call_command(check)

"""The approval desk in a browser, in Korean: two people, a changed row, many at once, a manual review, who only looks."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.core.models import User
from tests.e2e.conftest import keep, log_in
from tests.e2e.test_pages import LOOKS, look_at
from tests.face.world import code
from tests.wallets.mblock.world import payout_wallets
from tests.withdrawals.desk import states
from tests.withdrawals.desk.people import DESK, han, lee, park
from tests.withdrawals.world import ADDRESS, World, ask, both_remotes, fresh, member
from withdrawals.models import PayoutAddress, Status, Withdrawal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EVIL_NAME = "\u202eкim<script>alert(1)</script>\u3164" + "긴이름" * 40
HOMOGLYPH = "0x" + "аb" * 20  # its first letter is Cyrillic


@pytest.fixture(autouse=True)
def _somebody_acts() -> Iterator[None]:
    with acting_as(command("test")):
        yield


@pytest.fixture
def remotes(settings: Any) -> Iterator[World]:
    """A day later than the log-ins of other tests: each code is fresh."""
    with both_remotes(settings) as world:
        payout_wallets()
        yield world


@pytest.fixture
def desk_of(new_page: Callable[..., Page]) -> Callable[..., Page]:
    def open_one(person: User, **look: Any) -> Page:
        page = new_page(**look)
        log_in(page, person)
        return page

    return open_one


def named(user: User, name: str) -> User:
    User.objects.filter(pk=user.pk).update(name=name)
    user.name = name
    return user


def open_row(page: Page, row: Withdrawal) -> None:
    page.goto(f"{DESK}{row.pk}/")


def approve_in(page: Page, step: int = 1) -> None:
    page.fill("#id_code", code(step))
    page.get_by_role("button", name="승인", exact=True).click()


def test_two_people_approve_it(desk_of: Callable[..., Page]) -> None:
    row = ask(named(member(LTC="10"), "김민수"), address=ADDRESS)
    first = desk_of(park())
    expect(first.get_by_role("heading", name="내 승인을 기다리는 요청")).to_be_visible()
    keep(first, "desk/dashboard")
    first.locator(".card", has_text="내 승인을 기다리는 요청").get_by_role("link", name=f"#{row.pk}").click()
    expect(first.locator(".groups")).to_contain_text("0xab")
    keep(first, "desk/request")
    first.keyboard.press("a")
    first.wait_for_url("**/act/approve/**")
    keep(first, "desk/approve")
    approve_in(first)
    expect(first.locator(".page-head")).to_contain_text("2차 승인 대기")
    assert fresh(row).status == Status.APPROVED_PENDING
    open_row(first, row)
    expect(first.get_by_text("이미 승인")).to_be_visible()
    expect(first.locator("[data-desk-key=a]")).to_have_count(0)
    second = desk_of(lee())
    open_row(second, row)
    expect(second.locator(".time-line")).to_contain_text("박지훈")
    second.locator("[data-desk-key=a]").click()
    approve_in(second)
    second.wait_for_url(f"**{DESK}{row.pk}/")
    assert fresh(row).status in (Status.APPROVED, Status.SUBMITTING)


def test_a_row_that_changed_is_refused_and_the_difference_shown(desk_of: Callable[..., Page]) -> None:
    row = ask(member(LTC="10"))
    page = desk_of(park())
    open_row(page, row)
    page.locator("[data-desk-key=a]").click()
    states.approve_as(row, lee())
    approve_in(page)
    expect(page.get_by_role("alert")).to_contain_text("화면을 연 뒤 요청이 바뀌었습니다")
    expect(page.locator("ul.changes")).to_contain_text("이서연")
    keep(page, "desk/changed")
    assert fresh(row).status == Status.APPROVED_PENDING
    assert fresh(row).approvals.count() == 1


def test_many_are_approved_on_one_page(desk_of: Callable[..., Page]) -> None:
    person = park()
    rows = [ask(member(LTC="10"), amount=f"{n}.5") for n in range(1, 4)]
    states.approve_as(rows[0], person)
    page = desk_of(person)
    page.goto(f"{DESK}?tab=all")
    for box in page.locator(".pick input[name=row]").all():
        box.check()
    page.get_by_role("button", name="승인", exact=True).click()
    expect(page.locator(".refused")).to_have_count(1)
    expect(page.locator(".sums")).to_contain_text("6.0 LTC")
    keep(page, "desk/bulk")
    approve_in(page)
    expect(page.locator("td .done")).to_have_count(2)
    keep(page, "desk/bulk-done")
    assert [fresh(row).status for row in rows] == [Status.APPROVED_PENDING] * 3
    assert [fresh(row).approvals.count() for row in rows] == [1, 1, 1]


def test_two_people_resolve_a_manual_review(remotes: World, desk_of: Callable[..., Page]) -> None:
    row = states.in_review(remotes)
    first = desk_of(park())
    open_row(first, row)
    expect(first.get_by_role("heading", name="두 사람이 결정합니다")).to_be_visible()
    keep(first, "desk/review")
    first.get_by_role("link", name="결정 제안").click()
    keep(first, "desk/resolve")
    first.get_by_label("지급되지 않음: 금액을 돌려줌").check()
    first.get_by_label("사유").fill("풀의 내역과 거래소 계정에 이 금액이 없습니다.")
    first.get_by_role("button", name="결정 제안").click()
    expect(first.locator(".message")).to_contain_text("다른 사람의 승인")
    assert fresh(row).status == Status.MANUAL_REVIEW
    remotes.turn(60)
    second = desk_of(lee())
    open_row(second, row)
    keep(second, "desk/review-second")
    second.get_by_role("link", name="확인하고 동의하기").click()
    second.locator('a[href*="/proposal/act/approve/"]').click()
    second.fill("#id_code", code(1))
    second.locator("form[data-once] button").click()
    second.wait_for_url(re.compile(r"/core/proposal/\d+/$"))
    assert fresh(row).status == Status.FAILED


def test_support_sees_masks_and_no_buttons(desk_of: Callable[..., Page]) -> None:
    row = ask(named(member(LTC="10"), "김민수"), address=ADDRESS)
    page = desk_of(han())
    for url in (f"{DESK}?tab=all", f"{DESK}{row.pk}/"):
        page.goto(url)
        assert ADDRESS not in page.content()
        expect(page.get_by_text("0xabab***abab").first).to_be_visible()
        expect(page.locator("main .button, main .selecting button")).to_have_count(0)
    keep(page, "desk/support")
    assert page.request.get(f"{DESK}act/approve/?row={row.pk}").status == 403


def test_what_strangers_wrote_neither_runs_nor_misleads(desk_of: Callable[..., Page], complaints: list[str]) -> None:
    user = named(member(LTC="10"), EVIL_NAME[:150])
    PayoutAddress.objects.create(
        user=user, asset_id="LTC", address=HOMOGLYPH, usable_from=clock.now(), label=EVIL_NAME[:100]
    )
    row = ask(user, address=HOMOGLYPH, reference_id="\u202egnp.exe")
    page = desk_of(park())
    for url in (
        f"{DESK}?tab=all",
        f"{DESK}{row.pk}/",
        f"{DESK}act/approve/?row={row.pk}",
        "/admin/withdrawals/payoutaddress/",
    ):
        page.goto(url)
        assert page.locator("script:not([src])").count() == 0
        shown = page.locator("main").inner_text()
        assert "\u202e" not in shown
        assert "U+202E" in shown or "U+0430" in shown
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    open_row(page, row)
    expect(page.locator(".groups .odd").first).to_have_text("U+0430")
    expect(page.get_by_text("승인하지 마세요")).to_be_visible()
    keep(page, "desk/crafted")
    assert complaints == []


def test_keys_lead_through_the_queue(desk_of: Callable[..., Page]) -> None:
    rows = [ask(member(LTC="10")) for _ in range(3)]
    page = desk_of(park())
    open_row(page, rows[1])
    page.keyboard.press("?")
    expect(page.locator("dialog.keys")).to_contain_text("다음 요청과 이전 요청")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.wait_for_url(f"**{DESK}{rows[2].pk}/")
    page.keyboard.press("k")
    page.wait_for_url(f"**{DESK}{rows[1].pk}/")
    page.keyboard.press("r")
    page.wait_for_url("**/act/reject/**")
    page.fill("#id_reason", "jkar")  # letters while one writes
    expect(page.locator("#id_reason")).to_have_value("jkar")


def test_two_do_not_work_on_one(desk_of: Callable[..., Page]) -> None:
    row = ask(member(LTC="10"))
    first, second = desk_of(park()), desk_of(lee())
    with first.expect_response("**/take-up/"):
        open_row(first, row)
    second.goto(f"{DESK}?tab=first")
    expect(second.locator(".rows")).to_contain_text("박지훈 님이 보는 중")
    open_row(second, row)
    expect(second.locator("h1")).to_contain_text("박지훈 님이 보는 중")
    keep(second, "desk/taken")
    first.reload()
    expect(first.locator("h1")).to_contain_text("내가 보는 중")


def test_the_counts_stay_true_by_themselves(desk_of: Callable[..., Page]) -> None:
    ask(member(LTC="10"))
    page = desk_of(park())
    page.clock.install()
    page.goto(f"{DESK}?tab=first")
    current = page.locator(".tabs [aria-current] .count")
    expect(current).to_have_text("1")
    ask(member(LTC="10"))
    page.clock.run_for(21_000)
    expect(current).to_have_text("2")
    expect(page.get_by_role("status")).to_contain_text("새로고침")


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS)
def test_the_desk_is_accessible_and_keeps_the_policy(
    remotes: World, desk_of: Callable[..., Page], viewport: dict[str, int], scheme: str, request: pytest.FixtureRequest
) -> None:
    user = named(member(LTC="100", USDT="50"), "김민수")
    review, waiting = states.in_review(remotes, user), ask(user, address=ADDRESS)
    ask(user, "USDT", "20")
    states.approved_once(user)
    forward = states.to_be_forwarded(remotes, user, amount="3")
    look = request.node.callspec.id
    found: list[str] = []
    page = desk_of(park(), viewport=viewport, scheme=scheme)
    addresses = {
        "dashboard": "/admin/",
        "queue": f"{DESK}?tab=all",
        "empty": f"{DESK}?tab=retrying",
        "request": f"{DESK}{waiting.pk}/",
        "review": f"{DESK}{review.pk}/",
        "forward": f"{DESK}{forward.pk}/",
        "approve": f"{DESK}act/approve/?row={waiting.pk}",
        "bulk": f"{DESK}act/approve/?row={waiting.pk}&row={forward.pk}",
        "resolve": f"{DESK}act/resolve/?row={review.pk}",
        "addresses": "/admin/withdrawals/payoutaddress/",
        "policies": "/admin/withdrawals/assetpolicy/",
        "policy-change": "/admin/withdrawals/assetpolicy/act/propose/?row=POINT",
        "lock": "/admin/withdrawals/submissionlock/1/",
    }
    for name, url in addresses.items():
        page.goto(url)
        look_at(page, f"desk-{look}/{name}", found)
    assert not found, "\n".join(found)

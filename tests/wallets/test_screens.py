"""The pages of balances and transfers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from aeghash.core import clock, rights
from tests.face.conftest import as_user, staff  # noqa: F401
from tests.people import make_staff
from tests.wallets.books import give, make_member
from wallets.admin import transfers
from wallets.models import Balance, SystemAccount, Transfer
from wallets.operations.hold import hold
from wallets.operations.post import post
from wallets.operations.raise_debt import raise_debt
from wallets.operations.settle import settle

pytestmark = pytest.mark.django_db

BALANCES, TRANSFERS = "/admin/wallets/balance/", "/admin/wallets/transfer/"
LISTS = (BALANCES, TRANSFERS)


@pytest.fixture
def client(as_user: Callable[..., Client]) -> Client:  # noqa: F811
    return as_user(make_staff("choi", rights.FINANCE))


def fill(count: int) -> None:
    for number in range(count):
        member = make_member(f"M-{number}")
        give(member, "100", reference=f"income {number}")
        held = hold(reference=f"withdrawal {number}", asset="USDT", amount=Decimal(30), source=member)
        settle(hold=held, reference=f"paid {number}")


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def queries(client: Client, url: str) -> int:
    page(client, url)
    with CaptureQueriesContext(connection) as counted:
        page(client, url)
    return len(counted)


@pytest.mark.parametrize("url", [*LISTS, f"{BALANCES}?q=M-", f"{TRANSFERS}?q=M-0", f"{TRANSFERS}?q=income"])
def test_a_list_costs_the_same_for_three_rows_as_for_one(client: Client, url: str) -> None:
    fill(1)
    one = queries(client, url)
    for number in range(3):
        give(make_member(f"M-x{number}"), "1", reference=f"income x{number}")
        post(
            reference=f"fee {number}", asset="USDT", amount=Decimal(1),
            source=Balance.objects.earliest("pk").user_id, target=SystemAccount.FEES,
        )  # fmt: skip
    assert queries(client, url) == one < 12


@pytest.mark.parametrize(
    ("url", "shown", "hidden"),
    [
        (f"{BALANCES}?q=M-1", ["M-1"], ["M-0", "M-2"]),
        (f"{BALANCES}?q=m-2@members.example", ["M-2"], ["M-0", "M-1"]),
        (f"{BALANCES}?q=usdt", ["M-0", "M-1", "M-2"], []),
        (f"{BALANCES}?q=nobody", ["Nothing matches"], ["M-0"]),
        (f"{TRANSFERS}?q=paid", ["paid 0", "paid 1", "paid 2"], ["income 0"]),
        (f"{TRANSFERS}?q=M-1", ["paid 1", "income 1", "withdrawal 1"], ["paid 0", "income 2"]),
        (f"{TRANSFERS}?q=%25", ["Nothing matches"], ["paid 0"]),
        (f"{TRANSFERS}?kind__exact=hold", ["withdrawal 1"], ["paid 1", "income 1"]),
    ],
)
def test_a_search_finds_what_it_says(client: Client, url: str, shown: list[str], hidden: list[str]) -> None:
    fill(3)
    said = page(client, url)
    rows = said[said.index("</thead>") :] if "</thead>" in said else said
    assert [text for text in shown if text not in rows] == []
    assert [text for text in hidden if text in rows] == []


def test_a_balance_shows_how_it_came_to_be(client: Client) -> None:
    fill(1)
    member = Balance.objects.get().user_id
    raise_debt(reference="c", asset="USDT", amount=Decimal(75), member=member, target=SystemAccount.BONUS_EXPENSE)
    said = page(client, f"{BALANCES}{Balance.objects.get().pk}/")
    lines = said[said.index("Other side") :]
    places = [lines.index(text) for text in ("c:taken", "paid 0", "withdrawal 0", "income 0")]
    assert places == sorted(places)
    for amount in ("−70", "−30", "100"):
        assert f">{amount}<" in lines
    assert "Owed by the member" in said


def test_a_hold_shows_what_became_of_it_and_the_other_way_round(client: Client) -> None:
    fill(1)
    hold(reference="open", asset="USDT", amount=Decimal(1), source=Balance.objects.get().user_id)
    pages = {row.reference: page(client, f"{TRANSFERS}{row.pk}/") for row in Transfer.objects.all()}
    assert "paid 0" in pages["withdrawal 0"]
    assert "withdrawal 0" in pages["paid 0"]
    assert "still held" in pages["open"]
    assert "still held" not in pages["withdrawal 0"]


@pytest.mark.parametrize("url", LISTS)
def test_a_list_can_be_taken_away_by_those_who_may(
    client: Client,
    url: str,
    as_user: Callable[..., Client],  # noqa: F811
) -> None:
    fill(2)
    answer = client.post(f"{url}export/csv/")
    assert b"M-1" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    support = as_user(make_staff("han", rights.SUPPORT))
    assert support.post(f"{url}export/csv/").status_code == 403


def test_support_sees_no_e_mail_of_a_member_without_a_number(as_user: Callable[..., Client]) -> None:  # noqa: F811
    member = make_member("M-1")
    give(member, "1")
    Balance.objects.get().user.update(uid=None)
    support = as_user(make_staff("han", rights.SUPPORT))
    for url in LISTS:
        said = page(support, url)
        assert "m-1@members.example" not in said
        assert "m***@members.example" in said


@pytest.mark.parametrize("url", LISTS)
def test_an_empty_list_says_so(client: Client, url: str) -> None:
    assert "yet" in page(client, url)


def test_of_more_than_a_list_leafs_through_a_search_takes_the_first_and_an_export_all(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "MOST_COUNTED", 1)
    member = make_member("M-0")
    for reference in ("b-3", "b-1", "b-2", "a-1"):
        give(member, "1", reference=reference)
    found = client.get(f"{TRANSFERS}?q=b-").context["cl"].result_list
    assert [row.reference for row in found] == ["b-2", "b-1"]  # of the first two the newest first
    exported = client.post(f"{TRANSFERS}export/csv/?q=b-")
    assert b"".join(exported.streaming_content).decode().count("b-") == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["b%", "b_", "%", "\\"])
def test_what_stands_for_others_in_a_pattern_stands_for_itself(client: Client, text: str) -> None:
    give(make_member("M-0"), "1", reference="b-1")
    assert client.get(TRANSFERS, {"q": text}).context["cl"].result_list == []


def test_how_a_reference_begins_is_looked_up_in_the_order_of_its_index() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {transfers.BEGINS_SO}", ["b-%", 9])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "transfers_reference_once" in plan
    assert "Sort" not in plan


class TestTheBooks:
    BOOKS = "/admin/wallets/balance/books/"

    def test_now_and_as_of_any_time(self, client: Client) -> None:
        start = datetime(2026, 11, 1, tzinfo=UTC)
        member = make_member("M-0")
        with clock.steered(lambda: start):
            give(member, "100")
        with clock.steered(lambda: start + timedelta(days=1)):
            give(member, "7", "POINT")
            raise_debt(reference="d", asset="USDT", amount=Decimal(130), member=member, target=SystemAccount.FEES)
        assert self.BOOKS in page(client, BALANCES)
        assert self.seen(client, "?uid=M-0") == ({"POINT": "7", "USDT": "0"}, {"POINT": "7", "USDT": "–"})
        # The form's times are Seoul's.
        assert self.seen(client, "?uid=M-0&at=2026-11-01T09:00:00") == ({"USDT": "100"}, {"POINT": "–", "USDT": "100"})
        assert self.seen(client, "?at=2026-10-31T09:00:00") == (None, {"POINT": "–", "USDT": "–"})

    def seen(self, client: Client, question: str) -> tuple[dict[str, str] | None, dict[str, str]]:
        """What the member had, and what was owed to all of them."""
        context = client.get(self.BOOKS + question).context
        had = context["had"]
        owed = {line.asset: plain(line.owed_to_members()) for line in context["lines"]}
        return (None if had is None else {asset: plain(amount) for asset, amount in had}), owed

    def test_it_takes_as_many_queries_for_three_members_as_for_one(self, client: Client) -> None:
        fill(1)
        one = queries(client, self.BOOKS + "?uid=M-0")
        for asset in ("POINT", "LTC", "BNB"):
            give(make_member(f"M-{asset}"), "1", asset)
        assert queries(client, self.BOOKS + "?uid=M-0") == one

    @pytest.mark.parametrize(("question", "field"), [("?uid=nobody", "uid"), ("?at=yesterday", "at")])
    def test_what_it_does_not_understand_it_says(self, client: Client, question: str, field: str) -> None:
        answer = client.get(self.BOOKS + question)
        assert answer.status_code == 200
        assert answer.context["form"].errors.keys() == {field}
        assert answer.context["had"] is None


def plain(cell: str) -> str:
    return strip_tags(cell).strip()

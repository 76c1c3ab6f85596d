"""The queue: its tabs, what a line says, and what it costs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from aeghash.core import clock
from tests import measuring
from tests.database import Owner
from tests.withdrawals.desk import states
from tests.withdrawals.desk.people import DESK, han, kim, lee, page, park, said
from tests.withdrawals.world import ADDRESS, World, ask, member, staff
from withdrawals.admin.queue import TABS
from withdrawals.models import PayoutAddress, Withdrawal
from withdrawals.operations.take_up_withdrawal import LOOKING_LASTS, take_up_withdrawal
from withdrawals.queries.desk import waiting_for

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Client]
NAMES = [tab.name for tab in TABS]
LISTS = {
    **{name: f"{DESK}?tab={name}" for name in NAMES},
    "addresses": "/admin/withdrawals/payoutaddress/",
    "policies": "/admin/withdrawals/assetpolicy/",
}
MOST_QUERIES = 11

# Of every kind as many as a company of years would have: nearly all done, some hundreds waiting.
FILL = """
    SET session_replication_role = replica;
    INSERT INTO withdrawal_requests (
        created_at, updated_at, user_id, asset_id, amount, fee, address, channel, digest, status, version, approvals_needed,
        round, reason, is_flagged, findings, hold_id, source, reference_id, device_id, attempts, lease_until, remote_id,
        forwarding_txid, requested_at, moved_at)
    SELECT now(), now(), {user}, 'LTC', 1 + n % 100, 0, 'L' || md5((n % 5000)::text), 'hashdam', md5(n::text),
        (CASE WHEN n % 1000 < 10 THEN (ARRAY['pending', 'approved_pending', 'approved', 'submitting', 'retrying', 'unknown',
            'manual-review', 'submitted', 'forwarding', 'pending'])[n % 10 + 1]
        ELSE (ARRAY['completed', 'failed', 'rejected', 'completed'])[n % 4 + 1] END),
        5, 2, 1, '', n % 3 = 0, '[]', 900000000 + {first} + n, 'mall', 'R' || ({first} + n),
        '', 0, now(), 'W' || ({first} + n), '', now(), now()
    FROM generate_series(1, {rows}) AS n;
    SET session_replication_role = DEFAULT;
    ANALYZE withdrawal_requests;
"""


def fill(owner: Owner, rows: int, first: int = 0, waiting: int = 10) -> None:
    """Of each thousand so many wait."""
    sql = FILL.format(user=member().pk, rows=rows, first=first)
    owner.execute(sql.replace("n % 1000 < 10", f"n % 1000 < {waiting}"))


def statuses(owner: Owner, count: int) -> None:
    """So many of each, in a table that holds nothing else."""
    user = member().pk
    first = Withdrawal.objects.count() * 10
    for number in range(count):
        owner.execute(FILL.format(user=user, rows=9, first=first + 10 * number).replace("n % 1000 < 10", "true"))
        for status in ("completed", "failed"):
            sql = FILL.format(user=user, rows=1, first=first + 5000 + 10 * number + (status == "failed"))
            owner.execute(
                sql.replace("'pending', 'approved_pending'", f"'{status}', '{status}'").replace("n % 1000 < 10", "true")
            )


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_asks_as_much_for_three_rows_as_for_one(
    name: str, as_user: Open, owner: Owner, django_assert_max_num_queries: Any
) -> None:
    client = as_user(park())
    ask(member(LTC="10"))
    statuses(owner, 1)
    client.get(LISTS[name])  # a process asks for the assets once
    with django_assert_max_num_queries(MOST_QUERIES) as for_one:
        assert client.get(LISTS[name]).status_code == 200
    statuses(owner, 2)
    for _ in range(2):
        states.approve_as(ask(member(LTC="10")), staff())
    with django_assert_max_num_queries(MOST_QUERIES) as for_three:
        assert client.get(LISTS[name]).status_code == 200
    assert len(for_one) == len(for_three)


def test_the_page_of_a_request_asks_no_more_for_a_long_history(
    as_user: Open, django_assert_max_num_queries: Any
) -> None:
    user, client = member(LTC="100"), as_user(park())
    row = ask(user, address=ADDRESS)
    with django_assert_max_num_queries(40) as short:
        page(client, row)
    for _ in range(3):
        states.approve_as(ask(user), staff())
    with django_assert_max_num_queries(40) as long:
        page(client, row)
    assert len(short) <= len(long) <= len(short) + 1  # the neighbours' two are asked for by then


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        pytest.param(20_000, ("flagged", "all"), id="small"),
        pytest.param(1_000_000, NAMES, marks=pytest.mark.prove, id="full"),
    ],
)
def test_a_million_withdrawals_cost_no_more_than_a_thousand(
    rows: int,
    names: list[str],
    as_user: Open,
    owner: Owner,
    django_assert_max_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In turns with a page that stays as short as it is, so that what else the machine does counts for nothing."""
    monkeypatch.setattr(measuring, "TIMES", 6)
    client = as_user(park())

    def slowness(name: str) -> float:
        return measuring.times_as_long(lambda: client.get(LISTS[name]), lambda: client.get(LISTS["policies"]))

    fill(owner, 1000, waiting=600)  # so that each tab's page is as full as it will be
    short = {name: slowness(name) for name in names}
    fill(owner, rows - 1000, first=1000)
    for name in names:
        with django_assert_max_num_queries(MOST_QUERIES):
            client.get(LISTS[name])
    figures = {name: round(slowness(name) / short[name], 2) for name in names}
    print(f"{rows} withdrawals against 1000:", figures)
    assert max(figures.values()) < 2, figures


def test_a_line_says_what_whom_where_and_why(as_user: Open) -> None:
    row = ask(member("mall-77", POINT="100"), "POINT", "20")
    line = said(as_user(park()).get(f"{DESK}?tab=first"))
    for text in (f"#{row.pk}", "mall-77", "→ USDT", "0xababab…ababab", "review", "0/2"):
        assert text in line, text


@pytest.mark.parametrize("term", ["uid", "pk", "address", "reference"])
def test_it_is_found_by_what_people_ask_for(term: str, as_user: Open) -> None:
    row, other = ask(member("mall-77", LTC="10"), reference_id="AM-1"), ask(member(LTC="10"))
    PayoutAddress.objects.create(user=row.user, asset_id="LTC", address="L" + "x" * 30, usable_from=clock.now())
    row = ask(row.user, address="L" + "x" * 30, reference_id="AM-2") if term == "address" else row
    wanted = {"uid": "mall-", "pk": f"%23{row.pk}", "address": row.address, "reference": "AM-1"}[term]
    found = said(as_user(park()).get(f"{DESK}?tab=all&q={wanted}"))
    assert f'value="{row.pk}"' in found
    assert f'value="{other.pk}"' not in found


def test_who_sees_no_personal_data_cannot_guess_a_number_letter_by_letter(as_user: Open) -> None:
    row, client = ask(member("kim@example.com", LTC="10")), as_user(han())
    listed = f">#{row.pk}</a>"
    assert listed not in said(client.get(f"{DESK}?tab=all&q=kim"))
    assert listed in said(client.get(f"{DESK}?tab=all&q=kim@example.com"))


def test_mine_is_what_i_may_approve_and_have_not(as_user: Open) -> None:
    person, filer = park(), kim()
    mine, touched = ask(member(LTC="10")), ask(member(LTC="10"))
    states.approve_as(touched, person)
    ask(member(LTC="10"), requested_by=person)
    states.rejected()
    assert set(waiting_for(person)) == {mine}
    assert touched in waiting_for(filer)
    card = said(as_user(person).get("/admin/"))
    assert f'href="{DESK}{mine.pk}/"' in card
    assert f'href="{DESK}{touched.pk}/"' not in card


class TestLookingAtIt:
    def test_colleagues_see_who_does_for_some_minutes(self, world: World, as_user: Open) -> None:
        row, client = ask(member(LTC="10")), as_user(lee())
        as_user(park()).post(f"{DESK}{row.pk}/take-up/")
        assert "being looked at by 박지훈" in page(client, row)
        assert "박지훈 is looking at this request" in said(client.post(f"{DESK}{row.pk}/take-up/", follow=True))
        world.turn(LOOKING_LASTS.total_seconds())
        assert "being looked at by" not in page(client, row)
        assert client.post(f"{DESK}{row.pk}/take-up/").status_code == 302
        assert "you are looking" in page(client, row)

    def test_looking_changes_nothing(self, as_user: Open) -> None:
        row, client = ask(member(LTC="10")), as_user(park())
        page(client, row)
        assert client.get(f"{DESK}{row.pk}/take-up/").status_code == 405
        assert "you are looking" not in page(client, row)

    def test_it_keeps_nobody_from_deciding(self) -> None:
        row = ask(member(LTC="10"))
        take_up_withdrawal(withdrawal_id=row.pk, by=park())
        assert states.approve_as(row, lee()).status == "approved_pending"

    def test_support_and_what_is_over_are_refused(self, as_user: Open) -> None:
        row, over = ask(member(LTC="10")), states.rejected()
        as_user(han()).post(f"{DESK}{row.pk}/take-up/")
        as_user(park()).post(f"{DESK}{over.pk}/take-up/")
        assert as_user(lee()).post(f"{DESK}99999/take-up/").status_code == 302
        assert not hasattr(Withdrawal.objects.get(pk=row.pk), "desk_claim")
        assert not hasattr(Withdrawal.objects.get(pk=over.pk), "desk_claim")

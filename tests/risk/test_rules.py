"""The edges of every rule: just under, at, and just over."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aeghash.core import clock
from risk.models import ListKind, Target
from risk.operations.add_list_entry import add_list_entry
from risk.severities import Decision
from tests.risk.contexts import ADDRESS, MICROSECOND, NOW, OTHER_ADDRESS, context, decide, found, make_member, policy

pytestmark = pytest.mark.django_db

LEAST = Decimal("0.000000000000000001")
LIMIT = {"review": "100", "block": "1000"}
COUNTS = {"review": 3, "block": 5}
DAY = timedelta(hours=24)


def severity(rule: str, **changed: Any) -> str | None:
    return found(decide(context(make_member(), **changed))).get(rule)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (100 - LEAST, None), (Decimal(100), "review"), (100 + LEAST, "review"),
        (1000 - LEAST, "review"), (Decimal(1000), "block"), (1000 + LEAST, "block"), (Decimal("99.9e0"), None),
    ],
)  # fmt: skip
def test_amount(amount: Decimal, expected: str | None) -> None:
    policy(amount={"USDT": LIMIT})
    assert severity("amount", amount=amount) == expected


@pytest.mark.parametrize("rule", ["amount", "sum_24h", "sum_7d"])
def test_figures_are_of_their_own_asset(rule: str) -> None:
    policy(**{rule: {"USDT": LIMIT}})
    assert severity(rule, asset="BNB", amount=Decimal(10**6)) is None


@pytest.mark.parametrize("rule", ["sum_24h", "sum_7d"])
@pytest.mark.parametrize(
    ("before", "amount", "expected"),
    [
        (Decimal(90), 10 - LEAST, None), (Decimal(90), Decimal(10), "review"), (Decimal(0), Decimal(100), "review"),
        (1000 - LEAST, LEAST, "block"), (Decimal(999), 1 - LEAST, "review"),
    ],
)  # fmt: skip
def test_sums_count_the_request_itself(rule: str, before: Decimal, amount: Decimal, expected: str | None) -> None:
    policy(**{rule: {"USDT": LIMIT}})
    assert severity(rule, **{rule: before}, amount=amount) == expected


@pytest.mark.parametrize("rule", ["count_24h", "count_7d"])
@pytest.mark.parametrize(("before", "expected"), [(0, None), (1, None), (2, "review"), (3, "review"), (4, "block")])
def test_counts_count_the_request_itself(rule: str, before: int, expected: str | None) -> None:
    policy(**{rule: COUNTS})
    assert severity(rule, **{rule: before}) == expected


@pytest.mark.parametrize(
    ("rule", "field"), [("members_per_ip", "members_from_ip"), ("members_per_address", "members_with_address")]
)
@pytest.mark.parametrize(("members", "expected"), [(0, None), (2, None), (3, "review"), (4, "review"), (5, "block")])
def test_members_of_one_address(rule: str, field: str, members: int, expected: str | None) -> None:
    policy(**{rule: COUNTS})
    assert severity(rule, **{field: members}) == expected


@pytest.mark.parametrize("outcome", ["info", "review", "block"])
@pytest.mark.parametrize(
    ("age", "is_new"), [(DAY - MICROSECOND, True), (DAY, False), (DAY + MICROSECOND, False), (-DAY, True)]
)
def test_account_age(age: timedelta, is_new: bool, outcome: str) -> None:
    policy(account_age=outcome)
    assert severity("account_age", account_created_at=NOW - age) == (outcome if is_new else None)


@pytest.mark.parametrize(("debt", "expected"), [(Decimal(0), None), (Decimal("-0"), None), (LEAST, "block")])
def test_debt(debt: Decimal, expected: str | None) -> None:
    policy(debt="block")
    assert severity("debt", debt=debt) == expected


@pytest.mark.parametrize(
    ("usable_from", "expected"),
    [(None, None), (NOW - MICROSECOND, None), (NOW, None), (NOW + MICROSECOND, "review"), (NOW + DAY, "review")],
)
def test_cooling_time(usable_from: Any, expected: str | None) -> None:
    policy(address_cooling="review")
    assert severity("address_cooling", address_usable_from=usable_from) == expected


@pytest.mark.parametrize(
    ("first", "expected"), [(None, "review"), (NOW, "review"), (NOW + MICROSECOND, "review"), (NOW - MICROSECOND, None)]
)
def test_first_use(first: Any, expected: str | None) -> None:
    policy(first_use="review")
    assert severity("first_use", address_first_used_at=first) == expected


def test_a_request_without_an_address_is_not_asked_for_one() -> None:
    policy(first_use="block", only_whitelisted="block", members_per_address={"review": 1, "block": 1})
    for nothing in (None, ""):
        decision = decide(context(make_member(str(nothing)), address=nothing, address_first_used_at=None))
        assert decision.decision == Decision.ALLOW


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (timedelta(0), "review"),
        (MICROSECOND, "review"),
        (DAY - MICROSECOND, "review"),
        (DAY, None),
        (DAY + MICROSECOND, None),
    ],
)
def test_a_device_is_new_for_its_time(later: timedelta, expected: str | None) -> None:
    policy(new_device="review")
    member = make_member()
    first = decide(context(member))
    assert found(first) == {"device": "review"}
    assert found(decide(context(member, at=NOW + later))).get("device") == expected


def test_a_device_is_each_members_own() -> None:
    policy(new_device="review", new_device_hours=0)
    member = make_member("kim")
    decide(context(member))
    assert found(decide(context(member, at=NOW + MICROSECOND))) == {}
    assert found(decide(context(make_member("lee"), at=NOW + DAY))) == {"device": "review"}


def test_an_ip_is_known_once_a_request_from_it_was_not_blocked() -> None:
    policy(unknown_ip="review", debt="block")
    member = make_member("kim")
    assert found(decide(context(member, debt=Decimal(1)))) == {"unknown_ip": "review", "debt": "block"}
    assert found(decide(context(member))) == {"unknown_ip": "review"}
    assert found(decide(context(member, ip="::ffff:203.0.113.9"))) == {}
    assert found(decide(context(make_member("lee")))) == {"unknown_ip": "review"}


def listed(kind: ListKind, target: Target, value: str, **given: Any) -> None:
    with clock.steered(lambda: NOW - timedelta(days=30)):
        add_list_entry(kind=kind, target=target, value=value, note="test", by=make_member("clerk"), **given)


@pytest.mark.parametrize(
    ("entry", "ip", "is_held"),
    [
        ("203.0.113.9", "203.0.113.9", True), ("203.0.113.9", "203.0.113.10", False),
        ("203.0.113.9/32", "203.0.113.8", False),
        ("203.0.113.0/24", "203.0.113.0", True), ("203.0.113.0/24", "203.0.113.255", True),
        ("203.0.113.0/24", "203.0.114.0", False), ("203.0.113.0/24", "203.0.112.255", False),
        ("203.0.113.8/31", "203.0.113.9", True), ("203.0.113.8/31", "203.0.113.10", False),
        ("0.0.0.0/0", "255.255.255.255", True),
        ("0.0.0.0/0", "2001:db8::1", False), ("2001:db8::/32", "2001:db8::", True),
        ("2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", True), ("2001:db8::/32", "2001:db9::", False),
        ("2001:db8::/32", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", False), ("2001:DB8:0:0::1", "2001:db8::1", True),
        ("2001:db8::1/128", "2001:0db8:0000:0000:0000:0000:0000:0001", True),
        ("203.0.113.0/24", "::ffff:203.0.113.9", True), ("203.0.113.0/24", "::ffff:cb00:7109", True),
        ("203.0.113.0/24", "::FFFF:203.0.114.0", False), ("::ffff:203.0.113.0/120", "203.0.113.255", True),
        ("::ffff:203.0.113.0/120", "203.0.114.0", False), ("::ffff:203.0.113.9", "::ffff:203.0.113.9", True),
        ("::ffff:0:0/96", "198.51.100.1", True), ("::203.0.113.9", "203.0.113.9", False),
    ],
)  # fmt: skip
def test_a_listed_network_blocks_what_it_holds(entry: str, ip: str, is_held: bool) -> None:
    policy()
    listed(ListKind.BLOCKED, Target.IP, entry)
    assert severity("ip_list", ip=ip) == ("block" if is_held else None)


@pytest.mark.parametrize(
    ("entry", "address", "is_held"),
    [
        (ADDRESS, ADDRESS, True), (ADDRESS.lower(), ADDRESS, True), (ADDRESS, "0X" + ADDRESS[2:].upper(), True),
        (ADDRESS, OTHER_ADDRESS, False), (ADDRESS, f" {ADDRESS} ", True), (ADDRESS, ADDRESS[:-1], False),
        ("ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9", "LTC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KGMN4N9", True),
        ("DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L", "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L", True),
        ("DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L", "dh5yaieqozn36fdvcinyruergvglr3mr7l", False),
    ],
)  # fmt: skip
def test_a_listed_payout_address_blocks_however_it_is_spelt(entry: str, address: str, is_held: bool) -> None:
    policy()
    listed(ListKind.BLOCKED, Target.ADDRESS, entry)
    assert severity("address_list", address=address) == ("block" if is_held else None)


def test_blocked_wins_over_trusted() -> None:
    policy()
    listed(ListKind.TRUSTED, Target.IP, "203.0.113.0/24")
    assert severity("ip_list") == "info"
    with clock.steered(lambda: NOW):
        add_list_entry(kind=ListKind.BLOCKED, target=Target.IP, value="203.0.113.9", note="x", by=make_member("other"))
    assert found(decide(context(make_member("lee"))))["ip_list"] == "block"


def test_at_a_trusted_ip_nobody_is_unknown_and_members_are_many() -> None:
    policy(unknown_ip="block", members_per_ip={"review": 1, "block": 1})
    listed(ListKind.TRUSTED, Target.IP, "203.0.113.0/24")
    assert found(decide(context(make_member()))) == {"ip_list": "info"}


def test_a_trusted_payout_address_is_shared_and_paid_to_first() -> None:
    policy(
        only_whitelisted="block",
        first_use="block",
        address_cooling="block",
        members_per_address={"review": 1, "block": 1},
    )
    strange = context(make_member("kim"), address_first_used_at=None)
    assert found(decide(strange)) == dict.fromkeys(("only_whitelisted", "first_use", "members_per_address"), "block")
    listed(ListKind.TRUSTED, Target.ADDRESS, ADDRESS)
    assert found(decide(strange)) == {"address_list": "info"}
    cooling = context(make_member("lee"), address_usable_from=NOW + MICROSECOND)
    assert found(decide(cooling)) == {"address_list": "info", "address_cooling": "block"}


def test_an_entry_for_one_member_is_nobody_elses() -> None:
    policy(only_whitelisted="review")
    kim, lee = make_member("kim"), make_member("lee")
    listed(ListKind.TRUSTED, Target.ADDRESS, ADDRESS, uid="kim")
    assert found(decide(context(kim))) == {"address_list": "info"}
    assert found(decide(context(lee))) == {"only_whitelisted": "review"}

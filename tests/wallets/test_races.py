"""Many at one instant: nobody's money is spent twice, nobody waits for ever, and without the lock it would go wrong."""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from aeghash.core.actors import acting_as, command
from tests.database import Owner
from tests.races import run_together
from tests.wallets.books import give, make_member, standing
from tests.wallets.conftest import Members
from wallets.models import Entry, HoldResolved, InsufficientBalance, SystemAccount, Transfer
from wallets.operations.hold import hold
from wallets.operations.post import post
from wallets.operations.post_many import post_many
from wallets.operations.release import release
from wallets.operations.settle import settle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("check_invariants_after")]

Act = Callable[[], Any]
PAYOUTS, ISSUANCE = SystemAccount.PAYOUTS, SystemAccount.ISSUANCE
CLIENTS = 8


def acting(act: Act) -> Act:
    """Threads begin without an actor."""

    def work() -> Any:
        with acting_as(command("test")):
            return act()

    return work


def together(*acts: Act) -> Counter[str]:
    outcomes = run_together(*map(acting, acts))
    return Counter(type(each.error).__name__ if each.error else "done" for each in outcomes)


def series(acts: list[Act]) -> Callable[[], Counter[str]]:
    """One client's work: refusals are counted, anything else is raised."""

    def work() -> Counter[str]:
        counts: Counter[str] = Counter()
        for act in acts:
            try:
                act()
                counts["done"] += 1
            except (InsufficientBalance, HoldResolved) as refusal:
                counts[refusal.code] += 1
        return counts

    return work


def spread(acts: list[Act], clients: int = CLIENTS) -> Counter[str]:
    outcomes = run_together(*(acting(series(acts[number::clients])) for number in range(clients)))
    total: Counter[str] = Counter()
    for outcome in outcomes:
        if outcome.error:
            raise outcome.error
        total += outcome.value
    return total


def holds_of_one(member: int, count: int) -> list[Act]:
    return [
        lambda number=number: hold(reference=f"h{number}", asset="USDT", amount=Decimal(1), source=member)  # type: ignore[misc]
        for number in range(count)
    ]


def test_of_200_holds_on_a_balance_of_100_exactly_100_pass(rich: int) -> None:
    assert spread(holds_of_one(rich, 200), clients=20) == {"done": 100, "insufficient_balance": 100}
    assert standing(rich) == (100, 100)
    assert Transfer.objects.filter(kind="hold").count() == 100


@pytest.fixture
def unlocked(owner: Owner) -> Iterator[None]:
    """The negative control: the same function, its lock taken out and its eyes left open for a moment after looking."""
    row = owner.execute("SELECT pg_get_functiondef('ledger_put'::regproc)").fetchone()
    assert row
    (locking,) = row
    blind = locking.replace("ORDER BY id FOR NO KEY UPDATE", "ORDER BY id")
    blind = blind.replace(
        "outcome := ledger_known(wanted);", "PERFORM pg_sleep(0.05); outcome := ledger_known(wanted);", 1
    )
    # What the other checks would still stop goes as well: the race is to be seen in the balances.
    blind = blind.replace(
        "locked_amount = locked_amount + entry.amount", "locked_amount = least(amount, locked_amount + entry.amount)"
    )
    assert blind != locking
    owner.execute(blind)
    yield
    owner.execute(locking)


@pytest.mark.usefixtures("unlocked")
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_more_would_be_held_than_there_is(owner: Owner) -> None:
    with acting_as(command("test")):
        member = make_member("M-1")
        give(member, "4")
    assert together(*holds_of_one(member, CLIENTS))["done"] > 4
    assert Transfer.objects.filter(kind="hold").count() > 4
    owner.execute("SET session_replication_role = replica; DELETE FROM transfers; DELETE FROM balances")


@pytest.mark.parametrize("source", ["member", ISSUANCE])
def test_equal_references_at_once_make_one_transfer(rich: int, source: Any) -> None:
    side = rich if source == "member" else source
    acts = [lambda: post(reference="r", asset="USDT", amount=Decimal(60), source=side, target=PAYOUTS)] * CLIENTS
    outcomes = run_together(*map(acting, acts))
    assert [each.error for each in outcomes] == [None] * CLIENTS
    assert {each.value for each in outcomes} == {Transfer.objects.get(reference="r").pk}
    assert standing(rich) == (40 if side == rich else 100, 0)


def test_one_reference_for_two_things_at_once_is_one_of_them(rich: int) -> None:
    def pay(amount: int) -> Act:
        return lambda: post(reference="r", asset="USDT", amount=Decimal(amount), source=rich, target=PAYOUTS)

    assert together(pay(1), pay(2)) == {"done": 1, "ReferenceUsed": 1}
    assert Transfer.objects.filter(reference="r").count() == 1


def test_of_settle_and_release_at_once_one_wins(rich: int) -> None:
    for turn in range(10):
        held = hold(reference=f"h{turn}", asset="USDT", amount=Decimal(5), source=rich)
        before = standing(rich)
        counts = together(
            lambda held=held, turn=turn: settle(hold=held, reference=f"s{turn}"),  # type: ignore[misc]
            lambda held=held, turn=turn: release(hold=held, reference=f"x{turn}"),  # type: ignore[misc]
        )
        assert counts == {"done": 1, "HoldResolved": 1}
        kind = Transfer.objects.get(resolves=held).kind
        assert standing(rich) == (before[0] - (5 if kind == "settle" else 0), before[1] - 5)


@pytest.mark.parametrize("count", [pytest.param(25, id="small"), pytest.param(500, id="full", marks=pytest.mark.prove)])
def test_crossed_transfers_never_deadlock(members: Members, owner: Owner, count: int) -> None:
    first, second = members(2)
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before = owner.execute(deadlocks).fetchone()

    def cross(client: int) -> list[Act]:
        source, target = (first, second) if client % 2 else (second, first)
        return [
            lambda n=n: post(reference=f"{client}-{n}", asset="USDT", amount=Decimal(1), source=source, target=target)  # type: ignore[misc]
            for n in range(count)
        ]

    def in_batches(client: int) -> None:
        sides = (first, second) if client % 2 else (second, first)
        for number in range(count):
            pairs = (sides, sides[::-1])
            entries = [
                Entry(f"b{client}-{number}-{turn}", "USDT", Decimal(1), *pair) for turn, pair in enumerate(pairs)
            ]
            post_many(entries=entries, batch=f"b{client}-{number}")

    works = [acting(series(cross(client))) for client in range(CLIENTS - 2)]
    works += [acting(lambda client=client: in_batches(client)) for client in range(2)]  # type: ignore[misc]
    outcomes = run_together(*works)
    assert [each.error for each in outcomes] == [None] * CLIENTS
    assert owner.execute(deadlocks).fetchone() == before
    assert standing(first)[0] + standing(second)[0] == 200


def test_first_credits_at_once_make_one_balance(member: int) -> None:
    acts: list[Act] = [lambda n=n: give(member, "1", reference=f"g{n}") for n in range(CLIENTS)]  # type: ignore[misc]
    assert together(*acts) == {"done": CLIENTS}
    assert standing(member) == (CLIENTS, 0)


def test_a_batch_and_the_same_batch_at_once_post_once(members: Members) -> None:
    crew = members(5)
    entries = [Entry(f"b{member}", "USDT", Decimal(1), ISSUANCE, member) for member in crew]
    outcomes = run_together(*[acting(lambda: post_many(entries=entries, batch="b"))] * 4)
    assert sorted(each.value for each in outcomes) == [0, 0, 0, 5]
    assert {standing(member) for member in crew} == {(101, 0)}

"""Every fault of a submission and of a callback, alone and with a worker killed at each checkpoint."""

from typing import Any, Final

import pytest

from tests.wallets.mblock.dying import PLACES, check_the_books, dying_at
from tests.wallets.mblock.world import World, heal, make_wallet, queue, work
from wallets.models import TransactionKind, WalletTransaction

TRANSFER, TRANSIT = TransactionKind.TRANSFER, TransactionKind.TRANSIT
METHODS: Final = {TRANSFER: "transferByWalletKey", TRANSIT: "transitByWalletKey"}
Fault = dict[str, Any]

# What comes of it where nobody is killed; "unknown" is manual review.
WIRE: Final[dict[str, tuple[Fault, str]]] = {
    "nothing": ({}, "completed"),
    "timeout, done": ({"kind": "timeout"}, "manual-review"),
    "timeout, not done": ({"kind": "timeout", "executes": False}, "manual-review"),
    "reset before the answer": ({"kind": "reset"}, "manual-review"),
    "reset after the first byte": ({"kind": "reset", "bytes": 1, "executes": False}, "manual-review"),
    "500": ({"kind": "status", "status": 500}, "manual-review"),
    "503, not done": ({"kind": "status", "status": 503, "executes": False}, "manual-review"),
    "401 with a good answer": ({"kind": "status", "status": 401, "with_answer": True}, "manual-review"),
    "redirect": ({"kind": "redirect"}, "manual-review"),
    "html": ({"kind": "html"}, "manual-review"),
    "rpc error": ({"kind": "rpc-error"}, "manual-review"),
    "an address not let in": ({"kind": "refusal"}, "completed"),
    "an unknown refusal": ({"kind": "refusal", "message": "Please try again"}, "manual-review"),
    "one byte a second": ({"kind": "trickle"}, "manual-review"),
    "cut short": ({"kind": "truncated"}, "manual-review"),
    "half a text": ({"kind": "truncated", "declared": True}, "manual-review"),
    "10 MB": ({"kind": "huge"}, "manual-review"),
    "no id": ({"kind": "id-missing"}, "manual-review"),
    "an empty id": ({"kind": "id-empty"}, "manual-review"),
    "done late": ({"kind": "executes-late"}, "manual-review"),
    "done twice": ({"kind": "executes-twice"}, "completed"),
    "slow": ({"kind": "latency", "seconds": 0.1}, "completed"),
    **{
        f"poisoned {how}": ({"kind": "poisoned", "as": how}, "manual-review")
        for how in (
            "duplicate-keys", "nan", "infinity", "1e400", "deep", "bad-utf8", "lone-surrogate", "verdict-as-text",
            "verdict-missing", "array", "string", "null", "empty", "fields-as-list", "fields-missing", "text-type",
        )
    },
}  # fmt: skip
OF_TRANSFERS: Final[dict[str, tuple[Fault, str]]] = {
    "no receipt in time": ({"kind": "request-timeout"}, "manual-review"),
    "a late receipt": ({"kind": "receipt-late", "seconds": 300}, "completed"),
    "a receipt that never comes": ({"kind": "receipt-late", "seconds": 100_000}, "manual-review"),
}
OF_TRANSITS: Final[dict[str, tuple[Fault, str]]] = {
    "called back before the answer": ({"kind": "callback-early"}, "completed"),
    "called back ten times": ({"kind": "callback-repeated"}, "completed"),
    "called back late": ({"kind": "callback-late", "seconds": 200}, "completed"),
    "never called back": ({"kind": "callback-never"}, "manual-review"),
    "another amount": ({"kind": "transit-amount"}, "manual-review"),
    "said to have failed": ({"kind": "callback-fails"}, "manual-review"),
    "said to have failed, and done": ({"kind": "callback-fails", "executes": True}, "manual-review"),
    **{
        f"forged {how}": ({"kind": "callback-forged", "as": how}, "completed")
        for how in ("unknown-token", "invented-txid", "other-transfer", "failure")
    },
    "forged, and nothing done": (
        {"kind": "callback-forged", "as": "invented-txid", "executes": False}, "manual-review"
    ),
}  # fmt: skip
CASES: Final = [
    pytest.param(kind, fault, expected, id=f"{kind}-{name}")
    for kind, faults in ((TRANSFER, WIRE | OF_TRANSFERS), (TRANSIT, WIRE | OF_TRANSITS))
    for name, (fault, expected) in faults.items()
]
# The normal run leaves out what differs by the poison alone, and most of what is one path for both kinds.
HEAVY: Final = [case for case in CASES if "poisoned" in str(case.id)] + CASES[len(WIRE | OF_TRANSFERS) :][: len(WIRE)]
LIGHT: Final = [case for case in CASES if case not in HEAVY] + HEAVY[::7]


def live_through(world: World, kind: TransactionKind, fault: Fault, place: str = "") -> WalletTransaction:
    """One transfer with that fault, its worker killed there once, and then time enough."""
    if fault:
        world.fault(method=METHODS[kind], times=1, **fault)
    row = queue(make_wallet(world, bnb="1" if kind == TRANSFER else "0"), kind=kind)
    with dying_at(place):
        work()
        world.turn(15)
        work()
        world.turn(15)
        work()
    world.control("faults", set=[])
    heal(world)
    return check_the_books(world, row, most_sent=2 if fault.get("kind") == "executes-twice" else 1)


@pytest.mark.parametrize(("kind", "fault", "expected"), LIGHT)
def test_each_fault_alone(world: World, kind: TransactionKind, fault: Fault, expected: str) -> None:
    assert live_through(world, kind, fault).status == expected


@pytest.mark.prove
@pytest.mark.parametrize(("kind", "fault", "expected"), HEAVY)
def test_each_other_fault_alone(world: World, kind: TransactionKind, fault: Fault, expected: str) -> None:
    assert live_through(world, kind, fault).status == expected


@pytest.mark.parametrize("kind", [TRANSFER, TRANSIT])
def test_killed_at_each_checkpoint(world: World, kind: TransactionKind) -> None:
    """Without a fault of the remote's: unknown only where the call had begun and its answer wasn't stored."""
    ends = {place: live_through(world, kind, {}, place).status for place in PLACES}
    lost = {"wallets: before the call", "wallets: answered", "wallets: before the answer is stored"}
    if kind == TRANSIT:
        lost.add("wallets: callback before commit")  # MBlock calls back once, and nothing else names the txid
    assert {place for place, status in ends.items() if status == "manual-review"} == lost
    assert {status for place, status in ends.items() if place not in lost} == {"completed"}


@pytest.mark.prove
@pytest.mark.parametrize(("kind", "fault", "expected"), CASES)
def test_each_fault_and_killed_at_each_checkpoint(
    world: World, kind: TransactionKind, fault: Fault, expected: str
) -> None:
    for place in PLACES:
        live_through(world, kind, fault, place)


def test_killed_between_each_fault_and_its_answer(world: World) -> None:
    """A few of the product above: answers lost, and then the worker as well."""
    for fault in ({"kind": "refusal"}, {"kind": "reset"}, {"kind": "rpc-error"}):
        for place in ("wallets: answered", "wallets: answer stored", "job: before failed"):
            live_through(world, TRANSFER, fault, place)

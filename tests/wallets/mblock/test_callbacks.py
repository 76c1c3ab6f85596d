"""What arrives at the callback's address: hints at most, whoever sends them."""

from typing import Any

import pytest
from django.test import Client

from aeghash.core.logs import redacted_text
from aeghash.core.models import Job
from tests.wallets.mblock.world import CALLBACK_URL, SECRET, World, fresh, heal, make_wallet, queue, status_of, work
from wallets.models import TransactionKind, WalletCallback, WalletTransaction

TRANSIT = TransactionKind.TRANSIT
PATH = f"/api/mblock/callback/{SECRET}/"
SAID = {"received": True}


def post(body: Any, path: str = PATH) -> tuple[int, Any]:
    answer = Client().post(path, body, content_type="application/json")
    return answer.status_code, answer.json()


def pending(world: World, **fault: Any) -> WalletTransaction:
    if fault:
        world.fault(method="transitByWalletKey", times=1, **fault)
    row = queue(make_wallet(world), kind=TRANSIT)
    work()
    assert status_of(row) == "pending-transit"
    return fresh(row)


def test_everybody_hears_the_same_and_nobody_moves_anything(world: World) -> None:
    row = pending(world, kind="callback-never")
    claim = {"result": True, "token": row.token, "txidToken": "0x" + "1" * 64}
    odd: list[tuple[Any, str]] = [
        (claim, "/api/mblock/callback/wrong/"), ("", PATH), ("[]", PATH), ('{"result": 1, "token": "x"}', PATH),
        ('{"token":"a","token":"b","result":true}', PATH), (b"\xff\xfe", PATH), ({"result": True, "token": "a\0b"}, PATH),
        ({"result": True, "token": "x" * 5000}, PATH),
    ]  # fmt: skip
    assert [post(body, path) for body, path in odd] == [(200, SAID)] * len(odd)
    assert not WalletCallback.objects.exists()
    assert post(claim) == (200, SAID)
    assert status_of(row) == "pending-transit"
    assert WalletCallback.objects.count() == 1


def test_a_body_that_is_too_large_is_not_read(world: World) -> None:
    answer = Client().post(PATH, "x" * 70_000, content_type="application/json")
    assert answer.status_code == 413
    assert not WalletCallback.objects.exists()


def test_a_forged_success_of_another_amount_completes_nothing(world: World) -> None:
    """Somebody moves a little along the same way, and claims that this was it."""
    row = pending(world, kind="callback-forged", executes=False)
    world.control(
        "transfer-outside",
        **{"from": row.wallet.address, "to": row.to_address, "amount": "1"},
        contract=row.asset.contract,
    )
    (moved,) = [each for each in world.books()["transfers"] if each["origin"] == "outside"]
    post({"result": True, "token": row.token, "txidToken": moved["txid"]})
    work()
    assert status_of(row) == "pending-transit"
    heal(world)
    assert status_of(row) == "manual-review"


def test_anothers_txid_completes_nothing(world: World) -> None:
    """Two transits alike: the first one's receipt, used, says nothing of the second."""
    first = pending(world)
    heal(world, minutes=3, step=15)
    first = fresh(first)
    world.control("token-balance", address=first.wallet.address, contract=first.asset.contract, amount="1000")
    world.fault("callback-never", method="transitByWalletKey", times=1)
    second = queue(first.wallet, kind=TRANSIT, to=first.to_address)
    work()
    post({"result": True, "token": fresh(second).token, "txidToken": first.txid})
    work()
    assert (first.status, status_of(second)) == ("completed", "pending-transit")


def test_a_callback_later_than_our_patience_still_completes_it(world: World) -> None:
    row = pending(world, kind="callback-late", seconds=3600)
    heal(world)
    assert status_of(row) == "manual-review"
    world.turn(3600)
    work()
    assert status_of(row) == "completed"


def test_ten_callbacks_are_one_hint_and_one_job(world: World) -> None:
    row = pending(world, kind="callback-never")
    for _ in range(10):
        post({"result": False, "token": row.token, "message": "no"})
    assert WalletCallback.objects.count() == 1
    assert Job.objects.filter(kind="wallets.check_transaction", state="queued", attempts=0).count() == 1


def test_unknown_tokens_can_not_fill_the_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wallets.operations.take_callback.MOST_UNKNOWN", 5)
    for number in range(9):
        post({"result": True, "token": f"token-{number}"})
    assert WalletCallback.objects.count() == 5


def test_the_address_is_masked_in_every_log_line() -> None:
    for line in (f"Not Found: {PATH}", f'"POST {PATH} HTTP/1.1" 200', CALLBACK_URL, f"{{'path': '{PATH}'}}"):
        assert SECRET not in redacted_text(line)
        assert "/callback/***" in redacted_text(line)

"""What the wallet service really does: transits in the background, receipts, callbacks, conservation."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aeghash.sandbox.chain.callbacks import Callback
from aeghash.sandbox.mblock import BNB, FEE_WALLET, PAYOUT_WALLETS, USDT, MBlock
from aeghash.sandbox.refusals import Misuse
from tests.sandbox.contract_client import CALLBACK, check_shape
from tests.sandbox.served import StoppedClock

PAYOUT = PAYOUT_WALLETS[0]
ELSEWHERE = "0x" + "e" * 40
CONFIG = {
    "fee": Decimal("0.0005"),
    "feeWalletKey": FEE_WALLET.key,
    "delay": 5,
    "count": 10,
    "callback": "http://127.0.0.1:9/callback",
}


@pytest.fixture
def wallet(service: MBlock) -> dict[str, Any]:
    """A fresh wallet with 100 USDT and no BNB."""
    wallet = service.call("requestWallet", {})
    service.transfer_outside("0x" + "d" * 40, wallet["address"], USDT, Decimal(100))
    return wallet


def transit(service: MBlock, wallet: dict[str, Any], **changes: Any) -> str:
    arguments = {"walletKey": wallet["walletKey"], "contract": USDT, "to": ELSEWHERE, "amount": "10", "config": CONFIG}
    answer = service.call("transitByWalletKey", arguments | changes)
    assert answer["result"], answer
    token: str = answer["token"]
    return token


def only_callback(service: MBlock) -> Callback:
    (callback,) = service.take_callbacks()
    check_shape(CALLBACK, callback.body)
    return callback


def balance(service: MBlock, address: str, contract: str = USDT) -> str:
    amount: str = service.call("balanceOf", {"address": address, "contract": contract or None})["amount"]
    return amount


def test_the_payout_wallets_are_the_same_under_every_seed(clock: StoppedClock) -> None:
    for seed in (1, 2):
        service = MBlock(seed=seed, clock=clock)
        assert balance(service, PAYOUT.address) == "10000000"
        assert [one.book() for one in PAYOUT_WALLETS] == service.books()["wallets"][:2]


def test_using_a_known_wallet_up_does_not_reach_into_the_next_service(clock: StoppedClock) -> None:
    service = MBlock(clock=clock)
    service.expire_wallet(PAYOUT.address)
    service.call("refreshWallet", {"walletKey": PAYOUT_WALLETS[1].key})
    assert MBlock(clock=clock).call("refreshWallet", {"walletKey": PAYOUT.key})["result"] is True
    assert MBlock(clock=clock).call("refreshWallet", {"walletKey": PAYOUT_WALLETS[1].key})["result"] is True


def test_a_transit_pays_the_gas_from_the_fee_wallet_then_moves_the_token(
    service: MBlock, wallet: dict[str, Any], clock: StoppedClock
) -> None:
    token = transit(service, wallet)
    clock.turn(4.999)
    assert balance(service, wallet["address"], BNB) == "0"
    clock.turn(0.001)
    assert balance(service, wallet["address"], BNB) == "0.0005"
    assert balance(service, ELSEWHERE) == "0"
    assert service.take_callbacks() == []
    clock.turn(5)
    assert balance(service, ELSEWHERE) == "10"
    assert balance(service, wallet["address"], BNB) == "0.0002"
    assert balance(service, FEE_WALLET.address, BNB) == "999.9994"
    callback = only_callback(service)
    assert callback.url == CONFIG["callback"]
    assert (callback.body["result"], callback.body["token"]) == (True, token)


def test_what_a_callback_names_can_be_proved_by_receipts(
    service: MBlock, wallet: dict[str, Any], clock: StoppedClock
) -> None:
    transit(service, wallet)
    clock.turn(10)
    body = only_callback(service).body
    paid = service.call("receiptByHash", {"contract": None, "txid": body["txidFee"]})
    assert paid == {"result": True, "from": FEE_WALLET.address, "to": wallet["address"], "amount": "0.0005"}
    moved = service.call("receiptByHash", {"contract": USDT, "txid": body["txidToken"]})
    assert moved == {"result": True, "from": wallet["address"], "to": ELSEWHERE, "amount": "10"}


def test_a_wallet_that_has_gas_needs_no_fee(service: MBlock, clock: StoppedClock) -> None:
    transit(service, {"walletKey": PAYOUT.key})
    clock.turn(5)
    assert only_callback(service).body["txidFee"] is None
    assert balance(service, FEE_WALLET.address, BNB) == "1000"


def test_a_callback_is_taken_once(service: MBlock, clock: StoppedClock) -> None:
    transit(service, {"walletKey": PAYOUT.key})
    clock.turn(5)
    assert len(service.take_callbacks()) == 1
    assert service.take_callbacks() == []


def failure(service: MBlock, clock: StoppedClock) -> str:
    clock.turn(3600)
    body = only_callback(service).body
    assert body["result"] is False
    assert balance(service, ELSEWHERE) == "0"
    message: str = body["message"]
    return message


def test_a_transit_fails_when_its_checks_run_out(service: MBlock, wallet: dict[str, Any], clock: StoppedClock) -> None:
    transit(service, wallet, config=CONFIG | {"count": 1})
    assert failure(service, clock) == "Request Time out, Transaction receipt not found."


def test_a_transit_fails_when_the_fee_wallet_is_empty(
    service: MBlock, wallet: dict[str, Any], clock: StoppedClock
) -> None:
    service.set_balance(FEE_WALLET.address, BNB, Decimal("0.0001"))
    transit(service, wallet)
    assert failure(service, clock) == "Not enough balance"


def test_a_transit_fails_when_the_fee_does_not_pay_the_gas(
    service: MBlock, wallet: dict[str, Any], clock: StoppedClock
) -> None:
    transit(service, wallet, config=CONFIG | {"fee": Decimal("0.0001")})
    assert failure(service, clock) == "Not enough balance"


def test_a_transit_fails_when_the_tokens_are_gone_by_then(
    service: MBlock, wallet: dict[str, Any], clock: StoppedClock
) -> None:
    transit(service, wallet)
    service.set_balance(wallet["address"], USDT, Decimal(9))
    assert failure(service, clock) == "Request volume is zero or not enough balance"


def test_a_transit_goes_on_when_the_key_is_refreshed(
    service: MBlock, wallet: dict[str, Any], clock: StoppedClock
) -> None:
    transit(service, wallet)
    service.call("refreshWallet", {"walletKey": wallet["walletKey"]})
    clock.turn(10)
    assert only_callback(service).body["result"] is True


def test_a_receipt_comes_after_its_delay(slow_service: MBlock, clock: StoppedClock) -> None:
    arguments = {"walletKey": PAYOUT.key, "contract": USDT, "to": ELSEWHERE, "amount": "1"}
    txid = slow_service.call("transferByWalletKey", arguments)["txid"]
    asked = {"contract": USDT, "txid": txid}
    clock.turn(9.999)
    refusal = {"result": False, "message": "Transaction receipt not found"}
    assert slow_service.call("receiptByHash", asked) == refusal
    clock.turn(0.001)
    assert slow_service.call("receiptByHash", asked)["result"] is True


def test_the_remote_says_when_something_happens_next(service: MBlock, clock: StoppedClock) -> None:
    transit(service, {"walletKey": PAYOUT.key})
    assert service.next_due() == clock.now + 5_000
    clock.turn(5)
    service.catch_up()
    assert service.next_due() == clock.now  # the callback
    service.take_callbacks()
    assert service.next_due() is None


# By hand


def test_a_theft_is_in_the_books_with_its_origin(service: MBlock) -> None:
    txid = service.transfer_outside(PAYOUT.address, ELSEWHERE, USDT, Decimal(7))
    assert balance(service, ELSEWHERE) == "7"
    assert balance(service, PAYOUT.address) == "9999993"
    (transfer,) = service.books()["transfers"]
    assert (transfer["txid"], transfer["origin"]) == (txid, "outside")


def test_a_theft_of_more_than_is_there_is_misuse(service: MBlock) -> None:
    before = service.books()
    with pytest.raises(Misuse):
        service.transfer_outside(PAYOUT.address, ELSEWHERE, USDT, Decimal(10**8))
    assert service.books() == before


def test_a_callback_fired_by_hand_repeats_or_forges(service: MBlock, clock: StoppedClock) -> None:
    token = transit(service, {"walletKey": PAYOUT.key})
    clock.turn(5)
    genuine = only_callback(service)
    service.fire_callback(token, {})
    repeated = only_callback(service)
    assert (repeated.body, repeated.genuine) == (genuine.body, False)
    service.fire_callback(token, {"txidToken": "0x" + "9" * 64})
    assert only_callback(service).body["txidToken"] == "0x" + "9" * 64
    service.fire_callback("unknown", {"result": True}, "http://127.0.0.1:9/x")
    assert only_callback(service).body == {"result": True, "token": "unknown"}
    with pytest.raises(Misuse):
        service.fire_callback("unknown", {})


def test_expiring_what_is_no_wallet_is_misuse(service: MBlock) -> None:
    with pytest.raises(Misuse):
        service.expire_wallet(ELSEWHERE)


# Always


@settings(max_examples=40, deadline=None)
@given(amounts=st.lists(st.tuples(st.booleans(), st.decimals("0.000000000000000001", 10**7, places=18)), max_size=15))
def test_whatever_moves_nothing_is_made_or_lost_but_gas(amounts: list[tuple[bool, Decimal]]) -> None:
    clock = StoppedClock()
    service = MBlock(clock=clock)
    before = totals(service)
    for in_background, amount in amounts:
        method = "transitByWalletKey" if in_background else "transferByWalletKey"
        arguments = {"walletKey": PAYOUT.key, "contract": USDT, "to": ELSEWHERE, "amount": f"{amount:f}"}
        service.call(method, arguments | {"config": CONFIG})
        clock.turn(3)
    clock.turn(60)
    burnt = sum(Decimal(one["gas"]) for one in service.books()["transfers"])
    after = totals(service)
    assert after["tokens"] == before["tokens"]
    assert after["bnb"] == before["bnb"] - burnt
    assert all(Decimal(line["amount"]) >= 0 for line in service.books()["balances"])


def totals(service: MBlock) -> dict[str, Decimal]:
    lines = service.books()["balances"]
    tokens = sum((Decimal(line["amount"]) for line in lines if line["contract"]), Decimal())
    bnb = sum((Decimal(line["amount"]) for line in lines if not line["contract"]), Decimal())
    return {"tokens": tokens, "bnb": bnb}

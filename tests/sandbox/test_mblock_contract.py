"""What the contract says of MBlock, checked over HTTP by a client that knows nothing but the contract."""

from collections.abc import Iterator
from typing import Any

import pytest

from aeghash.sandbox.mblock import FEE_WALLET, PAYOUT_WALLETS, TOKENS, USDT
from tests.sandbox.contract_client import MBLOCK, MBlockClient, refused
from tests.sandbox.served import Served, StoppedClock

PAYOUT = PAYOUT_WALLETS[0]
ELSEWHERE = "0x" + "e" * 40
USDC = next(contract for contract in TOKENS if contract != USDT)
CONFIG = {
    "fee": 0.0005,
    "feeWalletKey": FEE_WALLET.key,
    "delay": 5,
    "count": 10,
    "callback": "http://127.0.0.1:9/callback",
}


@pytest.fixture
def client(served_service: Served) -> Iterator[MBlockClient]:
    with MBlockClient(served_service.url) as client:
        yield client


@pytest.fixture
def wallet(client: MBlockClient) -> dict[str, Any]:
    """A fresh wallet with 100 USDT and no BNB."""
    wallet = client.call("requestWallet")
    pay(client, wallet["address"], "100")
    return wallet


def pay(client: MBlockClient, to: str, amount: str, contract: str | None = USDT) -> str:
    answer = client.call("transferByWalletKey", walletKey=PAYOUT.key, contract=contract, to=to, amount=amount)
    txid: str = answer["txid"]
    return txid


def balance(client: MBlockClient, address: str, **contract: str | None) -> str:
    amount: str = client.call("balanceOf", address=address, **contract)["amount"]
    return amount


def transit(client: MBlockClient, wallet_key: str, **changes: Any) -> str:
    arguments = {"walletKey": wallet_key, "contract": USDT, "to": ELSEWHERE, "amount": "10", "config": CONFIG}
    token: str = client.call("transitByWalletKey", **arguments | changes)["token"]
    return token


def test_every_method_of_the_contract_is_there_and_no_other(served_service: Served) -> None:
    assert set(served_service.remote.model.methods) == set(MBLOCK)


def test_balances_are_read_by_contract_and_natively_without_one(client: MBlockClient) -> None:
    assert balance(client, PAYOUT.address, contract=USDT) == "10000000"
    assert balance(client, PAYOUT.address) == balance(client, PAYOUT.address, contract=None) == "1000"
    assert balance(client, ELSEWHERE) == "0"


def test_addresses_are_the_same_in_upper_and_lower_case(client: MBlockClient) -> None:
    checksummed = "0x" + PAYOUT.address[2:].upper()
    assert balance(client, checksummed, contract="0x" + USDT[2:].upper()) == "10000000"


def test_a_transfer_moves_the_token_and_burns_gas_of_the_sender(client: MBlockClient) -> None:
    pay(client, ELSEWHERE, "12.500000000000000001")
    assert balance(client, ELSEWHERE, contract=USDT) == "12.500000000000000001"
    assert balance(client, PAYOUT.address, contract=USDT) == "9999987.499999999999999999"
    assert balance(client, PAYOUT.address) == "999.9997"


def test_a_native_transfer_moves_bnb(client: MBlockClient) -> None:
    pay(client, ELSEWHERE, "2", contract=None)
    assert balance(client, ELSEWHERE) == "2"
    assert balance(client, PAYOUT.address) == "997.9999"


def test_a_repeated_transfer_is_a_second_transfer(client: MBlockClient) -> None:
    assert pay(client, ELSEWHERE, "5") != pay(client, ELSEWHERE, "5")
    assert balance(client, ELSEWHERE, contract=USDT) == "10"


def test_a_receipt_names_sender_receiver_and_amount(client: MBlockClient) -> None:
    txid = pay(client, ELSEWHERE, "5.50")
    receipt = client.call("receiptByHash", contract=USDT, txid=txid)
    assert receipt == {"result": True, "from": PAYOUT.address, "to": ELSEWHERE, "amount": "5.5"}
    assert client.call("receiptByHash", contract=USDT, txid="0x" + txid[2:].upper()) == receipt


def test_a_native_receipt_has_no_contract(client: MBlockClient) -> None:
    txid = pay(client, ELSEWHERE, "1", contract=None)
    assert client.call("receiptByHash", contract=None, txid=txid)["amount"] == "1"


def test_a_refreshed_key_works_and_the_old_one_is_dead_at_once(client: MBlockClient, wallet: dict[str, Any]) -> None:
    pay(client, wallet["address"], "1", contract=None)
    fresh = client.call("refreshWallet", walletKey=wallet["walletKey"])["walletKey"]
    arguments = {"contract": USDT, "to": ELSEWHERE, "amount": "1"}
    for method in ("transferByWalletKey", "transitByWalletKey", "refreshWallet"):
        with refused("Invalid Wallet Key"):
            client.call(method, walletKey=wallet["walletKey"], **arguments)
    client.call("transferByWalletKey", walletKey=fresh, **arguments)


def test_a_wallet_that_was_asked_for_is_empty(client: MBlockClient) -> None:
    wallet = client.call("requestWallet")
    assert balance(client, wallet["address"]) == balance(client, wallet["address"], contract=USDT) == "0"


# Transit config


def test_a_config_is_stored_read_replaced_and_reset(client: MBlockClient) -> None:
    assert client.call("transitConfig")["config"] == {}
    assert client.call("transitConfig", config=CONFIG)["config"] == CONFIG
    assert client.call("transitConfig")["config"] == CONFIG
    assert client.call("transitConfig", config={"delay": 7})["config"] == {"delay": 7}
    assert client.call("transitConfig", config={})["config"] == {}


def test_the_fee_is_a_number_with_exactly_its_digits(client: MBlockClient) -> None:
    body = '{"method": "transitConfig", "config": {"fee": 0.000500000000000000123}}'
    headers = {"Content-Type": "application/json"}
    response = client.session.post(client.url, data=body, headers=headers, timeout=5)
    assert response.text == '{"result":true,"config":{"fee":0.000500000000000000123}}'


BAD_CONFIGS: list[object] = [
    None, [], "", 5, {"fee": "0.0005"}, {"fee": -1}, {"fee": True}, {"fee": 1001}, {"count": 0}, {"count": 1.5},
    {"count": "3"}, {"delay": -1}, {"delay": "5"}, {"callback": "ftp://x"}, {"callback": 5}, {"feeWalletKey": ""},
    {"unknown": 1},
]  # fmt: skip


@pytest.mark.parametrize("config", BAD_CONFIGS)
def test_a_bad_config_is_refused_and_nothing_is_stored(client: MBlockClient, config: object) -> None:
    client.call("transitConfig", config=CONFIG)
    with refused("Invalid Configuration"):
        client.call("transitConfig", config=config)
    assert client.call("transitConfig")["config"] == CONFIG


# Refusals, each at its documented occasion


MOVING: list[tuple[dict[str, Any], str]] = [
    ({"walletKey": "unknown"}, "Invalid Wallet Key"),
    ({"walletKey": None}, "Invalid Wallet Key"),
    ({"walletKey": 5}, "Invalid Wallet Key"),
    ({"contract": "0x12"}, "Contract address is incorrect"),
    ({"contract": 5}, "Contract address is incorrect"),
    ({"contract": "0x" + "1" * 40}, "Unsupported token symbol"),
    ({"to": None}, "Wallet address is incorrect"),
    ({"to": "0x12"}, "Wallet address is incorrect"),
    ({"to": "bc1qxy"}, "Wallet address is incorrect"),
    ({"amount": "0"}, "Request volume is zero or not enough balance"),
    ({"amount": "-1"}, "Request volume is zero or not enough balance"),
    ({"amount": "1e3"}, "Request volume is zero or not enough balance"),
    ({"amount": 5}, "Request volume is zero or not enough balance"),
    ({"amount": "0.0000000000000000001"}, "Request volume is zero or not enough balance"),
]


@pytest.mark.parametrize("method", ["transferByWalletKey", "transitByWalletKey"])
@pytest.mark.parametrize(("changes", "message"), MOVING)
def test_a_bad_argument_of_a_movement_is_refused_and_nothing_moves(
    client: MBlockClient, served_service: Served, method: str, changes: dict[str, Any], message: str
) -> None:
    client.call("transitConfig", config=CONFIG)
    before = served_service.books()
    usual = {"walletKey": PAYOUT.key, "contract": USDT, "to": ELSEWHERE, "amount": "1"}
    with refused(message):
        client.call(method, **usual | changes)
    assert served_service.books() == before


@pytest.mark.parametrize("amount", [{}, {"amount": None}, {"amount": ""}])
def test_a_transfer_needs_a_volume(client: MBlockClient, amount: dict[str, Any]) -> None:
    with refused("Transfer volume is required"):
        client.call("transferByWalletKey", walletKey=PAYOUT.key, contract=USDT, to=ELSEWHERE, **amount)


def test_more_than_the_wallet_has_is_refused(
    client: MBlockClient, wallet: dict[str, Any], served_service: Served
) -> None:
    before = served_service.books()
    arguments = {"walletKey": wallet["walletKey"], "contract": USDT, "to": ELSEWHERE, "config": CONFIG}
    with refused("Not enough balance"):
        client.call("transferByWalletKey", **arguments, amount="100.000001")
    with refused("Request volume is zero or not enough balance"):
        client.call("transitByWalletKey", **arguments, amount="100.000001")
    assert served_service.books() == before


def test_a_transfer_without_gas_is_refused(client: MBlockClient, wallet: dict[str, Any]) -> None:
    with refused("Not enough balance"):
        client.call("transferByWalletKey", walletKey=wallet["walletKey"], contract=USDT, to=ELSEWHERE, amount="1")


def test_an_expired_wallet_says_so(client: MBlockClient, wallet: dict[str, Any], served_service: Served) -> None:
    served_service.control("expire", address=wallet["address"])
    for method in ("transferByWalletKey", "transitByWalletKey", "refreshWallet"):
        with refused("Wallet address has expired"):
            client.call(method, walletKey=wallet["walletKey"], contract=USDT, to=ELSEWHERE, amount="1")


@pytest.mark.parametrize("txid", [None, "", "0x12", "0x" + "1" * 64, 5])
def test_an_unknown_transaction_has_no_receipt(client: MBlockClient, txid: object) -> None:
    with refused("Transaction receipt not found"):
        client.call("receiptByHash", contract=USDT, txid=txid)


def test_a_transaction_of_another_token_has_no_logs(client: MBlockClient) -> None:
    txid = pay(client, ELSEWHERE, "1")
    for contract in (None, USDC):
        with refused("Transaction Logs not found"):
            client.call("receiptByHash", contract=contract, txid=txid)


@pytest.mark.parametrize("address", [None, "", "0x", 5, "0x" + "g" * 40])
def test_a_balance_of_no_address_is_refused(client: MBlockClient, address: object) -> None:
    with refused("Wallet address is incorrect"):
        client.call("balanceOf", address=address)


def test_a_balance_of_an_unknown_token_is_refused(client: MBlockClient) -> None:
    with refused("Unsupported token symbol"):
        client.call("balanceOf", address=ELSEWHERE, contract="0x" + "1" * 40)


@pytest.mark.parametrize("missing", CONFIG)
def test_a_transit_without_a_field_of_its_config_is_refused(
    client: MBlockClient, wallet: dict[str, Any], served_service: Served, missing: str
) -> None:
    config = {name: value for name, value in CONFIG.items() if name != missing}
    before = served_service.books()
    with refused("Invalid Configuration"):
        transit(client, wallet["walletKey"], config=config)
    assert served_service.books() == before


def test_the_config_of_a_request_overrides_the_stored_one_field_by_field(
    client: MBlockClient, wallet: dict[str, Any]
) -> None:
    client.call("transitConfig", config={name: value for name, value in CONFIG.items() if name != "delay"})
    with refused("Invalid Configuration"):
        transit(client, wallet["walletKey"], config=None)
    transit(client, wallet["walletKey"], config={"delay": 1})
    assert "delay" not in client.call("transitConfig")["config"]


def test_a_transit_paid_by_an_unknown_wallet_is_refused(client: MBlockClient, wallet: dict[str, Any]) -> None:
    with refused("Invalid Configuration"):
        transit(client, wallet["walletKey"], config=CONFIG | {"feeWalletKey": "unknown"})


def test_a_transit_moves_tokens_only(client: MBlockClient) -> None:
    with refused("Contract address is incorrect"):
        transit(client, PAYOUT.key, contract=None)


def test_a_transit_without_an_amount_takes_all(
    client: MBlockClient, wallet: dict[str, Any], clock: StoppedClock
) -> None:
    transit(client, wallet["walletKey"], amount=None)
    clock.turn(60)
    assert balance(client, wallet["address"], contract=USDT) == "0"
    assert balance(client, ELSEWHERE, contract=USDT) == "100"


def test_a_transit_of_all_of_nothing_is_refused(client: MBlockClient) -> None:
    empty = client.call("requestWallet")["walletKey"]
    with refused("Request volume is zero or not enough balance"):
        transit(client, empty, amount=None)


def test_keys_and_permission_are_refused_as_documented(served_service: Served, client: MBlockClient) -> None:
    with MBlockClient(served_service.url, key=None) as keyless, refused("Not Found API Key"):
        keyless.call("requestWallet")
    served_service.control("access", keys=["the right one"])
    with refused("Invalid API Key"):
        client.call("requestWallet")
    served_service.control("access", keys=None, addresses=["192.0.2.1"])
    with refused("Invalid access from an unauthorized IP Address"):
        client.call("requestWallet")
    served_service.control("access", addresses=None, forbidden=["requestWallet"])
    with refused("No API Permission"):
        client.call("requestWallet")
    client.call("transitConfig")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff", b'{"method":5}', b'{"method":"nothing"}'])
def test_a_body_that_names_no_method_is_refused(client: MBlockClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.session.post(client.url, data=body, headers=headers, timeout=5).json()
    assert answer == {"result": False, "message": "Unknown Method"}

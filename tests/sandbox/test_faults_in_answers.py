"""Faults that lie in the text of an answer, met in-process."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from aeghash.sandbox.faults.kinds import POISONS, Fault
from aeghash.sandbox.faults.remote import FaultyRemote
from aeghash.sandbox.hashdam import HashDam
from aeghash.sandbox.mblock import PAYOUT_WALLETS, USDT, MBlock
from tests.sandbox.served import StoppedClock

REQUEST = {"coin": "LTC", "amount": "1"}
TRANSFER = {"walletKey": PAYOUT_WALLETS[0].key, "contract": USDT, "to": "0x" + "e" * 40, "amount": "1"}


@pytest.fixture(params=["hashdam", "mblock"])
def remote(request: pytest.FixtureRequest, pool: HashDam, service: MBlock) -> FaultyRemote:
    return FaultyRemote(pool if request.param == "hashdam" else service)


def pay(remote: FaultyRemote) -> bytes:
    if remote.model.name == "hashdam":
        return remote.call("assetWithdrawRequest", REQUEST).body
    return remote.call("transferByWalletKey", TRANSFER).body


def paid(remote: FaultyRemote) -> int:
    books = remote.model.books()
    return len(books["withdrawals" if remote.model.name == "hashdam" else "transfers"])


def fields(body: bytes) -> dict[str, Any]:
    answer = json.loads(body)
    found: dict[str, Any] = answer.get("data", answer)
    return found


def refuse(*_: object) -> None:
    raise ValueError


def strictly(body: bytes) -> Any:
    """Parse as a careful client does: no constants, no key twice, no lone surrogates."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key twice")
        return dict(pairs)

    value = json.loads(body.decode(), parse_constant=refuse, object_pairs_hook=once)
    json.dumps(value, ensure_ascii=False).encode()
    return value


BROKEN = ("duplicate-keys", "nan", "infinity", "deep", "bad-utf8", "lone-surrogate", "empty")


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_body_is_no_json_for_a_careful_parser(remote: FaultyRemote, how: str) -> None:
    remote.set_faults([Fault("poisoned", settings={"as": how})])
    body = pay(remote)
    with pytest.raises((ValueError, RecursionError)):
        strictly(body)
    assert paid(remote) == 1


@pytest.mark.parametrize("how", sorted(set(POISONS) - set(BROKEN) - {"text-type"}))
def test_a_poisoned_body_is_json_of_another_kind(remote: FaultyRemote, how: str) -> None:
    plain = pay(remote)
    remote.set_faults([Fault("poisoned", settings={"as": how})])
    body = strictly(pay(remote))
    assert paid(remote) == 2
    verdict, yes = remote.model.verdict, json.loads(plain)[remote.model.verdict]
    expected: dict[str, Callable[[], bool]] = {
        "1e400": lambda: fields(json.dumps(body).encode())["amount"] == float("inf"),
        "verdict-as-text": lambda: body[verdict] == json.dumps(yes),
        "verdict-missing": lambda: verdict not in body,
        "array": lambda: isinstance(body, list) and body[0][verdict] == yes,
        "string": lambda: body == "ok",
        "null": lambda: body is None,
        "fields-as-list": lambda: isinstance(body["data"], list),
        "fields-missing": lambda: body == {verdict: yes},
    }
    assert expected[how]()


def test_a_right_answer_may_come_as_another_type(pool: HashDam) -> None:
    remote = FaultyRemote(pool, [Fault("poisoned", settings={"as": "text-type"})])
    outcome = remote.call("assetWithdrawRequest", REQUEST)
    assert (outcome.content_type, json.loads(outcome.body)["code"]) == ("text/plain", 0)


def test_duplicate_keys_say_no_first_and_yes_last(remote: FaultyRemote) -> None:
    remote.set_faults([Fault("poisoned", settings={"as": "duplicate-keys"})])
    said = json.loads(pay(remote), object_pairs_hook=lambda pairs: pairs)
    verdicts = [value for name, value in said if name == remote.model.verdict]
    assert verdicts in ([1, 0], [False, True])


def test_depth_is_a_hundred_thousand(remote: FaultyRemote) -> None:
    remote.set_faults([Fault("poisoned", settings={"as": "deep"})])
    assert pay(remote).count(b"[") == 100_000


def test_a_poison_finds_a_place_in_every_answer(remote: FaultyRemote) -> None:
    """Also in a history, whose data is a list, and in a refusal, which has none."""
    remote.set_faults([Fault("poisoned", settings={"as": "nan"})])
    for method in remote.model.methods:
        assert b"NaN" in remote.call(method, {}).body


# Ids and echoes


def id_of(remote: FaultyRemote) -> str:
    return "withdrawId" if remote.model.name == "hashdam" else "txid"


def test_an_id_may_be_empty(remote: FaultyRemote) -> None:
    remote.set_faults([Fault("id-empty")])
    assert fields(pay(remote))[id_of(remote)] == ""
    assert paid(remote) == 1


def test_an_id_may_be_missing(remote: FaultyRemote) -> None:
    remote.set_faults([Fault("id-missing")])
    assert id_of(remote) not in fields(pay(remote))
    assert paid(remote) == 1


def test_an_id_may_be_that_of_the_call_before(remote: FaultyRemote) -> None:
    method = "assetWithdrawRequest" if remote.model.name == "hashdam" else "transferByWalletKey"
    remote.set_faults([Fault("id-repeated", method, call=2)])
    first, second = fields(pay(remote)), fields(pay(remote))
    assert first[id_of(remote)] == second[id_of(remote)]
    assert paid(remote) == 2
    assert fields(pay(remote))[id_of(remote)] != first[id_of(remote)]


def test_an_echo_may_differ(pool: HashDam) -> None:
    remote = FaultyRemote(pool, [Fault("echo-differs")])
    assert fields(pay(remote))["amount"] == "2"
    remote.set_faults([Fault("echo-differs", settings={"field": "coin", "value": "DOGE"})])
    assert fields(pay(remote))["coin"] == "DOGE"
    remote.set_faults([Fault("echo-differs", settings={"field": "coin"})])
    assert fields(pay(remote))["coin"] == "LTCX"
    assert [(one["coin"], one["amount"]) for one in pool.books()["withdrawals"]] == [("LTC", "1")] * 3


def test_a_receipt_may_lie(service: MBlock) -> None:
    remote = FaultyRemote(service, [Fault("echo-differs", "receiptByHash")])
    txid = fields(pay(remote))["txid"]
    assert fields(remote.call("receiptByHash", {"contract": USDT, "txid": txid}).body)["amount"] == "2"


def test_a_refusal_has_no_fields_to_change(remote: FaultyRemote) -> None:
    method = "assetWithdrawRequest" if remote.model.name == "hashdam" else "transferByWalletKey"
    plain = remote.call(method, {}).body
    remote.set_faults([Fault("id-empty"), Fault("echo-differs", settings={"field": "message", "value": "x"})])
    assert remote.call(method, {}).body == plain


# What becomes of a withdrawal


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_withdrawal_may_end_otherwise(pool: HashDam, clock: StoppedClock, status: str) -> None:
    settings = {"status": status, "message": "no"}
    remote = FaultyRemote(pool, [Fault("ends", call=1, settings=settings)])
    pay(remote)
    pay(remote)
    clock.turn(60)
    ends = [(one["status"], one.get("message")) for one in pool.books()["withdrawals"]]
    assert ends == [(status, "no"), ("completed", None)]


def test_a_withdrawal_may_stay_pending(pool: HashDam, clock: StoppedClock) -> None:
    remote = FaultyRemote(pool, [Fault("ends", settings={"status": "pending"})])
    pay(remote)
    clock.turn(10**6)
    assert pool.books()["withdrawals"][0]["status"] == "pending"


def test_one_withdrawal_may_be_listed_late(pool: HashDam, clock: StoppedClock) -> None:
    remote = FaultyRemote(pool, [Fault("lists-late", call=1, settings={"seconds": 500})])
    late, soon = fields(pay(remote))["withdrawId"], fields(pay(remote))["withdrawId"]
    listed = json.loads(remote.call("assetWithdrawHistory", {}).body)["data"]
    assert [row["withdrawId"] for row in listed] == [soon]
    clock.turn(500)
    listed = json.loads(remote.call("assetWithdrawHistory", {"sort": False}).body)["data"]
    assert [row["withdrawId"] for row in listed] == [late, soon]


# A transfer's own


def test_an_rpc_error_hides_whether_the_transfer_was_done(service: MBlock) -> None:
    remote = FaultyRemote(service)
    for executes in (False, True):
        remote.set_faults([Fault("rpc-error", settings={"message": "nonce too low", "executes": executes})])
        assert json.loads(pay(remote)) == {"result": False, "message": "RPCError: nonce too low"}
    assert paid(remote) == 1


def test_a_request_time_out_has_broadcast_the_transfer(service: MBlock, clock: StoppedClock) -> None:
    remote = FaultyRemote(service, [Fault("request-timeout", settings={"seconds": 45})])
    message = "Request Time out, Transaction receipt not found."
    assert json.loads(pay(remote)) == {"result": False, "message": message}
    (transfer,) = service.books()["transfers"]
    asked = {"contract": USDT, "txid": transfer["txid"]}
    assert service.call("receiptByHash", asked)["result"] is False
    clock.turn(45)
    assert service.call("receiptByHash", asked)["result"] is True


def test_a_request_time_out_may_have_done_nothing(service: MBlock) -> None:
    remote = FaultyRemote(service, [Fault("request-timeout", settings={"executes": False})])
    assert "Request Time out" in pay(remote).decode()
    assert paid(remote) == 0

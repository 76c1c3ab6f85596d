"""Callbacks early, late, often, never, forged; and how they travel."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from aeghash.sandbox.faults.kinds import Fault
from aeghash.sandbox.faults.outcomes import Outcome
from aeghash.sandbox.faults.remote import FaultyRemote
from aeghash.sandbox.mblock import FEE_WALLET, PAYOUT_WALLETS, USDT, MBlock
from tests.sandbox.contract_client import MBlockClient
from tests.sandbox.served import Served, StoppedClock

PAYOUT = PAYOUT_WALLETS[0]
ELSEWHERE = "0x" + "e" * 40


def config(callback: str = "http://127.0.0.1:9/callback") -> dict[str, Any]:
    return {"fee": Decimal("0.0005"), "feeWalletKey": FEE_WALLET.key, "delay": 5, "count": 3, "callback": callback}


def ask(remote: FaultyRemote) -> Outcome:
    arguments = {"walletKey": PAYOUT.key, "contract": USDT, "to": ELSEWHERE, "amount": "10", "config": config()}
    return remote.call("transitByWalletKey", arguments)


def token_of(outcome: Outcome) -> str:
    token: str = json.loads(outcome.body)["token"]
    return token


def strike(service: MBlock, *kinds: tuple[str, dict[str, Any]]) -> FaultyRemote:
    return FaultyRemote(service, [Fault(kind, settings=settings) for kind, settings in kinds])


def bodies(service: MBlock) -> list[dict[str, Any]]:
    return [callback.body for callback in service.take_callbacks()]


def moved(service: MBlock) -> str:
    amount: str = service.call("balanceOf", {"address": ELSEWHERE, "contract": USDT})["amount"]
    return amount


def test_an_early_callback_is_there_before_the_transfer_and_before_the_answer(
    service: MBlock, clock: StoppedClock
) -> None:
    remote = strike(service, ("callback-early", {}))
    outcome = ask(remote)
    assert outcome.callbacks_first
    (body,) = bodies(service)
    assert (body["result"], body["token"]) == (True, token_of(outcome))
    assert moved(service) == "0"
    clock.turn(60)
    assert moved(service) == "10"
    assert service.call("receiptByHash", {"contract": USDT, "txid": body["txidToken"]})["amount"] == "10"
    assert bodies(service) == []


def test_a_late_callback_comes_long_after_the_transfer(service: MBlock, clock: StoppedClock) -> None:
    ask(strike(service, ("callback-late", {"seconds": 600})))
    clock.turn(604)
    assert (moved(service), bodies(service)) == ("10", [])
    clock.turn(1)
    assert len(bodies(service)) == 1


def test_a_callback_may_come_ten_times(service: MBlock, clock: StoppedClock) -> None:
    ask(strike(service, ("callback-repeated", {})))
    clock.turn(5)
    came = bodies(service)
    assert len(came) == 10
    assert all(body == came[0] for body in came)


def test_a_callback_may_never_come(service: MBlock, clock: StoppedClock) -> None:
    ask(strike(service, ("callback-never", {})))
    clock.turn(10**6)
    assert (moved(service), bodies(service)) == ("10", [])


def forged(service: MBlock, clock: StoppedClock, how: str, **settings: Any) -> tuple[str, dict[str, Any]]:
    """Return the token and the forged callback of a transit that was faulted so."""
    token = token_of(ask(strike(service, ("callback-forged", {"as": how, **settings}))))
    (callback,) = service.take_callbacks()
    assert not callback.genuine
    clock.turn(5)
    return token, callback.body


def test_a_forged_callback_may_name_an_unknown_token(service: MBlock, clock: StoppedClock) -> None:
    token, body = forged(service, clock, "unknown-token")
    assert body["result"] is True
    assert body["token"] != token
    assert [one["token"] for one in bodies(service)] == [token]


def test_a_forged_callback_may_name_a_transaction_that_never_was(service: MBlock, clock: StoppedClock) -> None:
    token, body = forged(service, clock, "invented-txid")
    assert (body["result"], body["token"]) == (True, token)
    assert service.call("receiptByHash", {"contract": USDT, "txid": body["txidToken"]})["result"] is False


def test_a_forged_callback_may_name_somebody_elses_transfer(service: MBlock, clock: StoppedClock) -> None:
    other = service.transfer_outside("0x" + "d" * 40, "0x" + "c" * 40, USDT, Decimal(3))
    token, body = forged(service, clock, "other-transfer")
    assert (body["token"], body["txidToken"]) == (token, other)
    assert service.call("receiptByHash", {"contract": USDT, "txid": other})["amount"] == "3"


def test_a_forged_callback_may_deny_what_is_done(service: MBlock, clock: StoppedClock) -> None:
    token, body = forged(service, clock, "failure")
    assert (body["result"], body["token"]) == (False, token)
    assert moved(service) == "10"


def test_a_forged_callback_may_claim_what_is_never_done(service: MBlock, clock: StoppedClock) -> None:
    _, body = forged(service, clock, "invented-txid", executes=False)
    assert body["result"] is True
    clock.turn(10**6)
    assert (moved(service), bodies(service)) == ("0", [])


def test_a_transit_may_move_another_amount(service: MBlock, clock: StoppedClock) -> None:
    ask(strike(service, ("transit-amount", {"amount": "9.5"})))
    clock.turn(5)
    (body,) = bodies(service)
    assert body["result"] is True
    assert service.call("receiptByHash", {"contract": USDT, "txid": body["txidToken"]})["amount"] == "9.5"


def test_a_transit_cannot_move_more_than_there_is(service: MBlock, clock: StoppedClock) -> None:
    ask(strike(service, ("transit-amount", {"amount": "99999999"})))
    clock.turn(5)
    assert moved(service) == "10000000"
    assert service.call("balanceOf", {"address": PAYOUT.address, "contract": USDT})["amount"] == "0"


@pytest.mark.parametrize(("executes", "expected"), [(True, "10"), (False, "0")])
def test_a_callback_of_failure_may_be_true_or_not(
    service: MBlock, clock: StoppedClock, executes: bool, expected: str
) -> None:
    message = "Request Time out, Transaction receipt not found."
    ask(strike(service, ("callback-fails", {"message": message, "executes": executes})))
    clock.turn(5)
    (body,) = bodies(service)
    assert (body["result"], body["message"]) == (False, message)
    assert moved(service) == expected


def test_faults_of_callbacks_add_up(service: MBlock, clock: StoppedClock) -> None:
    ask(strike(service, ("callback-late", {"seconds": 60}), ("callback-repeated", {"copies": 3})))
    clock.turn(5)
    assert bodies(service) == []
    clock.turn(60)
    assert len(bodies(service)) == 3


# Over HTTP


class Receiver(ThreadingHTTPServer):
    """Takes callbacks and keeps them with the moment they came."""

    request_queue_size = 64  # ten at once must not queue up in the kernel

    def __init__(self) -> None:
        self.came: list[tuple[float, dict[str, Any]]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/callback?secret=1"

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        until = time.monotonic() + 20
        while len(self.came) < count and time.monotonic() < until:
            time.sleep(0.01)
        return [body for _, body in self.came]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Receiver)
        assert self.path == "/callback?secret=1"
        self.server.came.append((time.monotonic(), json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, args=(0.01,))
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


@pytest.fixture
def ask_served(served_service: Served, receiver: Receiver) -> Iterator[Callable[[str], str]]:
    with MBlockClient(served_service.url) as client:

        def ask_it(callback: str) -> str:
            asked = {**config(callback), "fee": 0.0005}
            arguments = {"walletKey": PAYOUT.key, "contract": USDT, "to": ELSEWHERE, "amount": "10"}
            token: str = client.call("transitByWalletKey", **arguments, config=asked)["token"]
            return token

        yield ask_it


def test_a_callback_is_posted_when_it_is_due(
    served_service: Served, receiver: Receiver, clock: StoppedClock, ask_served: Callable[[str], str]
) -> None:
    token = ask_served(receiver.url)
    assert receiver.came == []
    clock.turn(5)
    (body,) = receiver.wait_for(1)
    assert (body["result"], body["token"]) == (True, token)
    assert delivery(served_service) == "204 No Content"


def test_ten_callbacks_are_posted_ten_times(
    served_service: Served, receiver: Receiver, clock: StoppedClock, ask_served: Callable[[str], str]
) -> None:
    served_service.fault("callback-repeated", copies=10)
    ask_served(receiver.url)
    clock.turn(5)
    assert len(receiver.wait_for(10)) == 10


def test_an_early_callback_is_posted_before_the_answer(
    served_service: Served, receiver: Receiver, ask_served: Callable[[str], str]
) -> None:
    served_service.fault("callback-early")
    token = ask_served(receiver.url)
    answered = time.monotonic()
    ((came, body),) = receiver.came
    assert came < answered
    assert body["token"] == token


def delivery(served: Served) -> str:
    """Return what became of the first callback, once something has."""
    until = time.monotonic() + 20
    told: str | None = None
    while told is None and time.monotonic() < until:
        time.sleep(0.01)
        told = served.books()["callbacks"][0]["delivery"]
    assert told is not None
    return told


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/x", "http://aegmall.example/x", "https://127.0.0.1/x", "http://127.0.0.1.example/x"]
)
def test_callbacks_go_to_this_machine_only(
    served_service: Served, clock: StoppedClock, ask_served: Callable[[str], str], url: str
) -> None:
    ask_served(url)
    clock.turn(5)
    assert delivery(served_service) == "refused: only http to a loopback address"


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/x", "http://[::1/x"])
def test_a_url_that_is_none_harms_nothing(
    served_service: Served, clock: StoppedClock, ask_served: Callable[[str], str], url: str
) -> None:
    ask_served(url)
    clock.turn(5)
    assert delivery(served_service) == "refused: no usable URL"


def test_a_callback_nobody_takes_is_noted(
    served_service: Served, clock: StoppedClock, ask_served: Callable[[str], str]
) -> None:
    ask_served("http://127.0.0.1:9/x")
    clock.turn(5)
    assert delivery(served_service).startswith("failed")

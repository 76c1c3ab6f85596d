"""One seed and one row of calls: the same bytes in-process and over HTTP."""

import json
from collections.abc import Callable
from decimal import ROUND_UP, Context, localcontext
from typing import Any

import requests

from aeghash.sandbox.faults.kinds import parse_fault
from aeghash.sandbox.faults.remote import FaultyRemote
from aeghash.sandbox.hashdam import HashDam
from aeghash.sandbox.jsontext import to_json
from aeghash.sandbox.mblock import FEE_WALLET, PAYOUT_WALLETS, USDT, MBlock
from aeghash.sandbox.model import Model
from tests.sandbox.served import Served, StoppedClock

Serve = Callable[[Model], Served]
Steps = list[tuple[str, dict[str, Any]]]
"""A method and its arguments, or `turn` and seconds."""

POOL_FAULTS: list[dict[str, Any]] = [
    {"kind": "id-repeated", "chance": "0.2"},
    {"kind": "echo-differs", "chance": "0.2"},
    {"kind": "executes-twice", "method": "assetWithdrawRequest", "chance": "0.3"},
    {"kind": "lists-late", "chance": "0.3"},
    {"kind": "ends", "chance": "0.3", "status": "canceled"},
    {"kind": "status", "chance": "0.1", "status": 503},
    {"kind": "poisoned", "chance": "0.1", "as": "duplicate-keys"},
    {"kind": "history-reorders", "chance": "0.5"},
    {"kind": "history-repeats", "chance": "0.3"},
]
SERVICE_FAULTS: list[dict[str, Any]] = [
    {"kind": "rpc-error", "chance": "0.2"},
    {"kind": "request-timeout", "chance": "0.2"},
    {"kind": "callback-repeated", "chance": "0.5", "copies": 3},
    {"kind": "callback-forged", "chance": "0.3"},
    {"kind": "html", "chance": "0.1"},
]


def pool_steps() -> Steps:
    steps: Steps = []
    for number in range(12):
        steps += [
            ("assetWithdrawRequest", {"coin": ("LTC", "PEP")[number % 2], "amount": f"{number}.50"}),
            ("hashPowerSwap", {"amount": "10"}),
            ("turn", {"seconds": 4_000}),
            ("assetWithdrawHistory", {"limit": 5}),
            ("profitDaily", {}),
            ("assetBalance", {}),
            ("nothing", {}),
        ]
    return steps


def service_steps() -> Steps:
    key = PAYOUT_WALLETS[0].key
    config = {"fee": 0.0005, "feeWalletKey": FEE_WALLET.key, "delay": 1, "count": 3, "callback": "http://127.0.0.1:9/"}
    steps: Steps = [("transitConfig", {"config": config})]
    for number in range(1, 10):
        moving = {"walletKey": key, "contract": USDT, "to": "0x" + "e" * 40, "amount": f"{number}"}
        steps += [
            ("requestWallet", {}),
            ("transferByWalletKey", moving),
            ("transitByWalletKey", moving),
            ("turn", {"seconds": 20}),
            ("balanceOf", {"address": "0x" + "e" * 40, "contract": USDT}),
        ]
    return steps


def in_process(
    model: Model, clock: StoppedClock, faults: list[dict[str, Any]], steps: Steps
) -> tuple[list[bytes], str]:
    remote = FaultyRemote(model, [parse_fault(fault) for fault in faults])
    bodies = []
    for method, arguments in steps:
        if method == "turn":
            clock.turn(arguments["seconds"])
        else:
            body = json.dumps({"method": method, **arguments}).encode()
            bodies.append(remote.receive(body).body)
    return bodies, to_json(remote.trace_json())


def over_http(
    served: Served, clock: StoppedClock, faults: list[dict[str, Any]], steps: Steps
) -> tuple[list[bytes], str]:
    served.remote.set_faults([parse_fault(fault) for fault in faults])
    bodies = []
    with requests.Session() as session:
        session.headers[served.remote.model.key_header] = "k"
        for method, arguments in steps:
            if method == "turn":
                clock.turn(arguments["seconds"])
            else:
                bodies.append(session.post(served.url, json={"method": method, **arguments}, timeout=5).content)
    return bodies, requests.get(f"{served.root}/_trace", timeout=5).text


def test_the_pool_says_and_traces_the_same_bytes(serve: Serve) -> None:
    clocks = StoppedClock(), StoppedClock()
    inside = in_process(HashDam(seed=11, clock=clocks[0]), clocks[0], POOL_FAULTS, pool_steps())
    outside = over_http(serve(HashDam(seed=11, clock=clocks[1])), clocks[1], POOL_FAULTS, pool_steps())
    assert inside == outside
    assert inside[1].count('"faults":[{') > 20


def test_the_wallet_service_says_and_traces_the_same_bytes(serve: Serve) -> None:
    clocks = StoppedClock(), StoppedClock()
    inside = in_process(MBlock(seed=11, clock=clocks[0]), clocks[0], SERVICE_FAULTS, service_steps())
    outside = over_http(serve(MBlock(seed=11, clock=clocks[1])), clocks[1], SERVICE_FAULTS, service_steps())
    assert inside == outside
    assert inside[1].count('"faults":[{') > 5


def test_the_books_of_the_pool_are_the_same_bytes(serve: Serve) -> None:
    clocks = StoppedClock(), StoppedClock()
    inside = HashDam(seed=11, clock=clocks[0])
    in_process(inside, clocks[0], POOL_FAULTS, pool_steps())
    served = serve(HashDam(seed=11, clock=clocks[1]))
    over_http(served, clocks[1], POOL_FAULTS, pool_steps())
    assert requests.get(f"{served.root}/_books", timeout=5).text == to_json(inside.books())


def run_pool(seed: int) -> tuple[list[bytes], str]:
    clock = StoppedClock()
    return in_process(HashDam(seed=seed, clock=clock), clock, POOL_FAULTS, pool_steps())


def test_another_seed_says_something_else() -> None:
    assert run_pool(seed=1) != run_pool(seed=2)


def test_the_callers_decimal_context_changes_nothing() -> None:
    plain = run_pool(seed=1)
    with localcontext(Context(prec=5, rounding=ROUND_UP)):
        odd = run_pool(seed=1)
    assert plain == odd

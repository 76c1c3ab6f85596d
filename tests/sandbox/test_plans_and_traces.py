"""Which faults strike which calls, and that a trace tells it well enough to have it again."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aeghash.sandbox.chance import Chance
from aeghash.sandbox.faults.kinds import KINDS, Fault, parse_fault, usual_settings
from aeghash.sandbox.faults.plan import Plan, faults_of_trace
from aeghash.sandbox.faults.remote import TRACE_KEPT, FaultyRemote
from aeghash.sandbox.hashdam import HashDam
from aeghash.sandbox.jsontext import from_json, to_json
from aeghash.sandbox.mblock import MBlock
from aeghash.sandbox.refusals import Misuse
from tests.sandbox.served import StoppedClock

REQUEST = {"coin": "LTC", "amount": "1"}


def struck(remote: FaultyRemote) -> list[list[str]]:
    return [[fault["kind"] for fault in entry["faults"]] for entry in remote.trace if entry["event"] == "call"]


def call(remote: FaultyRemote, *methods: str) -> list[list[str]]:
    for method in methods:
        remote.call(method, REQUEST)
    return struck(remote)


def test_a_fault_of_all_methods_strikes_each_call(pool: HashDam) -> None:
    remote = FaultyRemote(pool, [Fault("html")])
    assert call(remote, "projectInfo", "assetBalance") == [["html"], ["html"]]


def test_a_fault_of_a_method_strikes_that_method(pool: HashDam) -> None:
    remote = FaultyRemote(pool, [Fault("html", "assetBalance")])
    assert call(remote, "projectInfo", "assetBalance") == [[], ["html"]]


def test_a_call_number_counts_the_calls_of_the_method(pool: HashDam) -> None:
    remote = FaultyRemote(pool, [Fault("timeout", "assetWithdrawRequest", call=3)])
    request = "assetWithdrawRequest"
    assert call(remote, request, "projectInfo", request, "projectInfo", request, request) == [
        [], [], [], [], ["timeout"], [],
    ]  # fmt: skip


def test_a_call_number_of_all_methods_counts_all_calls(pool: HashDam) -> None:
    remote = FaultyRemote(pool, [Fault("html", call=3)])
    assert call(remote, "projectInfo", "assetBalance", "hashBalance", "projectInfo") == [[], [], ["html"], []]


def test_a_fault_strikes_at_most_its_times(pool: HashDam) -> None:
    remote = FaultyRemote(pool, [Fault("html", times=2)])
    assert call(remote, *["projectInfo"] * 4) == [["html"], ["html"], [], []]


def test_of_two_shapes_the_first_that_strikes_wins(pool: HashDam) -> None:
    remote = FaultyRemote(pool, [Fault("html", times=1), Fault("timeout")])
    assert call(remote, "projectInfo", "projectInfo") == [["html"], ["timeout"]]


def test_faults_of_different_stages_add_up(pool: HashDam) -> None:
    faults = [Fault("latency"), Fault("executes-twice"), Fault("reset"), Fault("id-empty")]
    remote = FaultyRemote(pool, faults)
    assert call(remote, "assetWithdrawRequest") == [["latency", "executes-twice", "reset", "id-empty"]]


def test_chance_strikes_about_as_often_as_it_says_and_the_same_under_one_seed(clock: StoppedClock) -> None:
    def run(seed: int) -> list[list[str]]:
        remote = FaultyRemote(HashDam(seed=seed, clock=clock), [Fault("html", chance=Decimal("0.3"))])
        return call(remote, *["projectInfo"] * 1000)

    first = run(1)
    assert 240 < sum(map(bool, first)) < 360
    assert run(1) == first
    assert run(2) != first


@pytest.mark.parametrize(("chance", "expected"), [("0", []), ("1", ["html"])])
def test_chance_of_nought_never_strikes_and_of_one_always(pool: HashDam, chance: str, expected: list[str]) -> None:
    remote = FaultyRemote(pool, [Fault("html", chance=Decimal(chance))])
    assert call(remote, *["projectInfo"] * 50) == [expected] * 50


def test_a_draw_depends_on_no_draw_before(pool: HashDam) -> None:
    """Calls of one method in between don't change what strikes another."""
    faults = [Fault("html", chance=Decimal("0.5"))]
    alone = Plan(faults, Chance(7))
    between = Plan(faults, Chance(7))
    for number in range(1, 50):
        expected = alone.decide("projectInfo", number, number)
        between.decide("assetBalance", number, 2 * number)
        assert between.decide("projectInfo", number, 2 * number + 1) == expected


BAD: list[object] = [
    None, [], "reset", {}, {"kind": 5}, {"kind": "nothing"}, {"kind": "reset", "bytes": -1},
    {"kind": "reset", "bytes": "1"}, {"kind": "reset", "bytes": True}, {"kind": "reset", "unknown": 1},
    {"kind": "reset", "call": 0}, {"kind": "reset", "call": "1"}, {"kind": "reset", "times": 0},
    {"kind": "reset", "chance": "x"}, {"kind": "reset", "chance": 2}, {"kind": "reset", "chance": "-0.1"},
    {"kind": "reset", "chance": "NaN"}, {"kind": "reset", "method": 5}, {"kind": "status", "status": 200},
    {"kind": "timeout", "executes": 1}, {"kind": "latency", "seconds": -1}, {"kind": "latency", "seconds": "1"},
    {"kind": "poisoned", "as": "nothing"}, {"kind": "executes-late", "executes": False},
]  # fmt: skip


@pytest.mark.parametrize("given", BAD)
def test_a_fault_that_makes_no_sense_is_misuse(given: object) -> None:
    with pytest.raises(Misuse):
        parse_fault(given)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("html", "nothing"),
        Fault("rpc-error"),
        Fault("callback-never"),
        Fault("history-repeats", "projectInfo"),
        Fault("ends", "assetBalance"),
    ],
)
def test_a_fault_that_cannot_strike_here_is_misuse_and_leaves_the_plan_alone(pool: HashDam, fault: Fault) -> None:
    remote = FaultyRemote(pool, [Fault("html")])
    with pytest.raises(Misuse):
        remote.set_faults([Fault("reset"), fault])
    with pytest.raises(Misuse):
        remote.add_fault(fault)
    assert remote.plan.faults == (Fault("html"),)


def test_every_fault_survives_json() -> None:
    for kind, usual in usual_settings().items():
        fault = Fault(kind, "*", call=2, chance=Decimal("0.25"), times=3, settings=usual)
        assert parse_fault(from_json(to_json(fault.as_json()).encode())) == fault


def test_no_setting_has_the_name_of_a_selection() -> None:
    for kind in KINDS.values():
        assert not {"kind", "method", "call", "chance", "times"} & set(kind.settings)


# Traces


def test_a_trace_tells_what_came_what_struck_and_what_was_shown(pool: HashDam, clock: StoppedClock) -> None:
    remote = FaultyRemote(pool, [Fault("status", "assetWithdrawRequest", settings={"status": 502})])
    remote.call("assetWithdrawRequest", REQUEST)
    assert (
        remote.trace_json()
        == {
            "remote": "hashdam",
            "seed": 7,
            "entries": [
                {
                    "n": 1,
                    "at": clock.now,
                    "event": "call",
                    "method": "assetWithdrawRequest",
                    "number": 1,
                    "arguments": REQUEST,
                    "faults": [{"kind": "status", "status": 502}],
                    "executions": 1,
                    "shown": {
                        "kind": "answered",
                        "status": 502,
                        "delay_ms": 0,
                        "bytes": 77,
                        "text": "<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>"[:77],
                    },
                }
            ],
        }
        or remote.trace[-1]["shown"]["status"] == 502
    )


def test_a_late_execution_is_an_event_of_its_own(pool: HashDam, clock: StoppedClock) -> None:
    remote = FaultyRemote(pool, [Fault("executes-late", "assetWithdrawRequest", times=1)])
    remote.call("assetWithdrawRequest", REQUEST)
    clock.turn(60)
    remote.call("projectInfo", {})
    late = remote.trace[1]
    assert (late["event"], late["executed"], late["number"], late["at"]) == ("late", True, 1, clock.now - 30_000)


def test_a_key_is_not_written_down(pool: HashDam) -> None:
    remote = FaultyRemote(pool)
    remote.receive(b'{"method":"projectInfo"}', key="a key somebody pasted by mistake")
    assert "mistake" not in to_json(remote.trace_json())
    assert "mistake" not in to_json(pool.books())


def test_a_trace_keeps_its_size_whatever_comes(pool: HashDam) -> None:
    remote = FaultyRemote(pool)
    remote.receive(json.dumps({"method": "projectInfo", "x": "y" * 60_000}).encode())
    assert len(to_json(remote.trace[-1])) < 2_000
    assert remote.trace.maxlen == TRACE_KEPT


def test_a_trace_can_be_read_from_an_event_on(pool: HashDam) -> None:
    remote = FaultyRemote(pool)
    call(remote, "projectInfo", "assetBalance", "hashBalance")
    assert [entry["n"] for entry in remote.trace_json(after=1)["entries"]] == [2, 3]


HASHDAM_CALLS = ("assetWithdrawRequest", "assetWithdrawHistory", "hashCreditCharge", "projectInfo", "nothing")
KINDS_TRIED = [name for name in KINDS if name != "huge"]


def run(remote: FaultyRemote, clock: StoppedClock, methods: list[str]) -> list[Any]:
    outcomes = []
    for method in methods:
        clock.turn(7)
        outcomes.append(remote.call(method, REQUEST))
    return outcomes


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    kinds=st.lists(st.tuples(st.sampled_from(KINDS_TRIED), st.sampled_from(["0.2", "0.5", "1"])), max_size=8),
    methods=st.lists(st.sampled_from(HASHDAM_CALLS), max_size=30),
)
def test_a_replayed_trace_meets_the_same_again(seed: int, kinds: list[tuple[str, str]], methods: list[str]) -> None:
    clock = StoppedClock()
    remote = FaultyRemote(HashDam(seed=seed, clock=clock))
    here = remote.kinds()
    remote.set_faults([Fault(kind, chance=Decimal(chance)) for kind, chance in kinds if kind in here])
    outcomes = run(remote, clock, methods)
    recorded = to_json(remote.trace_json())

    clock = StoppedClock()
    again = FaultyRemote(HashDam(seed=seed, clock=clock))
    again.replay(from_json(recorded.encode())["entries"])
    assert run(again, clock, methods) == outcomes
    assert to_json(again.trace_json()) == recorded
    assert again.model.books() == remote.model.books()


def test_what_a_trace_yields_are_exact_faults(pool: HashDam) -> None:
    remote = FaultyRemote(pool, [Fault("html", chance=Decimal("0.5"))])
    call(remote, *["projectInfo"] * 20)
    exact = faults_of_trace(remote.trace)
    assert exact
    assert all(fault.chance is None and fault.times is None and fault.call for fault in exact)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_strike_every_method_it_is_for_without_an_error(
    kind: str, pool: HashDam, service: MBlock, clock: StoppedClock
) -> None:
    remotes = [one for one in (FaultyRemote(pool), FaultyRemote(service)) if kind in one.kinds()]
    assert remotes
    for remote in remotes:
        remote.set_faults([Fault(kind)])
        for method in remote.model.methods:
            remote.call(method, REQUEST)
        clock.turn(3600)
        remote.model.books()


def test_a_reset_forgets_everything_but_how_it_began(pool: HashDam) -> None:
    remote = FaultyRemote(pool, [Fault("html")])
    fresh = to_json(pool.books())
    call(remote, "assetWithdrawRequest")
    pool.turn_days(3)
    pool.change_access(keys=frozenset())
    remote.reset()
    assert to_json(remote.model.books()) == fresh
    assert (list(remote.trace), remote.plan.faults) == ([], ())
    assert remote.call("projectInfo", {}).executed
    remote.reset(8)
    assert remote.model.seed == 8
    assert to_json(remote.model.books()) != fresh

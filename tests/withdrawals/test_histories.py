"""What the pool's history may do to the truth, while payouts are looked up in it: nothing is paid twice, failed although it
was paid, or completed although it was not; when the history is true again, each comes to its end."""

from functools import partial
from typing import Any, Final

import pytest

from mining.channels import hashdam as pool_channel
from tests.withdrawals.dying import Fault, live_through
from tests.withdrawals.world import World, member, staff

HISTORIES: Final[dict[str, dict[str, Any]]] = {
    "lags": {"kind": "history-lags", "seconds": 600},
    "misses all, with a sign": {"kind": "history-misses", "every": 1},
    "misses all, without": {"kind": "history-misses", "every": 1, "quietly": True},
    "misses every second": {"kind": "history-misses", "every": 2, "quietly": True},
    "repeats": {"kind": "history-repeats"},
    "unordered": {"kind": "history-reorders"},
    "page 2 lost": {"kind": "history-loses-page"},
    "status goes back": {"kind": "history-status-back"},
    "trailing zeros": {"kind": "history-trailing-zeros"},
    "null address": {"kind": "history-null-address"},
    "net of the fee": {"kind": "history-amounts", "as": "net"},
    "gross of the fee": {"kind": "history-amounts", "as": "gross"},
    "unreadable": {"kind": "truncated"},
}
CALLS: Final[dict[str, list[Fault]]] = {
    "accepted": [],
    "done, answer lost": [{"kind": "reset"}],
    "not done": [{"kind": "reset", "executes": False}],
    "failed by the pool": [{"kind": "ends", "status": "failed", "message": "no"}],
}
CASES: Final = [(history, call) for history in HISTORIES for call in CALLS]
# Where the history decides alone: it must not show, by what it leaves out, that nothing was paid.
SOME: Final = [
    ("lags", "done, answer lost"),
    ("misses all, without", "done, answer lost"),
    ("status goes back", "accepted"),
    ("trailing zeros", "done, answer lost"),
    ("repeats", "not done"),
]


@pytest.fixture(autouse=True)
def _impatient_and_with_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_channel, "CALL_SECONDS", 0.4)
    monkeypatch.setattr("mining.clients.hashdam.histories.LIMIT", 2)  # so that few rows have a second page


def live(world: World, cases: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    user, people = member(LTC="10000"), (staff(), staff())
    ends = {}
    for number, (history, call) in enumerate(cases, 1):
        spoil = partial(world.pool.fault, method="assetWithdrawHistory", **HISTORIES[history])
        amount = f"{number * 0.25:.2f}".rstrip("0").rstrip(".")
        try:
            left = live_through(world, user, people, "hashdam", CALLS[call], "", amount, claimed=spoil)
        except AssertionError as error:
            raise AssertionError(f"{history}, {call}: {error}") from error
        ends[history, call] = left.status
    return ends


def test_a_choice_of_them(world: World) -> None:
    ends = live(world, SOME)
    assert ends["trailing zeros", "done, answer lost"] == "completed", "the same amount, written otherwise"
    assert "failed" not in {ends[case] for case in SOME if case[1] == "done, answer lost"}


@pytest.mark.prove
@pytest.mark.parametrize("history", HISTORIES)
def test_each_of_them(world: World, history: str) -> None:
    live(world, [case for case in CASES if case[0] == history])

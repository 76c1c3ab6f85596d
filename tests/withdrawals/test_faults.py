"""Kill points, times what the remote does, times messages delivered again: for both channels, each to its very end."""

from typing import Final

import pytest

from mining.channels import hashdam as pool_channel
from tests.mining.test_payouts import OUTCOMES
from tests.wallets.mblock.test_faults import OF_TRANSFERS, WIRE
from tests.withdrawals.dying import PLACES, Fault, live_through
from tests.withdrawals.world import World, member, staff
from wallets.clients.mblock import client

TWICE: Final = {"done twice": [{"kind": "executes-twice"}]}
TWICE_LOST: Final = {"done twice, answer lost": [{"kind": "executes-twice"}, {"kind": "reset"}]}
FAULTS: Final[dict[str, dict[str, list[Fault]]]] = {
    "hashdam": {name: faults for name, (faults, _ends) in OUTCOMES.items()} | TWICE | TWICE_LOST,
    "mblock": {name: [fault] if fault else [] for name, (fault, _end) in (WIRE | OF_TRANSFERS).items()},
}
CASES: Final = [
    (channel, name, place) for channel, faults in FAULTS.items() for name in faults for place in ("", *PLACES[channel])
]
# One path each: what comes back is told apart by the remotes' own tests, which see every poison there is.
LIGHT_FAULTS: Final = {
    "hashdam": ("accepted", "fails", "no permission", "reset, done", "reset, not done", "listed late", "done twice"),
    "mblock": ("nothing", "reset before the answer", "503, not done", "an address not let in"),
}
LIGHT: Final = [(channel, name, "") for channel, names in LIGHT_FAULTS.items() for name in names] + [
    (channel, names[turn % 2 * 3], place)
    for channel, names in LIGHT_FAULTS.items()
    for turn, place in enumerate(PLACES[channel])
]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_channel, "CALL_SECONDS", 0.4)
    monkeypatch.setattr(client, "DEADLINE", 0.4)  # what is silent stays silent, however long one waits


def live(world: World, cases: list[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
    """One after the other on the same books, as in a year of them; each with an amount of its own."""
    user, people = member(LTC="10000", USDT="10000"), (staff(), staff())
    ends: dict[tuple[str, str, str], str] = {}
    for number, (channel, name, place) in enumerate(cases, 1):
        amount = f"{number * 0.25:.2f}".rstrip("0").rstrip(".")
        try:
            ends[channel, name, place] = live_through(
                world, user, people, channel, FAULTS[channel][name], place, amount
            ).status
        except AssertionError as error:
            raise AssertionError(f"{channel}, {name}, killed at {place or 'no place'}: {error}") from error
    return ends


def test_there_are_several_hundred_of_them() -> None:
    assert len(CASES) > 700


def test_a_choice_of_them(world: World) -> None:
    ends = live(world, LIGHT)
    assert ends["hashdam", "accepted", ""] == ends["mblock", "nothing", ""] == "completed"
    assert ends["hashdam", "fails", ""] == "failed"
    assert ends["hashdam", "reset, not done", ""] == "manual-review"


@pytest.mark.prove
@pytest.mark.parametrize(("channel", "name"), [(channel, name) for channel, names in FAULTS.items() for name in names])
def test_each_of_them(world: World, channel: str, name: str) -> None:
    live(world, [case for case in CASES if case[:2] == (channel, name)])

"""The company under misfortune: small sizes here, full ones by `make prove`."""

from collections import Counter
from typing import Final

import pytest

from aeghash.simulation.cast import Cast, Report
from aeghash.simulation.shrinking import Left, shrunk
from tests.simulation.planted import BUGS

pytestmark = pytest.mark.xdist_group("simulation")

FEW: Final = range(1, 5)
RARE: Final = (
    "lock wait",
    "death at checkpoint",
    "death at commit",
    "death at committed",
    "death at call",
    "death at answer",
    "answer of a commit lost",
    "connection lost in a commit",
    "message lost",
    "message twice",
    "message late",
    "remote unreached",
    "timeout by a remote",
    "reset by a remote",
    "executed twice by the remote",
    "theft at the pool",
    "forged callback",
    "a call sent twice at once",
    "approval refused: version_conflict",
    "manual review: resend",
    "manual review: release",
)


def test_every_invariant_holds_and_a_seed_has_one_trace(cast: Cast) -> None:
    """Played again in another order: what one run leaves behind is nothing to the next."""
    first = {report.seed: report for report in cast.play(FEW)}
    assert {seed: report.violations for seed, report in first.items() if report.broken} == {}
    assert len({report.digest for report in first.values()}) == len(first)
    again = {report.seed: report.digest for report in cast.play([2])}
    assert again == {2: first[2].digest}


def test_a_planted_mistake_is_found(cast: Cast) -> None:
    *_fine, last = cast.play_until_broken(range(1, 41), bug="release before proof")
    assert "S2" in last.broken


@pytest.mark.prove
@pytest.mark.slow
def test_two_hundred_seeds_have_one_trace_each(cast: Cast) -> None:
    first = [report.digest for report in cast.play(range(1, 201))]
    assert [report.digest for report in cast.play(range(1, 201))] == first


@pytest.mark.prove
@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_each_planted_mistake_is_found_within_two_hundred_seeds(cast: Cast, bug: str) -> None:
    _patches, names = BUGS[bug]
    assert any(names & set(cast.players[0].play(seed, bug=bug).broken) for seed in range(1, 201))


@pytest.mark.prove
@pytest.mark.slow
def test_ten_thousand_seeds_hold_and_reach_every_rare_case(cast: Cast) -> None:
    reach: Counter[str] = Counter()
    for report in cast.play(range(1, 10_001)):
        assert report.broken == [], report.seed
        reach.update(report.reach)
    assert {case: reach[case] for case in RARE if reach[case] < 20} == {}


@pytest.mark.prove
@pytest.mark.slow
def test_a_failing_seed_is_told_shortly(cast: Cast) -> None:
    bug = "release before proof"
    *_fine, long = cast.play_until_broken(range(1, 201), bug=bug)

    def replay(left: Left) -> Report:
        return cast.players[0].play(long.seed, bug=bug, kinds=left.kinds, acts=left.acts, strokes=left.strokes)

    short, left = shrunk(long, replay)
    assert set(short.broken) & set(long.broken)
    assert len(left) > 0
    assert len(short.story) < len(long.story)

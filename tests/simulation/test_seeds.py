"""The company under misfortune: small sizes here, full ones by `make prove`."""

from collections import Counter

import pytest

from aeghash.simulation.cast import Cast
from aeghash.simulation.shrinking import Left, shrunk
from tests.simulation.planted import BUGS

pytestmark = pytest.mark.xdist_group("simulation")

FEW = range(1, 13)
RARE = (
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
    "approval refused: version_conflict",
    "manual review: resend",
    "manual review: release",
)


def test_every_invariant_holds(cast: Cast) -> None:
    assert {report.seed: report.violations for report in cast.play(FEW) if report.broken} == {}


def test_the_same_seed_is_the_same_trace(cast: Cast) -> None:
    first = {report.seed: report.digest for report in cast.play(FEW[:4])}
    again = {report.seed: report.digest for report in cast.play(reversed(FEW[:4]))}
    assert first == again
    assert len(set(first.values())) == len(first)


@pytest.mark.prove
@pytest.mark.slow
def test_two_hundred_seeds_have_one_trace_each(cast: Cast) -> None:
    first = [report.digest for report in cast.play(range(1, 201))]
    assert [report.digest for report in cast.play(range(1, 201))] == first


@pytest.mark.prove
@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_mistake_is_found_within_two_hundred_seeds(cast: Cast, bug: str) -> None:
    _patches, names = BUGS[bug]
    assert any(names & set(report.broken) for report in cast.play_until_broken(range(1, 201), bug=bug)), bug


@pytest.mark.prove
@pytest.mark.slow
def test_ten_thousand_seeds_hold_and_reach_every_rare_case(cast: Cast) -> None:
    reach: Counter[str] = Counter()
    for report in cast.play(range(1, 10_001)):
        assert report.broken == [], report.seed
        reach.update(report.reach.keys())
    assert {case: reach[case] for case in RARE if reach[case] < 20} == {}


def test_a_failing_seed_is_told_shortly(cast: Cast) -> None:
    bug = "release before proof"
    long = next(report for report in cast.play_until_broken(range(1, 201), bug=bug) if report.broken)

    def replay(left: Left) -> object:
        return cast.players[0].play(long.seed, bug=bug, kinds=left.kinds, acts=left.acts, strokes=left.strokes)

    short, left = shrunk(long, replay)  # type: ignore[arg-type]
    assert set(short.broken) & set(long.broken)
    assert len(left) > 0
    assert len(short.acts) <= len(long.acts)
    assert len(short.story) < len(long.story)

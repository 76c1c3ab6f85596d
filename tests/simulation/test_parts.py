"""What of the simulation can be looked at without playing."""

from dataclasses import replace

import pytest

from aeghash.core import broker, clock
from aeghash.sandbox.chance import Chance
from aeghash.simulation.cast import Report
from aeghash.simulation.fate import RATES, Fate, Spared
from aeghash.simulation.management.commands.simulate import seeds_of
from aeghash.simulation.plot import plot_of
from aeghash.simulation.shrinking import Left, shrunk
from tests.simulation.planted import BUGS

LONG = Report(
    seed=1,
    violations=[{"invariant": "S2", "what": "paid twice"}],
    digest="",
    reach={},
    strokes=["death/worker 1/3", "death/worker 2/5", "pause/worker 1/1"],
    acts=["order 1", "withdrawal 1", "withdrawal 2"],
    kinds=["death", "message lost", "pause"],
    steps=100,
    seconds=600.0,
    story=[],
)


def without(left: Left) -> Report:
    """It breaks whenever withdrawal 2 is asked for and the second worker dies."""
    strokes = [
        stroke for stroke in LONG.strokes if stroke not in left.strokes and stroke.partition("/")[0] not in left.kinds
    ]
    acts = [act for act in LONG.acts if act not in left.acts]
    is_broken = "withdrawal 2" in acts and "death/worker 2/5" in strokes
    return replace(LONG, acts=acts, strokes=strokes, violations=LONG.violations if is_broken else [])


def test_a_failing_seed_is_shrunk_to_what_it_takes() -> None:
    short, _left = shrunk(LONG, without)
    assert (short.acts, short.strokes) == (["withdrawal 2"], ["death/worker 2/5"])


def test_another_violation_is_no_shorter_form_of_this_one() -> None:
    other = replace(LONG, violations=[{"invariant": "S3", "what": "left behind"}])
    assert shrunk(LONG, lambda _left: other)[0] is LONG


def seed_with(kind: str) -> int:
    return next(seed for seed in range(200) if Fate(Chance(seed), Spared()).rates[kind])


def strokes(fate: Fate) -> set[str]:
    return {stroke.key for point in range(400) if (stroke := fate.happens("message late", point))}


def test_sparing_one_stroke_leaves_the_others_where_they_were() -> None:
    seed = seed_with("message late")
    all_of_them = strokes(Fate(Chance(seed), Spared()))
    one = min(all_of_them)
    assert strokes(Fate(Chance(seed), Spared(strokes=frozenset({one})))) == all_of_them - {one}


@pytest.mark.parametrize("kind", RATES)
def test_each_misfortune_is_unknown_to_many_seeds_and_known_to_some(kind: str) -> None:
    knowing = sum(bool(Fate(Chance(seed), Spared()).rates[kind]) for seed in range(300))
    assert 60 < knowing < 150


def test_a_kind_fate_strikes_nobody() -> None:
    fate = Fate(Chance(seed_with("message late")), Spared())
    fate.is_kind = True
    assert strokes(fate) == set()


def test_a_plot_follows_from_its_seed() -> None:
    assert plot_of(Chance(5)) == plot_of(Chance(5)) != plot_of(Chance(6))


def test_there_are_twelve_mistakes_or_more_and_each_names_who_finds_it() -> None:
    assert len(BUGS) >= 12
    assert all(names for _patches, names in BUGS.values())


def test_seeds_are_a_range() -> None:
    assert seeds_of("3-5") == range(3, 6)
    for wrong in ("5-3", "1", "a-b", "-1-2", "１-２"):
        with pytest.raises(Exception, match="such as 1-1000"):
            seeds_of(wrong)


def test_what_is_steered_goes_back_to_what_it_was() -> None:
    told: list[int] = []
    with broker.steered(told.append), clock.steered(ticker=lambda: 42.0):
        broker.tell(7)
        assert clock.monotonic() == 42.0
    assert told == [7]
    assert clock.monotonic() != 42.0

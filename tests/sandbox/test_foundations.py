"""What the sandboxes stand on: the standard library, exact decimals, chance that can be had again."""

import ast
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aeghash.sandbox
from aeghash.sandbox.amounts import milliseconds, parse_amount, written
from aeghash.sandbox.chance import Chance
from aeghash.sandbox.jsontext import from_json, to_json
from aeghash.sandbox.timeline import Timeline
from tests.sandbox.served import StoppedClock

FOLDER = Path(aeghash.sandbox.__file__).parent
OF_DJANGO = {FOLDER / "apps.py", *FOLDER.glob("management/**/*.py")}


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("file", sorted(set(FOLDER.rglob("*.py")) - OF_DJANGO), ids=lambda file: file.name)
def test_a_sandbox_needs_the_standard_library_and_itself(file: Path) -> None:
    for name in imported(file):
        assert name.split(".")[0] in sys.stdlib_module_names or name.startswith("aeghash.sandbox."), name


AMOUNTS = st.decimals(0, 10**19, places=18, allow_nan=False)


@given(AMOUNTS)
def test_an_amount_is_written_in_one_way_and_read_back_exactly(amount: Decimal) -> None:
    text = written(amount)
    assert parse_amount(text, places=18) == amount
    assert "E" not in text
    assert not ("." in text and text.endswith("0"))


@pytest.mark.parametrize(
    "text", ["1e5", "-1", "+1", " 1", "1_0", "", ".", "1.", ".1", "١", "1\n", "NaN", "1.000", 1, None]
)
def test_what_is_no_plain_decimal_is_no_amount(text: object) -> None:
    assert parse_amount(text, places=2) is None


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, 0), (1, 1000), (0.25, 250), (Decimal("0.0019"), 1), (-1, None), ("1", None), (True, None), (10**10, None)],
)
def test_seconds_become_whole_milliseconds(seconds: object, expected: int | None) -> None:
    assert milliseconds(seconds) == expected


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), Decimal("NaN"), Decimal("1e999999")])
def test_seconds_without_measure_are_none(seconds: object) -> None:
    assert milliseconds(seconds) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | AMOUNTS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(max_examples=50)
@given(JSON)
def test_json_keeps_every_digit(value: Any) -> None:
    assert from_json(to_json(value).encode()) == value


@pytest.mark.parametrize(
    "body", [b"", b"{", b"NaN", b"[Infinity]", b"\xff", b"[" * 200_000, b"9" * 5000, b"1e9999999999999999999"]
)
def test_what_is_no_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        from_json(body)


def test_chance_depends_on_seed_and_purpose_alone() -> None:
    assert Chance(1).number("a", 1) == Chance(1).number("a", 1)
    drawn = {Chance(seed).number(*purpose) for seed in (1, 2) for purpose in (("a", 1), ("a", 2), ("b", 1), ("a",))}
    assert len(drawn) == 8


def test_chance_is_the_same_for_ever() -> None:
    """A recorded seed must mean the same in a later version."""
    assert Chance(1).hexadecimal(16, "withdrawId", 1) == "ca6fbe6589a4be57"


def test_what_is_due_runs_in_order_and_at_its_moment() -> None:
    clock = StoppedClock()
    timeline = Timeline(clock)
    ran: list[tuple[str, int]] = []
    start = clock.now
    timeline.at(start + 20, lambda: ran.append(("second", timeline.now - start)))
    timeline.at(start + 10, lambda: timeline.at(start + 15, lambda: ran.append(("inner", timeline.now - start))))
    timeline.at(start + 20, lambda: ran.append(("third", timeline.now - start)))
    timeline.at(start + 5000, lambda: ran.append(("never", 0)))
    timeline.advance(1000)
    assert ran == [("inner", 15), ("second", 20), ("third", 20)]
    assert timeline.now == start + 1000

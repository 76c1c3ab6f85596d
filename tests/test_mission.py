"""docs/mission.md names every row that was asked for, and for each a test that exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "mission.md").read_text(encoding="utf-8")
HOW_MANY = {"C": 4, "D": 8, "U": 2, "W": 4, "M": 5, "A": 3, "R": 2, "O": 2, "B": 2, "P": 3, "N": 2, "S": 1, "X": 7}
ASKED_FOR = {f"{letter}{number}" for letter, most in HOW_MANY.items() for number in range(1, most + 1)}
ROWS = dict(re.findall(r"^\| ([A-Z]\d+) \|(.*)$", PAGE, re.MULTILINE))


@cache
def names_in(path: str) -> set[str]:
    """The tests that a file holds; of a name that is given twice only one would run."""
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_row_stands_on_the_page_once() -> None:
    assert len(re.findall(r"^\| [A-Z]\d+ \|", PAGE, re.MULTILINE)) == len(ROWS)
    assert set(ROWS) == ASKED_FOR


@pytest.mark.parametrize("row", sorted(ASKED_FOR))
def test_each_row_names_tests_that_exist(row: str) -> None:
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", ROWS[row])
    assert named
    assert [(path, name) for path, name in named if name not in names_in(path)] == []

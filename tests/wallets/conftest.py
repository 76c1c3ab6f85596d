from collections.abc import Callable, Iterator

import pytest

from aeghash.core.actors import acting_as, command
from tests.wallets.books import give, make_member

Members = Callable[[int], list[int]]


@pytest.fixture(autouse=True)
def _somebody_acts() -> Iterator[None]:
    with acting_as(command("test")):
        yield


@pytest.fixture
def members(db: None) -> Members:
    """The ids of so many members, each with 100 USDT."""

    def make(count: int, amount: str = "100") -> list[int]:
        found = [make_member(f"M-{number}") for number in range(count)]
        for member in found:
            give(member, amount)
        return found

    return make


@pytest.fixture
def member(db: None) -> int:
    return make_member("N-0")


@pytest.fixture
def rich(members: Members) -> int:
    (found,) = members(1)
    return found

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django_otp.oath import TOTP

from aeghash.core import acts, clock, rights
from aeghash.core.actors import acting_as, command
from aeghash.core.acts import Act, Content
from aeghash.core.models import User
from tests.people import KEY, make_staff


@pytest.fixture(autouse=True)
def _somebody_acts() -> Iterator[None]:
    with acting_as(command("test")):
        yield


@pytest.fixture
def staff() -> Callable[..., User]:
    return make_staff


def code(step: int = 0) -> str:
    """What the authenticator shows now, or so many steps later."""
    shown = TOTP(bytes.fromhex(KEY), step=30)
    shown.time = int(clock.now().timestamp()) + step * 30
    return f"{shown.token():06d}"


class Diary:
    """An act of nobody's: it writes into a list. What it was shown can be changed under its feet."""

    def __init__(self) -> None:
        self.lines: list[Any] = []
        self.version = 1
        self.touches: list[int] = []
        self.act = Act(
            kind="diary.write",
            label="Write",
            may_propose=rights.LIFT_KILL_SWITCH,
            may_approve=rights.LIFT_KILL_SWITCH,
            execute=self.write,
            seen=lambda _content: {"version": self.version},
            raises=lambda _content: self.touches,
            describe=lambda content: dict(content),
        )

    def write(self, content: Content) -> dict[str, int]:
        self.lines.append(dict(content))
        return {"lines": len(self.lines)}


@pytest.fixture
def diary() -> Iterator[Diary]:
    diary = Diary()
    acts.declare(diary.act)
    yield diary
    acts._acts.pop("diary.write")

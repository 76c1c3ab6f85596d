"""One who acts: a thread with a database connection of its own, which moves only while it holds the baton."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from random import Random

from django.db import connection

from aeghash.core.money import make_arithmetic_exact

Play = Callable[[], object]


class Buried(BaseException):
    """Ends a dead actor's thread after the run, when nothing it does can matter any more."""


class State(Enum):
    READY = auto()
    MOVING = auto()
    BLOCKED = auto()  # in a statement that waits for somebody's lock
    OVER = auto()
    DEAD = auto()


class Order(Enum):
    """What an actor is told when it gets the baton back."""

    GO_ON = auto()
    LOSE_ANSWER = auto()  # commit, and never hear of it
    LOSE_CONNECTION = auto()  # the commit never reaches the server


@dataclass(frozen=True)
class Point:
    """Where an actor gave up the baton."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


class Actor(threading.Thread):
    def __init__(self, name: str, play: Play, *, wakes_at: float, chance: Random, is_mortal: bool = True) -> None:
        super().__init__(name=name, daemon=True)
        self.play = play
        self.chance = chance  # its own, so that who moved before doesn't change what it draws
        self.is_mortal = is_mortal
        self.state = State.READY
        self.wakes_at = wakes_at
        self.point = Point("start", "")
        self.points = 0
        self.paused_at = -1
        self.order = Order.GO_ON
        self.backend: int | None = None  # of its connection, once it has asked something
        self.is_asking = False
        self.is_in_transaction = False
        self.sleeps = 0.0
        self.blocked_since = 0.0
        self.error: BaseException | None = None
        self.parked = threading.Event()
        self._baton = threading.Semaphore(0)
        self._is_buried = False

    @staticmethod
    def current() -> "Actor | None":
        thread = threading.current_thread()
        return thread if isinstance(thread, Actor) else None

    def run(self) -> None:
        make_arithmetic_exact()
        try:
            self._wait_for_baton()
            self.play()
        except Buried:
            pass
        except BaseException as error:  # noqa: BLE001 - whoever started it looks at what came out
            self.error = error
        finally:
            self._leave_connection()
            self.state = State.OVER if not self._is_buried else State.DEAD
            self.parked.set()

    # In its own thread

    def _leave_connection(self) -> None:
        """One that was cut must not go back to the pool as if it were good."""
        if self._is_buried and connection.connection is not None:
            connection.connection.close()
        connection.close()

    def park(self, point: Point) -> Order:
        """Gives up the baton until the scheduler gives it back; a dead actor never gets it."""
        if self._is_buried:  # on its way out it has come to one more point
            raise Buried
        self.point = point
        self.points += 1
        self.state = State.READY
        self.parked.set()
        self._wait_for_baton()
        order, self.order = self.order, Order.GO_ON
        return order

    def stop_behind_lock(self) -> None:
        if self.state is State.BLOCKED:
            self.park(Point("lock", "taken"))

    def _wait_for_baton(self) -> None:
        self._baton.acquire()
        if self._is_buried:
            raise Buried

    # In the scheduler's

    def give_baton(self) -> None:
        self.parked.clear()
        self.state = State.MOVING
        if not self.is_alive():
            self.start()
        self._baton.release()

    def bury(self) -> None:
        self._is_buried = True
        self._baton.release()
        if self.is_alive():
            self.join(timeout=10)

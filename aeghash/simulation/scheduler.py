"""Who moves next, and when: one actor at a time, in an order that follows from the seed alone."""

import sys
import time
import traceback
from collections.abc import Callable
from random import Random
from typing import Final

from aeghash.sandbox.chance import Chance
from aeghash.simulation.actor import Actor, Order, Play, Point, State
from aeghash.simulation.fate import Fate, Stroke
from aeghash.simulation.story import Story
from aeghash.simulation.watch import Watch

LOCK_TIMEOUT: Final = 10.0  # as the application's connections have it; here it is counted in the world's seconds
FIRST_LOOK: Final = 0.004
DEADLOCK_SEEN: Final = 0.02  # longer than the stage's `deadlock_timeout`
STUCK: Final = 180.0
LONGEST_STEP_MS: Final = 40


class Stuck(RuntimeError):
    """An actor neither came to its next point nor waits for a lock: a flaw of the simulation's own."""


class Scheduler:
    def __init__(
        self, *, seed: int, chance: Chance, fate: Fate, story: Story, watch: Watch, on_death: Callable[[Actor], None]
    ) -> None:
        self.on_death = on_death
        self.seed = seed
        self.chance = chance
        self.fate = fate
        self.story = story
        self.watch = watch
        self.now = 0.0  # the world's seconds since it began
        self.steps = 0
        self.actors: list[Actor] = []
        self.dead: list[Actor] = []

    def enter(self, name: str, play: Play, *, after: float = 0.0, is_mortal: bool = True) -> Actor:
        chance = Random(f"{self.seed}:{name}")  # noqa: S311 - has to be had again
        actor = Actor(name, play, wakes_at=self.now + after, chance=chance, is_mortal=is_mortal)
        self.actors.append(actor)
        return actor

    def run(self, *, until: Callable[[], bool]) -> None:
        """Moves one after the other, until it is so and everybody has given up the baton."""
        while not until():
            ready = [actor for actor in self.actors if actor.state is State.READY and actor.wakes_at <= self.now]
            if ready:
                self._move(ready[self.chance.number("next", self.steps) % len(ready)])
            elif not self._pass_time():
                return

    def bury_the_dead(self) -> None:
        for actor in (*self.dead, *self.actors):
            actor.bury()

    # Time

    def _pass_time(self) -> bool:
        """To when somebody wakes, or has waited for a lock as long as connections do."""
        wakings = [actor.wakes_at for actor in self.actors if actor.state is State.READY]
        patience = [actor.blocked_since + LOCK_TIMEOUT for actor in self.actors if actor.state is State.BLOCKED]
        if not wakings and not patience:
            return False
        self.now = max(self.now, min(wakings + patience))
        for actor in self.actors:
            if actor.state is State.BLOCKED and actor.blocked_since + LOCK_TIMEOUT <= self.now:
                self._lose_patience(actor)
        return True

    def _lose_patience(self, actor: Actor) -> None:
        assert actor.backend is not None
        self.story.tell(self.now, actor, "lock timeout")
        self.watch.cancel(actor.backend)
        self._wait_for(actor)
        self._settle()

    # Moving

    def _move(self, actor: Actor) -> None:
        self.steps += 1
        self.now += self.chance.number("pace", self.steps) % LONGEST_STEP_MS / 1000
        stroke = self.fate.strikes(actor, self.now)
        self.story.tell(self.now, actor, str(actor.point), stroke)
        match stroke:
            case Stroke(kind="death"):
                self._kill(actor)
            case Stroke(kind="pause", seconds=seconds):
                self._hold_up(actor, seconds)
            case _:
                actor.order = stroke.order if stroke else Order.GO_ON
                actor.give_baton()
                self._wait_for(actor)
        self._settle()

    def _kill(self, actor: Actor) -> None:
        """Its connection is cut, and it never moves again: no `except`, no `finally`."""
        actor.state = State.DEAD
        if actor.backend is not None:
            self.watch.cut(actor.backend)
        self._forget(actor)
        self.dead.append(actor)
        self.on_death(actor)

    def _hold_up(self, actor: Actor, seconds: float) -> None:
        actor.wakes_at, actor.paused_at = self.now + seconds, actor.points
        if seconds > LOCK_TIMEOUT and actor.is_in_transaction and actor.backend is not None:
            self.watch.cut(actor.backend)  # PostgreSQL gives up a session that idles in its transaction

    def _wait_for(self, actor: Actor) -> None:
        """Until it has come to its next point, is over, or stands before somebody's lock."""
        if not actor.parked.wait(FIRST_LOOK):
            self._look_after(actor)
        if actor.state is State.OVER:
            self._forget(actor)
        elif actor.sleeps:
            actor.wakes_at, actor.sleeps = self.now + actor.sleeps, 0.0

    def _look_after(self, actor: Actor) -> None:
        end = time.monotonic() + STUCK
        while not actor.parked.wait(FIRST_LOOK):
            if self._stands_before_a_lock(actor):
                # Only a wait that outlasts the search for deadlocks counts, so that who is thrown out of one is certain.
                if actor.parked.wait(DEADLOCK_SEEN):
                    return
                if self._stands_before_a_lock(actor):
                    self._note_blocked(actor)
                    return
            if time.monotonic() > end:
                frame = sys._current_frames().get(actor.ident or 0)
                where = "".join(traceback.format_stack(frame)[-6:])
                raise Stuck(f"{actor.name} after {actor.point}, backend {actor.backend}:\n{where}")

    def _stands_before_a_lock(self, actor: Actor) -> bool:
        backend = actor.backend
        return actor.is_asking and backend is not None and bool(self.watch.blocked([backend]))

    def _note_blocked(self, actor: Actor) -> None:
        if actor.state is not State.BLOCKED:
            actor.blocked_since = self.now
        actor.state = State.BLOCKED
        self.fate.reached("lock wait")
        self.story.tell(self.now, actor, "waits for a lock")

    def _settle(self) -> None:
        """Whoever was let through by this move comes to a halt behind its statement, before anybody moves again."""
        while waiting := [actor for actor in self.actors if actor.state is State.BLOCKED]:
            blocked = self.watch.blocked([actor.backend for actor in waiting if actor.backend is not None])
            freed = [actor for actor in waiting if actor.backend not in blocked]
            if not freed:
                return
            for actor in freed:
                if actor.parked.wait(FIRST_LOOK):
                    actor.wakes_at = self.now

    def _forget(self, actor: Actor) -> None:
        self.actors.remove(actor)
        if actor.error is not None:
            self.story.tell(self.now, actor, f"raised {type(actor.error).__name__}")


__all__ = ["Point", "Scheduler", "Stuck"]

"""Between the door to the outside and the remotes' models: nothing opens, but everything may be lost on the way."""

from typing import Final

from aeghash.core import strict_json
from aeghash.core.egress.exchange import current
from aeghash.core.egress.failures import Reason, Stopped
from aeghash.core.egress.transport import Brought
from aeghash.sandbox.faults.outcomes import Outcome
from aeghash.sandbox.faults.remote import FaultyRemote
from aeghash.simulation.actor import Actor, Point
from aeghash.simulation.scheduler import Scheduler

USUAL_WAY: Final = 0.2
UNREACHED: Final = (Reason.DNS, Reason.REFUSED, Reason.CONNECT_TIMEOUT, Reason.TLS)


class Network:
    def __init__(self, scheduler: Scheduler, remotes: dict[str, FaultyRemote]) -> None:
        self.scheduler = scheduler
        self.remotes = remotes

    def carry(self, url: str, headers: dict[str, str], body: bytes) -> Brought:
        """One request, there and back. Its maker gives up the baton before it leaves, and again while it waits."""
        remote = next(remote for address, remote in self.remotes.items() if url.startswith(address))
        actor, deadline = Actor.current(), round(current().left())
        if actor is None:
            current().sent = True
            return _brought(remote.receive(body))
        method = strict_json.parse(body)
        name = f"{remote.model.name}.{method['method'] if isinstance(method, dict) else ''}"
        began = self.scheduler.now
        actor.park(Point("call", name))
        if self.scheduler.now - began > deadline:
            raise Stopped(Reason.TIMEOUT)
        self._fall_short(actor, name)
        current().sent = True
        outcome = remote.receive(body)
        self._note(outcome, name)
        seconds = _lasts(outcome)
        actor.sleeps = min(seconds, deadline) + 0.001
        actor.park(Point("answer", f"{name}: {_shown(outcome)}"))
        if outcome.kind == "timeout" or self.scheduler.now - began > deadline:
            raise Stopped(Reason.TIMEOUT)
        return _brought(outcome)

    def _fall_short(self, actor: Actor, name: str) -> None:
        fate = self.scheduler.fate
        if fate.happens("remote unreached", actor.name, actor.points):
            raise Stopped(Reason(fate.one_of(UNREACHED, actor.name, actor.points, name)))

    def _note(self, outcome: Outcome, name: str) -> None:
        if outcome.kind != "answered" or outcome.status != 200:
            self.scheduler.fate.reached(
                f"{outcome.kind}{'' if outcome.status == 200 else ' with an error'} by a remote"
            )
        if outcome.executions > 1:
            self.scheduler.fate.reached("executed twice by the remote")


def _lasts(outcome: Outcome) -> float:
    if outcome.kind == "timeout":
        return float("inf")
    return USUAL_WAY + (outcome.delay_ms + outcome.pace_ms * len(outcome.body)) / 1000


def _shown(outcome: Outcome) -> str:
    return outcome.kind if outcome.status == 200 else f"{outcome.kind} {outcome.status}"


def _brought(outcome: Outcome) -> Brought:
    if outcome.kind == "timeout":
        raise Stopped(Reason.TIMEOUT)
    if outcome.kind == "reset":
        raise Stopped(Reason.RESET)
    if outcome.kind == "cut":
        raise Stopped(Reason.TRUNCATED)
    return Brought(status=outcome.status, content_type=outcome.content_type, body=outcome.body)

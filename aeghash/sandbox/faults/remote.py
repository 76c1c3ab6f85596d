"""A model behind a bad network."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aeghash.sandbox.amounts import exact, milliseconds
from aeghash.sandbox.faults.distortions import IDS, distort_fields, distort_rows
from aeghash.sandbox.faults.kinds import KINDS, Fault, quirk
from aeghash.sandbox.faults.outcomes import Outcome, show
from aeghash.sandbox.faults.plan import Plan, faults_of_trace
from aeghash.sandbox.jsontext import JsonObject, from_json, to_json
from aeghash.sandbox.model import Model
from aeghash.sandbox.refusals import Misuse

TRACE_KEPT = 20_000
TEXT_KEPT = 400
UNREADABLE = ""
"""Stands for the method of a request that names none of the contract's."""


@dataclass(frozen=True)
class _Received:
    method: str
    arguments: Mapping[str, Any]
    key: str | None
    address: str
    number: int
    total: int


class FaultyRemote:
    """Takes calls as the network would bring them, and shows what the network would show.

    In-process and behind HTTP alike. Every decision is written into the trace, from which
    `replay` makes the same decisions again without drawing.
    """

    def __init__(self, model: Model, faults: Sequence[Fault] = ()) -> None:
        self._take_up(model)
        self.set_faults(faults)

    def _take_up(self, model: Model) -> None:
        self.model = model
        self.plan = Plan((), model.chance)
        self.trace: deque[JsonObject] = deque(maxlen=TRACE_KEPT)
        self._events = 0
        self._calls: Counter[str] = Counter()
        self._last_ids: dict[str, str] = {}

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Put these faults in the place of those set before; Misuse if one can't strike here."""
        for fault in faults:
            self._check(fault)
        self.plan = Plan(faults, self.model.chance)

    def _check(self, fault: Fault) -> None:
        if fault.method not in ("*", UNREADABLE, *self.model.methods):
            raise Misuse(f"{self.model.name} has no method {fault.method!r}")
        only = fault.what.only
        if fault.kind not in self.kinds() or (only and fault.method not in ("*", *only)):
            raise Misuse(f"{fault.kind} can't strike {fault.method} of {self.model.name}")

    def add_fault(self, fault: Fault) -> None:
        """Let one more strike, after those that are set; what has struck so far stays counted."""
        self._check(fault)
        self.plan.add(fault)

    def kinds(self) -> list[str]:
        """Return the kinds of fault that can strike here."""
        return [name for name, kind in KINDS.items() if not kind.only or kind.only & set(self.model.methods)]

    def replay(self, entries: Sequence[JsonObject]) -> None:
        """Set the very decisions of a trace; they strike calls counted from the last reset on."""
        self.set_faults(faults_of_trace(entries))

    def reset(self, seed: int | None = None) -> None:
        """Begin anew: books, clock, counters, trace, and no faults."""
        self._take_up(self.model.anew(self.model.seed if seed is None else seed))

    def receive(self, body: bytes, *, key: str | None = "sandbox", address: str = "127.0.0.1") -> Outcome:
        """Take the body of a request."""
        try:
            request = from_json(body)
        except ValueError:
            request = None
        arguments = request if isinstance(request, dict) else {}
        method = arguments.pop("method", UNREADABLE)
        return self.call(method if isinstance(method, str) else UNREADABLE, arguments, key=key, address=address)

    @exact
    def call(
        self,
        method: str,
        arguments: Mapping[str, Any],
        *,
        key: str | None = "sandbox",
        address: str = "127.0.0.1",
    ) -> Outcome:
        """Take a call: do what is to be done, and return what its maker sees."""
        self.model.catch_up()
        method = method if method in self.model.methods else UNREADABLE
        self._calls.update((method, "*"))
        call = _Received(method, arguments, key, address, self._calls[method], self._calls["*"])
        faults = self.plan.decide(method, call.number, call.total)
        answer, executions = self._perform(call, faults)
        outcome = self._shown(call, faults, answer, executions)
        self._record_call(call, faults, outcome)
        return outcome

    def _perform(self, call: _Received, faults: Sequence[Fault]) -> tuple[JsonObject | None, int]:
        late = quirk(faults, "executes-late")
        if late:
            due = self.model.timeline.now + (milliseconds(late["seconds"]) or 0)
            self.model.timeline.at(due, lambda: self._execute_late(call, faults))
            return None, 0
        shape = _of_stage(faults, "shape")
        if shape and "executes" in shape.what.settings and not shape["executes"]:
            return None, 0
        answer = self._execute(call, faults)
        executions = [self.model.succeeded(answer)]
        if quirk(faults, "executes-twice"):
            executions.append(self.model.succeeded(self._execute(call, faults)))
        return answer, sum(executions)

    def _execute(self, call: _Received, faults: Sequence[Fault]) -> JsonObject:
        return self.model.call(call.method, call.arguments, key=call.key, address=call.address, quirks=faults)

    def _execute_late(self, call: _Received, faults: Sequence[Fault]) -> None:
        executed = self.model.succeeded(self._execute(call, faults))
        self._record("late", {"method": call.method, "number": call.number, "executed": executed})

    def _shown(self, call: _Received, faults: Sequence[Fault], answer: JsonObject | None, executions: int) -> Outcome:
        if answer is not None and self.model.succeeded(answer):
            self._distort(call, faults, answer)
        latency = quirk(faults, "latency")
        return replace(
            show(_of_stage(faults, "shape"), answer, self.model),
            executions=executions,
            delay_ms=(milliseconds(latency["seconds"]) or 0) if latency else 0,
            callbacks_first=quirk(faults, "callback-early") is not None,
        )

    def _distort(self, call: _Received, faults: Sequence[Fault], answer: JsonObject) -> None:
        fields = self.model.fields(answer)
        given = {name: fields[name] for name in IDS if name in fields}
        for fault in faults:
            if fault.what.stage == "rows":
                distort_rows(answer, fault, self.model.chance, call.total)
            elif fault.what.stage == "fields":
                distort_fields(fields, fault, self._last_ids)
        self._last_ids |= given

    # The trace

    def note_control(self, request: JsonObject) -> None:
        """Write down that somebody steered: with it, the trace tells the whole story."""
        self._record("control", {"request": _short(request)})

    def _record_call(self, call: _Received, faults: Sequence[Fault], outcome: Outcome) -> None:
        shown = {
            "kind": outcome.kind,
            "status": outcome.status,
            "delay_ms": outcome.delay_ms,
            "bytes": len(outcome.body),
            "text": outcome.body[:TEXT_KEPT].decode(errors="replace"),
        }
        self._record(
            "call",
            {
                "method": call.method,
                "number": call.number,
                "arguments": _short(dict(call.arguments)),
                "faults": [fault.bare() for fault in faults],
                "executions": outcome.executions,
                "shown": shown,
            },
        )

    def _record(self, event: str, details: JsonObject) -> None:
        self._events += 1
        self.trace.append({"n": self._events, "at": self.model.timeline.now, "event": event, **details})

    def trace_json(self, *, after: int = 0) -> JsonObject:
        entries = [entry for entry in self.trace if entry["n"] > after]
        return {"remote": self.model.name, "seed": self.model.seed, "entries": entries}


def _of_stage(faults: Sequence[Fault], stage: str) -> Fault | None:
    return next((fault for fault in faults if fault.what.stage == stage), None)


def _short(value: JsonObject) -> Any:
    text = to_json(value)
    return value if len(text) <= TEXT_KEPT else text[:TEXT_KEPT] + "…"

"""Which faults strike which call."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from aeghash.sandbox.chance import Chance
from aeghash.sandbox.faults.kinds import Fault, parse_fault
from aeghash.sandbox.jsontext import JsonObject

ONE_EACH = frozenset({"delay", "deed", "shape"})


class Plan:
    """Faults in their order: where a call can take only one of a stage, the first that strikes wins."""

    def __init__(self, faults: Sequence[Fault], chance: Chance) -> None:
        self.faults = tuple(faults)
        self._chance = chance
        self._struck: Counter[int] = Counter()

    def add(self, fault: Fault) -> None:
        self.faults += (fault,)

    def decide(self, method: str, number: int, total: int) -> tuple[Fault, ...]:
        """Return what strikes this call: the `number`th of its method, the `total`th of all."""
        struck: list[Fault] = []
        taken: set[str] = set()
        for position, fault in enumerate(self.faults):
            stage = fault.what.stage
            if stage not in taken and self._strikes(position, fault, method, number, total):
                struck.append(fault)
                taken |= {stage} & ONE_EACH
                self._struck[position] += 1
        return tuple(struck)

    def _strikes(self, position: int, fault: Fault, method: str, number: int, total: int) -> bool:
        if fault.method not in ("*", method) or (fault.what.only and method not in fault.what.only):
            return False
        if fault.call not in (None, total if fault.method == "*" else number):
            return False
        if fault.times is not None and self._struck[position] >= fault.times:
            return False
        return fault.chance is None or self._happens(fault.chance, position, fault.kind, method, number)

    def _happens(self, chance: Decimal, position: int, kind: str, method: str, number: int) -> bool:
        return self._chance.happens(chance, "fault", position, kind, method, number)


def faults_of_trace(entries: Iterable[JsonObject]) -> list[Fault]:
    """Return the decisions of a recorded trace as exact faults: given these, the same calls meet the same again."""
    return [
        parse_fault({"method": entry["method"], "call": entry["number"], **decision})
        for entry in entries
        if entry["event"] == "call"
        for decision in entry["faults"]
    ]

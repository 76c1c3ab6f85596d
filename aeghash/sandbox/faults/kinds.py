"""Faults as data: what may go wrong, with which settings, and where."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from aeghash.sandbox.amounts import milliseconds, parse_amount
from aeghash.sandbox.jsontext import JsonObject
from aeghash.sandbox.refusals import Misuse

Setting = tuple[Callable[[Any], bool], Any]
"""Whether a value will do, and the value taken when none is given."""

WITHDRAW = frozenset({"assetWithdrawRequest"})
TRANSFER = frozenset({"transferByWalletKey"})
TRANSIT = frozenset({"transitByWalletKey"})
HISTORIES = frozenset({"assetWithdrawHistory", "hashCreditChargeHistory", "hashPowerSwapHistory"})
ON_CHAIN = frozenset({"balanceOf", "receiptByHash", "transferByWalletKey", "transitByWalletKey"})

POISONS = (
    "duplicate-keys",
    "nan",
    "infinity",
    "1e400",
    "deep",
    "bad-utf8",
    "lone-surrogate",
    "verdict-as-text",
    "verdict-missing",
    "array",
    "string",
    "null",
    "empty",
    "fields-as-list",
    "fields-missing",
    "text-type",
)
FORGERIES = ("unknown-token", "invented-txid", "other-transfer", "failure")
TIMED_OUT = "Request Time out, Transaction receipt not found."


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _seconds(value: Any) -> bool:
    return milliseconds(value) is not None


def _maybe_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _maybe_amount(value: Any) -> bool:
    return value is None or parse_amount(value, places=18) is not None


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

    return fits


def _one_of(*values: str) -> Callable[[Any], bool]:
    return lambda value: value in values


def _maybe(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


@dataclass(frozen=True)
class Kind:
    """Of `delay`, `deed` and `shape` a call takes one each; `quirk`, `rows` and `fields` add up.

    `only` names the methods it makes sense for; empty: all.
    """

    stage: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    only: frozenset[str] = frozenset()


def _shape(*, executes: bool, only: frozenset[str] = frozenset(), **settings: Setting) -> Kind:
    return Kind("shape", {"executes": (_flag, executes), **settings}, only)


KINDS: Mapping[str, Kind] = {
    # How long the answer takes, and what is done
    "latency": Kind("delay", {"seconds": (_seconds, 1)}),
    "executes-late": Kind("deed", {"seconds": (_seconds, 30)}),
    "executes-twice": Kind("deed"),
    # What the network shows of it
    "timeout": _shape(executes=True),
    "reset": _shape(executes=True, bytes=(_whole(0, 10**8), 0)),
    "status": _shape(executes=True, status=(_whole(400, 599), 500), with_answer=(_flag, False)),
    "redirect": _shape(executes=True, status=(_whole(300, 399), 302), location=(_text, "/elsewhere")),
    "html": _shape(executes=True),
    "refusal": _shape(executes=False, message=(_text, "Invalid access from an unauthorized IP Address")),
    "rpc-error": _shape(executes=False, message=(_text, "execution reverted"), only=ON_CHAIN),
    "request-timeout": _shape(executes=True, seconds=(_seconds, 30), only=TRANSFER),
    "trickle": Kind("shape", {"seconds": (_seconds, 1)}),
    "truncated": Kind("shape", {"bytes": (_maybe(_whole(0, 10**8)), None), "declared": (_flag, False)}),
    "poisoned": Kind("shape", {"as": (_one_of(*POISONS), "duplicate-keys")}),
    "huge": Kind("shape", {"bytes": (_whole(1, 10**8), 10**7)}),
    # What the answer's fields say
    "id-empty": Kind("fields"),
    "id-missing": Kind("fields"),
    "id-repeated": Kind("fields"),
    "echo-differs": Kind("fields", {"field": (_text, "amount"), "value": (_maybe_text, None)}),
    # What a history shows
    "history-lags": Kind("quirk", {"seconds": (_seconds, 60)}, HISTORIES),
    "history-loses-page": Kind("rows", {"page": (_whole(1, 10**6), 2)}, HISTORIES),
    "history-misses": Kind("rows", {"every": (_whole(1, 1000), 2), "quietly": (_flag, False)}, HISTORIES),
    "history-repeats": Kind("rows", {}, HISTORIES),
    "history-reorders": Kind("rows", {}, HISTORIES),
    "history-status-back": Kind("rows", {"status": (_text, "pending")}, HISTORIES),
    "history-trailing-zeros": Kind("rows", {}, HISTORIES),
    "history-null-address": Kind("rows", {}, HISTORIES),
    "history-amounts": Kind("rows", {"as": (_one_of("net", "gross"), "net")}, HISTORIES),
    # What becomes of a withdrawal, a transfer, a transit
    "lists-late": Kind("quirk", {"seconds": (_seconds, 300)}, WITHDRAW),
    "ends": Kind(
        "quirk",
        {"status": (_one_of("failed", "canceled", "pending"), "failed"), "message": (_maybe_text, None)},
        WITHDRAW,
    ),
    "receipt-late": Kind("quirk", {"seconds": (_seconds, 30)}, TRANSFER | TRANSIT),
    "transit-amount": Kind("quirk", {"amount": (_maybe_amount, None)}, TRANSIT),
    "callback-early": Kind("quirk", {}, TRANSIT),
    "callback-late": Kind("quirk", {"seconds": (_seconds, 600)}, TRANSIT),
    "callback-repeated": Kind("quirk", {"copies": (_whole(2, 1000), 10)}, TRANSIT),
    "callback-never": Kind("quirk", {}, TRANSIT),
    "callback-forged": Kind(
        "quirk", {"as": (_one_of(*FORGERIES), "unknown-token"), "executes": (_flag, True)}, TRANSIT
    ),
    "callback-fails": Kind(
        "quirk", {"message": (_text, "RPCError: execution reverted"), "executes": (_flag, False)}, TRANSIT
    ),
}


def usual_settings() -> JsonObject:
    """Return every kind with its settings and what they are when left out."""
    return {name: {what: usual for what, (_, usual) in kind.settings.items()} for name, kind in KINDS.items()}


SELECTION = ("kind", "method", "call", "chance", "times")


@dataclass(frozen=True)
class Fault:
    """One fault: what goes wrong, and at which calls.

    `method` may be `*`. `call` is the number of the call of that method (or of all, with `*`), from 1.
    `chance` is a probability under the seed; `times` is how often at most. Left out, each call is hit.
    """

    kind: str
    method: str = "*"
    call: int | None = None
    chance: Decimal | None = None
    times: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise Misuse(f"there is no fault {self.kind!r}; there are {', '.join(KINDS)}")
        if not all(_maybe(_whole(1, 10**9))(number) for number in (self.call, self.times)):
            raise Misuse("call and times must be whole numbers from 1 on")
        if self.chance is not None and not 0 <= self.chance <= 1:
            raise Misuse("chance must be a probability from 0 to 1")
        for name, value in self.settings.items():
            self._check_setting(name, value)

    def _check_setting(self, name: str, value: Any) -> None:
        known = self.what.settings
        if name not in known:
            raise Misuse(f"{self.kind} has no setting {name!r}; it has {', '.join(known) or 'none'}")
        if not known[name][0](value):
            raise Misuse(f"{value!r} won't do for {name} of {self.kind}")

    def __getitem__(self, setting: str) -> Any:
        return self.settings.get(setting, self.what.settings[setting][1])

    @property
    def what(self) -> Kind:
        return KINDS[self.kind]

    def bare(self) -> JsonObject:
        """Return the fault without its selection, as a trace records it."""
        return {"kind": self.kind, **self.settings}

    def as_json(self) -> JsonObject:
        selection = {
            "call": self.call,
            "chance": None if self.chance is None else str(self.chance),
            "times": self.times,
        }
        shown = {name: value for name, value in selection.items() if value is not None}
        return {"kind": self.kind, "method": self.method, **shown, **self.settings}


def parse_fault(given: object) -> Fault:
    """Return the fault a flat JSON object describes: selection and settings side by side."""
    if not isinstance(given, Mapping) or not isinstance(given.get("kind"), str):
        raise Misuse('a fault is an object with a "kind"')
    if not isinstance(given.get("method", "*"), str):
        raise Misuse("method must be a name or *")
    settings = {name: value for name, value in given.items() if name not in SELECTION}
    return Fault(
        kind=given["kind"],
        method=given.get("method", "*"),
        call=given.get("call"),
        chance=_probability(given.get("chance")),
        times=given.get("times"),
        settings=settings,
    )


def _probability(given: object) -> Decimal | None:
    if given is None:
        return None
    try:
        chance = Decimal(str(given))
    except InvalidOperation:
        chance = Decimal("NaN")
    if not chance.is_finite():
        raise Misuse("chance must be a probability from 0 to 1")
    return chance


def quirk(faults: Sequence[Fault], kind: str) -> Fault | None:
    """Return the first fault of a kind, if there is one."""
    return next((fault for fault in faults if fault.kind == kind), None)

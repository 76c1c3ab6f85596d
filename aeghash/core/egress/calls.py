"""What goes in and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aeghash.core.strict_json import JsonValue

DEFAULT_DEADLINE = 10.0
DEFAULT_BODY_CAP = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One POST of a JSON document.

    `purpose` names it in the log (`hashdam.assetWithdrawRequest`). `deadline` is for everything together,
    from the look-up of the name to the last byte of the answer, in seconds. `ca_file` replaces the usual
    certification authorities. URL, headers and body aren't in its `repr`: it stands in the frames of
    tracebacks, which some handlers print.
    """

    purpose: str
    url: str = field(repr=False)
    json: JsonValue = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    deadline: float = DEFAULT_DEADLINE
    body_cap: int = DEFAULT_BODY_CAP
    ca_file: str | None = None

    def __post_init__(self) -> None:
        if not (self.deadline > 0 and self.body_cap > 0):
            raise ValueError("deadline and body_cap must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer of status 2xx that is strict JSON. `headers` has the few that matter, in lower case.

    JSON and body aren't in its `repr`: an answer may bring a wallet key.
    """

    status: int
    headers: Mapping[str, str]
    json: JsonValue = field(repr=False)
    body: bytes = field(repr=False)
    elapsed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A webhook's target took the message: status 2xx, whatever else it said."""

    status: int
    elapsed: float

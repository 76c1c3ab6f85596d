"""How the two remotes of a run behave, and what of theirs comes to us by itself."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from aeghash.sandbox.chance import Chance
from aeghash.sandbox.faults.kinds import Fault
from aeghash.sandbox.mblock import MBlock
from aeghash.simulation.fate import Fate
from aeghash.simulation.plot import one_of

if TYPE_CHECKING:
    from aeghash.sandbox.chain.callbacks import Callback
    from aeghash.simulation.world import World

PAY, HISTORY, TRANSFER, TRANSIT = (
    "assetWithdrawRequest",
    "assetWithdrawHistory",
    "transferByWalletKey",
    "transitByWalletKey",
)
# Left out: an MBlock that pays one call twice, or shows a receipt that isn't so. It has no history in which we could see it.
POSSIBLE: Final[dict[str, tuple[tuple[str, str, dict[str, Any]], ...]]] = {
    "hashdam": (
        ("timeout", PAY, {"executes": True}),
        ("timeout", PAY, {"executes": False}),
        ("reset", PAY, {"executes": True}),
        ("reset", PAY, {"executes": False}),
        ("status", PAY, {"executes": True}),
        ("status", PAY, {"executes": False, "status": 503}),
        ("executes-late", PAY, {"seconds": 45}),
        ("executes-twice", PAY, {}),
        ("latency", PAY, {"seconds": 12}),
        ("truncated", PAY, {}),
        ("poisoned", PAY, {"as": "verdict-as-text"}),
        ("poisoned", PAY, {"as": "duplicate-keys"}),
        ("html", PAY, {}),
        ("redirect", PAY, {}),
        ("refusal", PAY, {}),
        ("id-empty", PAY, {}),
        ("id-repeated", PAY, {}),
        ("echo-differs", PAY, {}),
        ("lists-late", PAY, {"seconds": 50}),
        ("ends", PAY, {"status": "failed"}),
        ("ends", PAY, {"status": "canceled"}),
        ("timeout", HISTORY, {}),
        ("history-lags", HISTORY, {"seconds": 50}),
        ("history-loses-page", HISTORY, {}),
        ("history-misses", HISTORY, {}),
        ("history-repeats", HISTORY, {}),
        ("history-reorders", HISTORY, {}),
        ("history-trailing-zeros", HISTORY, {}),
        ("history-status-back", HISTORY, {}),
        ("history-null-address", HISTORY, {}),
    ),
    "mblock": (
        ("timeout", TRANSFER, {"executes": True}),
        ("timeout", TRANSFER, {"executes": False}),
        ("reset", TRANSFER, {"executes": True}),
        ("status", TRANSFER, {"executes": True}),
        ("request-timeout", TRANSFER, {}),
        ("rpc-error", TRANSFER, {"executes": False}),
        ("executes-late", TRANSFER, {"seconds": 30}),
        ("id-empty", TRANSFER, {}),
        ("id-repeated", TRANSFER, {}),
        ("poisoned", TRANSFER, {"as": "fields-missing"}),
        ("receipt-late", TRANSFER, {"seconds": 60}),
        ("timeout", TRANSIT, {"executes": True}),
        ("callback-early", TRANSIT, {}),
        ("callback-late", TRANSIT, {}),
        ("callback-repeated", TRANSIT, {"copies": 3}),
        ("callback-never", TRANSIT, {}),
        ("callback-forged", TRANSIT, {"as": "invented-txid"}),
        ("callback-forged", TRANSIT, {"as": "failure"}),
        ("callback-forged", TRANSIT, {"as": "other-transfer"}),
        ("callback-fails", TRANSIT, {}),
        ("timeout", "receiptByHash", {}),
        ("timeout", "balanceOf", {}),
    ),
}
MOST_KINDS: Final = (0, 1, 1, 2, 3)


def drawn_settings(chance: Chance) -> tuple[dict[str, Any], dict[str, Any]]:
    pool = {
        "listing_delay": one_of(chance, (0, 5, 40), "listing delay"),
        "withdrawal_time": one_of(chance, (30, 120), "withdrawal time"),
    }
    return pool, {"receipt_delay": one_of(chance, (0, 10), "receipt delay")}


def drawn_faults(chance: Chance, fate: Fate) -> dict[str, list[Fault]]:
    """A few kinds for each remote, each with the seed's rate."""
    rate = fate.rates["remote's fault"]
    drawn: dict[str, list[Fault]] = {}
    for remote, possible in POSSIBLE.items():
        count = one_of(chance, MOST_KINDS, "how many faults", remote) if rate else 0
        chosen = chance.shuffled(possible, "faults", remote)[:count]
        drawn[remote] = [
            Fault(kind, method, chance=_bold(rate, method), settings=settings)
            for kind, method, settings in chosen
            if f"{remote}: {kind}" not in fate.spared.kinds
        ]
    return drawn


def _bold(rate: Decimal, method: str) -> Decimal:
    """Calls that pay are few: what goes wrong with them goes wrong often."""
    return min(Decimal(1), rate * 2) if method in (PAY, TRANSFER, TRANSIT) else rate


def posted_callbacks(world: "World") -> None:
    """Each is a request to our web server. Repeated, late and forged ones are the remote's own faults."""
    chain = world.chain.model
    assert isinstance(chain, MBlock)
    for callback in chain.take_callbacks():
        world.fate.reached("callback" if callback.genuine else "forged callback")
        _post(world, callback)


def _post(world: "World", callback: "Callback") -> None:
    path, body = urlsplit(callback.url).path, dict(callback.body)
    world.enter(f"callback {callback.number}", lambda: world.web.callback(path, body), after=0.1)

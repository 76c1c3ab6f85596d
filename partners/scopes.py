"""What a key may be used for."""

from typing import Final

AREAS: Final = ("members", "orders", "hashpower", "withdrawals")
SCOPES: Final = tuple(f"{area}:{kind}" for area in AREAS for kind in ("read", "write"))

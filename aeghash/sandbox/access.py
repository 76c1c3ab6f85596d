"""Who may call a remote: its key, its address, its methods."""

from dataclasses import dataclass

from aeghash.sandbox.refusals import Refused

NO_KEY = "Not Found API Key"
WRONG_KEY = "Invalid API Key"
WRONG_ADDRESS = "Invalid access from an unauthorized IP Address"
NO_PERMISSION = "No API Permission"


@dataclass(frozen=True)
class Access:
    """None means that any will do. A test pool may be called with no key at all: `key_required=False`."""

    keys: frozenset[str] | None = None
    addresses: frozenset[str] | None = None
    forbidden: frozenset[str] = frozenset()
    key_required: bool = True

    def check(self, *, key: str | None, address: str, method: str) -> None:
        if not key and self.key_required:
            raise Refused(NO_KEY)
        if key and self.keys is not None and key not in self.keys:
            raise Refused(WRONG_KEY)
        if self.addresses is not None and address not in self.addresses:
            raise Refused(WRONG_ADDRESS)
        if method in self.forbidden:
            raise Refused(NO_PERMISSION)

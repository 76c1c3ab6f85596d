"""How calls are signed. Whoever holds the secret can make the same text and compare."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

V2: Final = "v2"
SHA256: Final = "sha256"
NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
SECONDS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Signed:
    """What a signature covers, as it was sent."""

    timestamp: str
    nonce: str
    method: str
    path: str  # with its query
    body: bytes

    def text(self) -> bytes:
        """Of `v2`."""
        digest = hashlib.sha256(self.body).hexdigest()
        return f"{self.timestamp}\n{self.nonce}\n{self.method}\n{self.path}\n{digest}".encode()

    def older_text(self) -> bytes:
        """Of `sha256`, which covers neither method nor path: hence POST only, and only where it is switched on."""
        return f"{self.timestamp} {self.nonce} ".encode() + self.body


def hmac_of(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def is_signed_by(secret: str, text: bytes, given: str) -> bool:
    """In constant time; one way to write it, so that no bit of it can be another."""
    return hmac.compare_digest(hmac_of(secret, text).encode(), given.encode("utf-8", "replace"))


def legacy_text(*, ts: str, nonce: str, source: str, uid: str, app: str, amount: str) -> bytes:
    return f"{ts} {nonce} {source} {uid} {app} {amount}".encode()

"""Cipher text and the keys it is made with.

What is stored: a version byte, eight bytes that tell the key, twelve of nonce, the cipher text with its tag. The place it
belongs to (table, column, row) is authenticated with it, so that cipher text which somebody moved is as bad as garbage.
Nonces are random: under one key that is safe for some four thousand million values.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VERSION: Final = b"\x01"
KEY_ID_BYTES: Final = 8
NONCE_BYTES: Final = 12
HEADER_BYTES: Final = len(VERSION) + KEY_ID_BYTES


class NoKey(ImproperlyConfigured):
    """FIELD_ENCRYPTION_KEYS is empty: nothing can be encrypted."""


class Undecipherable(Exception):
    """What is stored can't be read with the keys at hand. Says where it stands, never what was found there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is stored. Renaming a table or column makes what is in it unreadable: decrypt before, encrypt after."""

    table: str
    column: str
    row: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column} of row {self.row}"

    def as_bytes(self) -> bytes:
        # JSON keeps the three apart: ("a", "bc") is not ("ab", "c").
        return json.dumps([self.table, self.column, self.row]).encode()


def seal(text: str, place: Place) -> bytes:
    """The cipher text of `text`, made with the newest key, good in this place alone."""
    header, nonce = newest_header(), secrets.token_bytes(NONCE_BYTES)
    key = settings.FIELD_ENCRYPTION_KEYS[0]
    return header + nonce + AESGCM(key).encrypt(nonce, text.encode(), header + place.as_bytes())


def unseal(stored: bytes, place: Place) -> str:
    """The text again. Raises Undecipherable for anything but what `seal` made for this place with a key we have."""
    header, rest = stored[:HEADER_BYTES], stored[HEADER_BYTES:]
    key = _key_of(header)
    if key is None:
        raise Undecipherable(f"{place}: no key of FIELD_ENCRYPTION_KEYS made this")
    try:
        plain = AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], header + place.as_bytes())
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        raise Undecipherable(f"{place}: altered, or moved here from elsewhere") from None
    return plain.decode()


def newest_header() -> bytes:
    """How everything begins that needs no rotation."""
    if not settings.FIELD_ENCRYPTION_KEYS:
        raise NoKey("FIELD_ENCRYPTION_KEYS is empty")
    return _header(settings.FIELD_ENCRYPTION_KEYS[0])


def _header(key: bytes) -> bytes:
    return VERSION + hashlib.sha256(b"aeghash field key " + key).digest()[:KEY_ID_BYTES]


def _key_of(header: bytes) -> bytes | None:
    return next((key for key in settings.FIELD_ENCRYPTION_KEYS if _header(key) == header), None)

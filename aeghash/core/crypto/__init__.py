"""Secrets at rest: AES-GCM under rotating keys, each cipher text bound to its table, column and row."""

from aeghash.core.crypto.fields import EncryptedTextField, encrypted_fields
from aeghash.core.crypto.sealing import NoKey, Place, Undecipherable
from aeghash.core.crypto.secrets import Secret

__all__ = ["EncryptedTextField", "NoKey", "Place", "Secret", "Undecipherable", "encrypted_fields"]

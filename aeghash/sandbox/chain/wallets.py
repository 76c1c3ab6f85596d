"""Wallets and the keys that move them."""

from dataclasses import dataclass
from hashlib import blake2b
from itertools import count

from aeghash.sandbox.chance import Chance
from aeghash.sandbox.jsontext import JsonObject
from aeghash.sandbox.refusals import Misuse, Refused


@dataclass
class Wallet:
    address: str
    key: str
    name: str | None = None
    expired: bool = False

    def book(self) -> JsonObject:
        return {"address": self.address, "name": self.name, "expired": self.expired, "walletKey": self.key}


def known_wallet(name: str) -> Wallet:
    """Return a wallet that is the same under every seed, so that settings and demo data can name it."""
    digest = blake2b(f"sandbox wallet {name}".encode()).hexdigest()
    return Wallet(address="0x" + digest[:40], key=f"sandbox-{name}-{digest[40:72]}", name=name)


PAYOUT_WALLETS = (known_wallet("payout-1"), known_wallet("payout-2"))
FEE_WALLET = known_wallet("fee")


class Wallets:
    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.by_address: dict[str, Wallet] = {}
        self._by_key: dict[str, Wallet] = {}
        self._serials = count(1)
        for known in (*PAYOUT_WALLETS, FEE_WALLET):
            self._add(known_wallet(known.name or ""))

    def _add(self, wallet: Wallet) -> Wallet:
        self.by_address[wallet.address] = wallet
        self._by_key[wallet.key] = wallet
        return wallet

    def make(self) -> Wallet:
        address = "0x" + self.chance.hexadecimal(40, "address", next(self._serials))
        return self._add(Wallet(address=address, key=self._fresh_key()))

    def refresh(self, wallet: Wallet) -> str:
        """Give the wallet a new key; the old one is dead at once."""
        del self._by_key[wallet.key]
        wallet.key = self._fresh_key()
        self._by_key[wallet.key] = wallet
        return wallet.key

    def _fresh_key(self) -> str:
        return self.chance.hexadecimal(64, "walletKey", next(self._serials))

    def of_key(self, key: object) -> Wallet:
        wallet = self._by_key.get(key) if isinstance(key, str) else None
        if wallet is None:
            raise Refused("Invalid Wallet Key")
        if wallet.expired:
            raise Refused("Wallet address has expired")
        return wallet

    def expire(self, address: str) -> None:
        if address not in self.by_address:
            raise Misuse(f"there is no wallet {address}")
        self.by_address[address].expired = True

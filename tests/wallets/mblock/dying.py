"""A worker that is killed at a checkpoint, and what must be true once time has healed it."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection

from aeghash.core.checkpoints import hooked
from aeghash.core.models import Alert
from tests.wallets.mblock.world import HEALED, World, fresh
from wallets.models import WalletTransaction

PLACES: Final = (
    "job: claimed",
    "wallets: claimed",
    "wallets: before the call",
    "wallets: answered",
    "wallets: before the answer is stored",
    "wallets: answer stored",
    "wallets: looked",
    "job: row held",
    "job: before commit",
    "job: done",
    "job: before failed",
    "wallets: callback before commit",
)


class Killed(BaseException):
    """Nothing of ours catches it, so nothing is tidied up: as little as a SIGKILL would."""


@contextmanager
def dying_at(place: str) -> Iterator[list[str]]:
    """Once, the first time anybody comes there. Yields what was passed on the way."""
    passed: list[str] = []

    def hook(name: str) -> None:
        passed.append(name)
        if name == place and passed.count(name) == 1:
            raise Killed(name)

    with hooked(hook):
        try:
            yield passed
        except Killed:
            connection.close()


@contextmanager
def dying_by_chance(chance: random.Random, likely: float) -> Iterator[None]:
    def hook(_name: str) -> None:
        if chance.random() < likely:
            raise Killed

    with hooked(hook):
        try:
            yield
        except Killed:
            connection.close()


def check_the_books(world: World, row: WalletTransaction, *, most_sent: int = 1) -> WalletTransaction:
    """Nothing sent twice, nothing final without proof, nobody waiting unseen."""
    row = fresh(row)
    sent = world.sent(row.to_address)
    assert len(sent) <= most_sent, (row.status, row.reason, sent)
    assert row.status in HEALED, (row.status, row.reason)
    if row.status == "completed":
        assert (row.txid, f"{row.amount:f}") in [(each["txid"], each["amount"]) for each in sent]
    if row.status == "failed":
        assert sent == [], row.reason
    if row.status == "manual-review":
        assert Alert.objects.filter(key=f"wallets.review:{row.pk}").exists()
    return row

"""MBlock's sandbox behind real HTTP, a clock that both sides share, and rows of ours."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import connections, transaction
from django.test import Client

from aeghash.core import clock, ids
from aeghash.core.actors import acting_as, command
from aeghash.core.crypto import Secret
from aeghash.core.models import Job, JobState, User
from aeghash.core.operations.release_expired_leases import release_expired_leases
from aeghash.core.operations.work_due_jobs import work_due_jobs
from aeghash.sandbox.chain.callbacks import Callback
from aeghash.sandbox.mblock import FEE_WALLET, PAYOUT_WALLETS, USDT, MBlock
from aeghash.sandbox.serving.server import SandboxServer
from tests.sandbox.served import NOON, Served, StoppedClock
from wallets.models import Asset, CryptoWallet, TransactionKind, WalletTransaction
from wallets.operations.queue_transaction import queue_transaction
from wallets.operations.watch_wallets import watch_wallets

SECRET: Final = "canary-callback-secret"
CALLBACK_URL: Final = f"http://127.0.0.1:9/api/mblock/callback/{SECRET}/"
API_KEY: Final = "canary-mblock-api-key-0123456789"
START: Final = datetime.fromtimestamp(NOON / 1000, UTC)
HEALED: Final = ("completed", "failed", "manual-review")


class CallingBack(SandboxServer):
    """Hands callbacks to the product as a web server would, whatever host their address names."""

    async def _deliver(self, callback: Callback) -> None:
        path = urlsplit(callback.url).path
        callback.delivery = await asyncio.to_thread(post_callback, path, callback.body)


def post_callback(path: str, body: Any) -> str:
    try:
        return str(Client().post(path, body, content_type="application/json").status_code)
    finally:
        connections.close_all()


class World(Served):
    """The sandbox in a thread; `turn` moves its clock and ours."""

    server_class = CallingBack

    def __init__(self) -> None:
        self.clock = StoppedClock()
        super().__init__(MBlock(seed=7, clock=self.clock))

    @property
    def model(self) -> MBlock:
        model = self.remote.model
        assert isinstance(model, MBlock)
        return model

    def now(self) -> datetime:
        return START + timedelta(milliseconds=self.clock.now - NOON)

    def turn(self, seconds: float) -> None:
        self.clock.turn(seconds)
        asyncio.run_coroutine_threadsafe(self._catch_up(), self._loop).result(timeout=10)

    async def _catch_up(self) -> None:
        self.server.remote.model.catch_up()
        self.server._deliver_due()
        await asyncio.gather(*self.server._deliveries, return_exceptions=True)

    def settle_callbacks(self) -> None:
        asyncio.run_coroutine_threadsafe(self._catch_up(), self._loop).result(timeout=10)

    def stop_answering(self) -> None:
        for method in ("balanceOf", "transitConfig"):
            self.fault("reset", method=method)

    def sent(self, to: str) -> list[dict[str, Any]]:
        """What has really moved to this address, and not by gas."""
        transactions = self.books()["transfers"]
        return [row for row in transactions if row["to"] == to and row["origin"] in ("transfer", "transit")]


@contextmanager
def world_of_mblock(settings: Any) -> Iterator[World]:
    world = World()
    settings.MBLOCK_API_BASE_URL = world.url
    settings.MBLOCK_API_KEY = API_KEY
    settings.MBLOCK_TRANSIT_FEE = Decimal("0.001")
    settings.MBLOCK_TRANSIT_FEE_WALLET_KEY = FEE_WALLET.key
    settings.MBLOCK_TRANSIT_CALLBACK_URL = CALLBACK_URL
    settings.MBLOCK_PAYOUT_WALLETS = [wallet.address for wallet in PAYOUT_WALLETS]
    try:
        with clock.steered(world.now, lambda _seconds: None), acting_as(command("test")):
            yield world
    finally:
        world.stop()


def fresh_address() -> str:
    return "0x" + ids.random_bytes(20).hex()


def make_wallet(world: World | None = None, *, tokens: str = "1000", bnb: str = "1", **fields: Any) -> CryptoWallet:
    """One that MBlock knows, with money in it; without a world, one that only we know."""
    if world is None:
        return CryptoWallet.objects.create(address=fresh_address(), wallet_key=Secret("canary-wallet-key"), **fields)
    made = world.model.wallets.make()
    for contract, amount in ((USDT, tokens), (None, bnb)):
        world.control("token-balance", address=made.address, contract=contract, amount=amount)
    return CryptoWallet.objects.create(address=made.address, wallet_key=Secret(made.key), **fields)


def payout_wallets() -> list[CryptoWallet]:
    return [
        CryptoWallet.objects.create(address=known.address, wallet_key=Secret(known.key), label=known.name or "")
        for known in PAYOUT_WALLETS
    ]


def queue(
    wallet: CryptoWallet,
    *,
    kind: TransactionKind = TransactionKind.TRANSFER,
    to: str = "",
    amount: str = "12.5",
    asset: str = "USDT",
) -> WalletTransaction:
    with transaction.atomic():
        return queue_transaction(
            kind=kind,
            wallet=wallet,
            asset=Asset.objects.get(pk=asset),
            to_address=to or fresh_address(),
            amount=Decimal(amount),
            reference=f"test:{ids.request_id()}",
        )


def fresh(row: WalletTransaction) -> WalletTransaction:
    return WalletTransaction.objects.select_related("wallet", "asset").get(pk=row.pk)


def status_of(row: WalletTransaction) -> str:
    return fresh(row).status


def work() -> None:
    """All that is due now, by one worker."""
    release_expired_leases()
    work_due_jobs(until=lambda done: done > 500)


def heal(world: World, *, minutes: int = 30, step: int = 60) -> None:
    """What happens by itself: time goes on, callbacks arrive, jobs and the watch run."""
    for _ in range(minutes * 60 // step):
        world.turn(step)
        work()
        watch_wallets()
        if not WalletTransaction.objects.exclude(status__in=HEALED).exists() and not busy():
            return


def busy() -> bool:
    return Job.objects.filter(state=JobState.RUNNING).exists()


def make_member(name: str) -> User:
    return User.objects.create_user(f"{name}@example.com", uid=f"uid-{name}", name=name)

"""The MBlock wallet service: the methods of its contract over wallets, chain and transits."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from aeghash.sandbox.access import Access
from aeghash.sandbox.amounts import exact, milliseconds, parse_amount, written
from aeghash.sandbox.chain.callbacks import Callback, Callbacks
from aeghash.sandbox.chain.config import check_config, complete_config
from aeghash.sandbox.chain.ledger import BNB, TOKENS, USDT, Ledger, Transaction, book_balance, parse_address
from aeghash.sandbox.chain.transits import Transit, Transits
from aeghash.sandbox.chain.wallets import FEE_WALLET, PAYOUT_WALLETS, Wallet, Wallets
from aeghash.sandbox.jsontext import JsonObject
from aeghash.sandbox.model import Call, Chapter, Model
from aeghash.sandbox.refusals import Misuse, Refused
from aeghash.sandbox.settings import MBlockSettings, changed
from aeghash.sandbox.timeline import Clock, system_clock

__all__ = ["BNB", "FEE_WALLET", "PAYOUT_WALLETS", "TOKENS", "USDT", "Callback", "MBlock", "MBlockSettings"]

PLACES = 18
OPENING_TOKENS = Decimal(10_000_000)
OPENING_BNB = Decimal(1_000)
VOLUME_REFUSED = "Request volume is zero or not enough balance"


class MBlock(Model):
    name: ClassVar[str] = "mblock"
    path: ClassVar[str] = "/bsc"
    key_header: ClassVar[str] = "X-MBLOCK-Key"
    verdict: ClassVar[str] = "result"
    yes: ClassVar[int] = True
    no: ClassVar[int] = False

    @exact
    def __init__(
        self,
        *,
        seed: int = 1,
        clock: Clock = system_clock,
        settings: MBlockSettings | None = None,
        access: Access | None = None,
    ) -> None:
        super().__init__(seed=seed, clock=clock, access=access)
        self.settings = settings or MBlockSettings()
        self._began_with = (self.settings, self.access)
        self.wallets = Wallets(self.chance)
        self.ledger = Ledger(self.chance, self.timeline)
        self.callbacks = Callbacks(self.timeline)
        self.transits = Transits(self.chance, self.ledger, self.callbacks)
        self.config: JsonObject = {}
        self._endow()
        self.methods = {
            "balanceOf": self._balance_of,
            "receiptByHash": self._receipt_by_hash,
            "transferByWalletKey": self._transfer,
            "requestWallet": self._request_wallet,
            "refreshWallet": self._refresh_wallet,
            "transitConfig": self._transit_config,
            "transitByWalletKey": self._transit,
        }

    def _endow(self) -> None:
        for wallet in (*PAYOUT_WALLETS, FEE_WALLET):
            self.ledger.balances[wallet.address, BNB] = OPENING_BNB
        for wallet in PAYOUT_WALLETS:
            for contract in TOKENS:
                self.ledger.balances[wallet.address, contract] = OPENING_TOKENS

    def anew(self, seed: int) -> "MBlock":
        settings, access = self._began_with
        return MBlock(seed=seed, clock=self.clock, settings=settings, access=access)

    # Reading

    def _balance_of(self, call: Call) -> JsonObject:
        address, contract = _address(call, "address"), _contract(call)
        return {"amount": written(self.ledger.balance(address, contract))}

    def _receipt_by_hash(self, call: Call) -> JsonObject:
        found = self.ledger.receipt(_contract(call), call.get("txid"))
        return {"from": found.sender, "to": found.receiver, "amount": written(found.amount)}

    # Wallets

    def _request_wallet(self, call: Call) -> JsonObject:
        wallet = self.wallets.make()
        return {"address": wallet.address, "walletKey": wallet.key}

    def _refresh_wallet(self, call: Call) -> JsonObject:
        wallet = self.wallets.of_key(call.get("walletKey"))
        return {"walletKey": self.wallets.refresh(wallet)}

    # Moving

    def _transfer(self, call: Call) -> JsonObject:
        wallet = self.wallets.of_key(call.get("walletKey"))
        contract, to = _contract(call), _address(call, "to")
        if call.get("amount") in (None, ""):
            raise Refused("Transfer volume is required")
        amount = _volume(call)
        if not self.ledger.can_pay(wallet.address, contract, amount):
            raise Refused("Not enough balance")
        sent = self.ledger.send(
            wallet.address, to, contract, amount, origin="transfer", receipt_ms=self._receipt_ms(call)
        )
        return {"txid": sent.txid}

    def _receipt_ms(self, call: Call) -> int:
        late = call.quirk("receipt-late") or call.quirk("request-timeout")
        return milliseconds(late["seconds"] if late else self.settings.receipt_delay) or 0

    def _transit_config(self, call: Call) -> JsonObject:
        if "config" in call.arguments:
            self.config = check_config(call.arguments["config"])
        return {"config": dict(self.config)}

    def _transit(self, call: Call) -> JsonObject:
        wallet = self.wallets.of_key(call.get("walletKey"))
        contract, to = _contract(call), _address(call, "to")
        if contract == BNB:
            raise Refused("Contract address is incorrect")
        config = complete_config(self.config, call.get("config"), self.wallets)
        held = self.ledger.balance(wallet.address, contract)
        amount = held if call.get("amount") is None else _volume(call)
        if not 0 < amount <= held:
            raise Refused(VOLUME_REFUSED)
        transit = self.transits.begin(
            receipt_ms=self._receipt_ms(call),
            sender=wallet.address,
            receiver=to,
            contract=contract,
            amount=amount,
            config=config,
            quirks=call.quirks,
        )
        return {"token": transit.token}

    # Steering: what no API call does

    def next_due(self) -> int | None:
        moments = (self.timeline.next_due(), self.callbacks.next_due())
        return min((moment for moment in moments if moment is not None), default=None)

    @exact
    def take_callbacks(self) -> list[Callback]:
        self.timeline.catch_up()
        return self.callbacks.take_due()

    @exact
    def fire_callback(self, token: str, changes: Mapping[str, Any], url: str | None = None) -> None:
        """Post a transit's success once more, or, with changes, a forgery of it."""
        self.timeline.catch_up()
        transit = self.transits.by_token.get(token)
        if transit is None and url is None:
            raise Misuse("an unknown token needs a url to post to")
        body = transit.success() if transit else {"result": True, "token": token}
        to = url or (transit.config.callback if transit else "")
        self.callbacks.post(to, {**body, **changes}, genuine=False)

    @exact
    def transfer_outside(self, sender: str, to: str, contract: str, amount: Decimal) -> str:
        """Move funds without a call of ours: a deposit, or a theft. Return the txid."""
        self.timeline.catch_up()
        if sender not in self.wallets.by_address:
            self.ledger.balances[sender, contract] += amount  # what strangers hold is not in these books
        if self.ledger.balance(sender, contract) < amount:
            raise Misuse(f"{sender} holds less than {written(amount)}")
        return self.ledger.send(sender, to, contract, amount, origin="outside").txid

    @exact
    def set_balance(self, address: str, contract: str, amount: Decimal) -> None:
        self.timeline.catch_up()
        self.ledger.balances[address, contract] = amount

    @exact
    def expire_wallet(self, address: str) -> None:
        """From now on, its key is answered with `Wallet address has expired`."""
        self.timeline.catch_up()
        self.wallets.expire(address)

    def change_settings(self, changes: Mapping[str, Any]) -> None:
        self.settings = changed(self.settings, changes)

    def summary(self) -> JsonObject:
        return super().summary() | {"config": dict(self.config)}

    def chapters(self) -> dict[str, Chapter]:
        return {
            "wallets": Chapter(self.wallets.by_address.values(), Wallet.book),
            "balances": Chapter(self.ledger.balances.items(), book_balance),
            "transfers": Chapter(self.ledger.transactions.values(), Transaction.book),
            "transits": Chapter(self.transits.by_token.values(), Transit.book),
            "callbacks": Chapter(self.callbacks.all, Callback.book),
        }


def _address(call: Call, name: str) -> str:
    address = parse_address(call.get(name))
    if address is None:
        raise Refused("Wallet address is incorrect")
    return address


def _contract(call: Call) -> str:
    """Return the token's contract, or BNB for none."""
    if call.get("contract") is None:
        return BNB
    contract = parse_address(call.arguments["contract"])
    if contract is None:
        raise Refused("Contract address is incorrect")
    if contract not in TOKENS:
        raise Refused("Unsupported token symbol")
    return contract


def _volume(call: Call) -> Decimal:
    amount = parse_amount(call.arguments["amount"], places=PLACES)
    if not amount:
        raise Refused(VOLUME_REFUSED)
    return amount

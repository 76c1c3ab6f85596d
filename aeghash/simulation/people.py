"""Everybody who asks something of the product: the mall, its customers, staff at the desk; and a thief."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction

from aeghash.core import clock
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from aeghash.core.operations.change_roles import change_roles
from aeghash.core.operations.set_kill_switch import engage_kill_switch, lift_kill_switch
from aeghash.sandbox.hashdam import HashDam
from aeghash.sandbox.mblock import PAYOUT_WALLETS
from aeghash.simulation.furniture import STAFF, address_of, email_of
from aeghash.simulation.plot import Act
from bonus.operations.confirm_closing import confirm_closing
from bonus.operations.draft_closing import draft_closing
from bonus.operations.run_closing import run_closing
from mining.operations.register_external import register_external
from mining.queries.orphans import orphans
from wallets.models import Asset, CryptoWallet, TransactionKind, TransactionStatus, WalletTransaction
from wallets.operations.queue_transaction import queue_transaction
from withdrawals.models import Approval, Status, Withdrawal
from withdrawals.operations.approve_withdrawal import approve_withdrawal
from withdrawals.operations.forward_withdrawal import confirm_forwarding, record_forwarding
from withdrawals.operations.resolve_withdrawal import RELEASE, RESEND, SUBMITTED, resolve_withdrawal
from withdrawals.queries.desk import waiting_for

if TYPE_CHECKING:
    from aeghash.simulation.world import World

PATIENCE: Final = 20.0
TRIES: Final = 40
ASKED: Final[tuple[str, ...]] = ("asset", "amount", "address")
LOOKS: Final = 60
INVENTED: Final = f"0x{'ee' * 32}"
FOR_PEOPLE: Final = (Status.PENDING, Status.APPROVED_PENDING, Status.FORWARDING, Status.MANUAL_REVIEW)
WAITING: Final = """
    SELECT EXISTS (SELECT FROM withdrawal_requests WHERE status = ANY(%s))
        OR EXISTS (SELECT FROM mining_pool_withdrawals WHERE owner = 'nobody')
"""
APPROVED_BY_SOME: Final = (Status.APPROVED_PENDING, Status.APPROVED, Status.RETRYING)
SETTLED_BELOW: Final = 500


@dataclass
class Wish:
    """One call that the mall makes until it has an answer; and all that it was answered."""

    path: str
    body: dict[str, Any]
    key: str
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    @property
    def is_settled(self) -> bool:
        return any(_is_final(status, answer) for status, answer in self.answers)

    @property
    def succeeded(self) -> dict[str, Any] | None:
        return next((answer for status, answer in self.answers if status < 300), None)


def _is_final(status: int, answer: dict[str, Any]) -> bool:
    return status < SETTLED_BELOW and answer.get("code") not in ("idempotency_in_progress", "rate_limited")


def _is_anything_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [list(FOR_PEOPLE)])
        return bool(cursor.fetchone()[0])


class People:
    def __init__(self, world: "World") -> None:
        self.world = world
        self.wishes: list[Wish] = []
        self.open_acts = 0
        self.clicks = 0
        self.lost_rights: dict[str, float] = {}

    def start(self, plot: list[Act]) -> None:
        plays: dict[str, Callable[[Act], None]] = {
            "withdrawal": self._withdraw,
            "order": self._order,
            "refund": self._refund,
            "cancellation": self._cancel,
            "transit": self._transit,
            "closing": self._close,
            "kill switch": self._stop_everything,
            "lost right": self._lose_right,
            "theft": self._steal,
            "forgery": self._forge,
        }
        for act in plot:
            self._begin(act, plays[act.kind])
        for number, name in enumerate(STAFF):
            sit = partial(self._sit_at_desk, name)
            self.world.enter(f"{name} at the desk", sit, after=15.0 + 4 * number, is_mortal=False)

    def _begin(self, act: Act, play: Callable[[Act], None]) -> None:
        self.open_acts += 1

        def played() -> None:
            play(act)
            self.open_acts -= 1

        self.world.enter(act.name, played, after=act.at, is_mortal=False)

    # The mall

    def _withdraw(self, act: Act) -> None:
        body: dict[str, Any] = {name: act.details[name] for name in ASKED if name in act.details}
        body["uid"] = act.details["member"]
        self._insist(Wish("withdrawals", body, f"w-{act.number}"), act)

    def _order(self, act: Act) -> None:
        paid = {"total_amount": "150.00", "pv_amount": "80", "channel": "ONLINE"}
        body = {"order_id": f"o-{act.number}", "uid": act.details["member"], **paid}
        self._insist(Wish("orders", body, f"order-{act.number}"), act)
        if act.details["twice"]:  # the mall's batch of the evening sends it again, under another key
            self._insist(Wish("orders", body, f"order-{act.number}-again"), act)

    def _refund(self, act: Act) -> None:
        self._insist(
            Wish(f"orders/furniture-{act.details['member']}/refund", {"reason": "sent back"}, f"r-{act.number}"), act
        )

    def _cancel(self, act: Act) -> None:
        wish = next((wish for wish in self.wishes if wish.path == "withdrawals" and wish.succeeded), None)
        if wish is not None and wish.succeeded is not None:
            self._insist(Wish(f"withdrawals/{wish.succeeded['id']}/cancel", {}, f"c-{act.number}"), act)

    def _insist(self, wish: Wish, act: Act) -> None:
        """As the contract asks of partners: the same call with the same key, until there is an answer."""
        self.wishes.append(wish)
        for attempt in range(1, TRIES + 1):
            self._send(wish, f"{act.name}, call {attempt}")
            if act.details["twice"] and attempt == 1:
                self.world.fate.reached("a call sent twice at once")
                self._send(wish, f"{act.name}, call {attempt}b")
            clock.sleep(PATIENCE)
            if wish.is_settled:
                return

    def _send(self, wish: Wish, name: str) -> None:
        def handle() -> None:
            status, answer = self.world.web.partner(wish.path, wish.body, key=wish.key)
            if status == 500:
                self.world.errors.append(f"500 for {wish.path}")
            if not self.world.fate.happens("message lost", name):
                wish.answers.append((status, answer))

        self.world.enter(name, handle, after=0.05)

    # Staff

    def _sit_at_desk(self, name: str) -> None:
        person = User.objects.get(email=email_of(name))
        while not self.world.is_over:
            if not _is_anything_waiting():
                pass
            elif row := waiting_for(person).first():
                self._decide(name, f"approves #{row.pk}", partial(self._approve, person, row.pk, row.version))
            elif name in STAFF[:2]:
                self._look_after_the_rest(name, person)
            clock.sleep(30.0)

    def _approve(self, person: User, withdrawal: int, version: int) -> None:
        try:
            approve_withdrawal(withdrawal_id=withdrawal, by=person, version=version)
        except Refusal as refusal:
            self.world.fate.reached(f"approval refused: {refusal.code}")

    def _look_after_the_rest(self, name: str, person: User) -> None:
        row = Withdrawal.objects.filter(status=Status.FORWARDING).order_by("pk").first()
        if row is not None:
            self._decide(name, f"forwards #{row.pk}", lambda: self._forward(name, person, row))
        review = Withdrawal.objects.filter(status=Status.MANUAL_REVIEW).order_by("pk").first()
        if review is not None and self.world.people_decide:
            self._decide(name, f"resolves #{review.pk}", lambda: self._resolve(person, review))
        orphan = orphans().order_by("pk").first()
        if orphan is not None and self.world.is_alarmed(f"mining.orphan:{orphan.remote_id}"):
            explain = partial(register_external, remote_id=orphan.remote_id, explanation="looked into")
            self._decide(name, f"explains {orphan.remote_id}", explain)

    def _forward(self, name: str, person: User, row: Withdrawal) -> None:
        """The first of the two records, the second confirms."""
        if name == STAFF[0]:
            record_forwarding(withdrawal_id=row.pk, by=person, txid=f"exchange-{row.pk}")
        elif row.forwarding_txid:
            confirm_forwarding(withdrawal_id=row.pk, by=person, version=row.version)

    def _resolve(self, person: User, row: Withdrawal) -> None:
        """They look at the remote's own screens, and say what these show."""
        shown = self.world.shown_as(row)
        word = SUBMITTED if shown else RESEND if row.pk % 2 else RELEASE
        try:
            resolve_withdrawal(withdrawal_id=row.pk, resolution=word, by=person, reason="looked into", remote_id=shown)
            self.world.fate.reached(f"manual review: {word}")
        except Refusal as refusal:
            self.world.fate.reached(f"resolution refused: {refusal.code}")

    def _decide(self, name: str, what: str, act: Callable[[], object]) -> None:
        """A click: a request to the web server, which may die over it, while the person does not."""

        def click() -> None:
            try:
                act()
            except Refusal as refusal:
                self.world.fate.reached(f"refused: {refusal.code}")

        self.clicks += 1
        self.world.enter(f"{name} {what} ({self.clicks})", click)

    # The house

    def _transit(self, act: Act) -> None:
        wallet = CryptoWallet.objects.get(address=PAYOUT_WALLETS[act.number % 2].address)
        with transaction.atomic():
            queue_transaction(
                kind=TransactionKind.TRANSIT,
                wallet=wallet,
                asset=Asset.objects.get(pk="USDT"),
                to_address=address_of(act.details["member"]),
                amount=Decimal(act.details["amount"]),
                reference=f"transit-{act.number}",
            )

    def _close(self, act: Act) -> None:
        """Drafted and confirmed; a second run of the same closing begins beside the job's."""
        closing = confirm_closing(closing_id=draft_closing().pk)
        for number in (1, 2):
            self.world.enter(f"closing run {number}", lambda: run_closing(closing_id=closing.pk), after=number * 0.01)

    def _stop_everything(self, _act: Act) -> None:
        engage_kill_switch(reason="something looks odd")
        clock.sleep(120.0)
        lift_kill_switch(reason="it was nothing")

    def _lose_right(self, act: Act) -> None:
        """Somebody who approves is no longer to: what they have approved and isn't claimed yet must not be paid."""
        name = STAFF[2 + act.number % 2]
        for _look in range(LOOKS):  # it matters while something waits that they have approved
            if Approval.objects.filter(
                approver__email=email_of(name), withdrawal__status__in=APPROVED_BY_SOME
            ).exists():
                break
            clock.sleep(2.0)
        change_roles(email=email_of(name), groups=["support"])
        self.lost_rights[name] = self.world.scheduler.now

    def _steal(self, act: Act) -> None:
        pool = self.world.pool.model
        assert isinstance(pool, HashDam)
        pool.withdraw_outside(act.details["asset"], Decimal(act.details["amount"]))
        self.world.fate.reached("theft at the pool")

    def _forge(self, _act: Act) -> None:
        """Somebody who knows our callback's address, and even the token, says that a transit has gone through."""
        waiting = WalletTransaction.objects.filter(status=TransactionStatus.PENDING_TRANSIT)
        for _look in range(LOOKS):
            if row := waiting.order_by("pk").first():
                said = {"result": True, "token": row.token, "txid": INVENTED, "txidToken": INVENTED}
                self.world.web.callback(urlsplit(settings.MBLOCK_TRANSIT_CALLBACK_URL).path, said)
                self.world.fate.reached("forged callback")
                return
            clock.sleep(2.0)

"""Pays, refunds, closings and withdrawals in any order: afterwards everything in the catalogue holds."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from aeghash.core import catalogue, clock
from bonus.models import Closing, ClosingState, Entry
from bonus.operations.allocate_backlog import allocate_backlog, reverse_backlog
from bonus.operations.reverse_order import reverse_order
from organization.models import Member, Order
from organization.operations.refund_order import refund_order
from tests.bonus.closing import closed
from tests.bonus.shares import paid
from tests.organization.buying import bought
from tests.organization.trees import join
from wallets.models import Balance, Debt, InsufficientBalance, SystemAccount
from wallets.operations.post import post

STEPS = 40
STEPS_IN_FULL = 2000


class Walk:
    """A small organisation, and a clock that only this walk turns."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = datetime.fromisoformat("2026-03-02T12:00:00+09:00")
        self.members = [join("root")]
        for number in range(1, 12):
            self.members.append(join(f"w{number}", self.chance.choice(self.members)))
        Member.objects.filter(pk__in=[member.pk for member in self.members[:3]]).update(rank="D2", is_rank_held=True)
        self.open: list[Order] = []
        self.withdrawn = 0

    def step(self) -> None:
        self.now += timedelta(hours=self.chance.uniform(1, 30))
        acts = [self.pay, self.pay, self.pay, self.leave_behind, self.refund, self.close, self.withdraw]
        self.chance.choice(acts)()

    def pay(self) -> None:
        pv = Decimal(self.chance.randrange(1, 10**7)) / 10**4
        self.open.append(paid(self.chance.choice(self.members), pv, paid_at=self.now))

    def leave_behind(self) -> None:
        """Recorded by a caller who died before the bonuses: the sweep finds it."""
        self.open.append(bought(self.chance.choice(self.members), 33, paid_at=self.now))
        if self.chance.random() < 0.5:
            allocate_backlog()

    def refund(self) -> None:
        if not self.open:
            return
        order = self.open.pop(self.chance.randrange(len(self.open)))
        if self.chance.random() < 0.5:
            refund_order(order=order)
            reverse_backlog()
        else:
            with transaction.atomic():
                refund_order(order=order)
                reverse_order(order=order)

    def close(self) -> None:
        if Closing.objects.filter(ends_at__gte=self.now - timedelta(days=8)).exists():
            self.now += timedelta(days=7)
        allocate_backlog()
        closed()

    def withdraw(self) -> None:
        for balance in Balance.objects.filter(asset="POINT", amount__gt=0).order_by("?")[:2]:
            self.withdrawn += 1
            try:
                post(
                    reference=f"withdrawn-{self.withdrawn}",
                    asset="POINT",
                    amount=balance.amount,
                    source=balance.user_id,
                    target=SystemAccount.PAYOUTS,
                )
            except InsufficientBalance:
                raise AssertionError("nothing is locked here") from None


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("check_invariants_after")
@pytest.mark.parametrize("seed", [1])
def test_whatever_happens_in_whatever_order_the_books_agree(seed: int, request: Any) -> None:
    walk = Walk(seed)
    with clock.steered(lambda: walk.now, lambda _seconds: None):
        for number in range(STEPS_IN_FULL if request.config.getoption("--prove") else STEPS):
            walk.step()
            if number % 20 == 0:
                broken = [
                    one for one in catalogue.look_at_all(only=["B1", "B2", "B3", "L2", "L3", "L4"]) if not one.holds
                ]
                assert not broken, f"after step {number}: {broken[0].invariant.id} {broken[0].violations[:3]}"
    assert Closing.objects.filter(status=ClosingState.CLOSED).exists()
    assert Entry.objects.filter(status="confirmed").exists()
    # A debt is there only while nothing is available.
    owing = Debt.objects.filter(asset="POINT", amount__gt=0).values("user")
    assert not Balance.objects.filter(asset="POINT", user__in=owing, amount__gt=0).exists()

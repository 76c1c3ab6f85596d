"""Mining's part of the demo: the pool's last 90 days, hash power for members, and what they got of it."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings

from aeghash.core import clock, rights
from aeghash.core.actors import acting_as, command
from aeghash.core.models import Proposal, User
from aeghash.core.operations.approve_proposal import agree
from aeghash.core.operations.propose import propose
from mining.models import Allocation, DayFacts, Grant, OrderKind
from mining.operations.allocate_due_days import allocate_due_days
from mining.operations.credit_hash_power import credit_hash_power
from mining.operations.order_power import ACTS, content_of
from mining.operations.prove_reserves import prove_reserves
from mining.operations.sync_mining import sync_mining

SOURCE: Final = "demo"
MOST_MEMBERS: Final = 40
# The smallest has what a beginner buys. Together they stay below what the sandbox's project mines with.
POWERS: Final = ("120", "850.5", "3200", "45.25", "12000")
DAYS_WITH_POWER: Final = 30


def seed() -> list[str]:
    """Makes what is missing; a second run changes nothing. Without a pool to read there is nothing to show."""
    if not settings.HASHDAM_API_BASE_URL:
        return []
    with acting_as(command("seed_demo")):
        if not DayFacts.objects.exists():
            sync_mining()
        give_power()
        if not Allocation.objects.exists():
            allocate_due_days()
        prove_reserves(day=clock.today())
        buy_power()
    return []


def give_power() -> None:
    members = User.objects.filter(uid__isnull=False).order_by("pk")[:MOST_MEMBERS]
    if Grant.objects.filter(source=SOURCE).exists():
        return
    start = clock.today() - timedelta(days=DAYS_WITH_POWER)
    for number, member in enumerate(members):
        credit_hash_power(
            user=member,
            hash=Decimal(POWERS[number % len(POWERS)]),
            source=SOURCE,
            event_id=f"demo-{number}",
            app="mall",
            starts_on=start + timedelta(days=number % 7),
        )


def buy_power() -> None:
    """A swap that two people agreed on, and a charge for a visitor to agree to."""
    people = User.objects.filter(is_admin=True, groups__name=rights.FINANCE).order_by("pk")[:2]
    if len(people) < 2 or Proposal.objects.filter(kind__in=[act.kind for act in ACTS.values()]).exists():
        return
    first, second = people
    swap = bid(OrderKind.SWAP, "250", by=first, reason="신규 회원 증가에 따른 해시파워 확보")
    agree(proposal_id=swap.pk, digest=swap.digest, by=second)
    bid(OrderKind.CHARGE, "1000", by=first, reason="다음 주 스왑에 쓸 크레딧 충전")


def bid(kind: OrderKind, amount: str, *, by: User, reason: str) -> Proposal:
    return propose(act=ACTS[kind], content=content_of(kind, Decimal(amount)), by=by, reason=reason)

"""Mining's part of the demo: the pool's last 90 days, hash power for members, what they got of it, and what moves there."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.core.models import User
from mining.demo_moves import seed_moves
from mining.models import Allocation, DayFacts, Grant
from mining.operations.allocate_due_days import allocate_due_days
from mining.operations.credit_hash_power import credit_hash_power
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
        seed_moves()
        prove_reserves(day=clock.today())
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

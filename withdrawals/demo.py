"""The withdrawals' part of the demo: requests at every stage that the remotes let them reach in a few seconds."""

import time
from decimal import Decimal
from typing import Final

from django.conf import settings

from aeghash.core import clock, rights
from aeghash.core.actors import acting_as, command
from aeghash.core.errors import Refusal
from aeghash.core.models import Job, JobState, User
from aeghash.core.operations.claim_job import claim_job
from aeghash.core.operations.work_job import work_job
from aeghash.core.transactions import opens_one
from wallets.models import Asset, Balance
from withdrawals.demo_troubles import APPROVALS, BROKEN_OFF, break_off, settle, then
from withdrawals.models import Channel, PayoutAddress, Status, Withdrawal
from withdrawals.operations.approve_withdrawal import SUBMIT, approve
from withdrawals.operations.cancel_withdrawal import cancel_withdrawal
from withdrawals.operations.reconcile_withdrawal import reconcile_withdrawal
from withdrawals.operations.reject_withdrawal import reject_withdrawal
from withdrawals.operations.request_withdrawal import request_withdrawal
from withdrawals.queries.limits import POINT

SOURCE: Final = "demo"
SECONDS: Final = 6
# Asset, amount, whether to an address, how far it goes: how many approvals, or another end, or a trouble.
WANTED: Final = (
    ("USDT", "25", True, "2"),
    ("POINT", "12", True, "2"),
    ("LTC", "0.1", True, "2"),
    ("DOGE", "0.2", False, "2"),
    ("USDT", "40", True, "1"),
    ("POINT", "15", True, "1"),
    ("BELLS", "0.1", False, "1"),
    ("USDT", "30", True, "reject"),
    ("POINT", "9", True, "cancel"),
    ("POINT", "18", True, "0"),
    ("USDT", "55", True, "0"),
    ("LKY", "0.1", False, "0"),
    ("PEP", "0.1", False, "0"),
    ("LTC", "0.3", False, "expired"),
    ("DOGE", "0.3", False, "review"),
    ("BELLS", "0.3", False, "failed"),
    ("LKY", "0.3", False, "unknown"),
    ("PEP", "0.3", False, "retrying"),
)


def seed() -> list[str]:
    """Once: a second run changes nothing. Without members or staff there is nobody to ask, or to approve."""
    people = list(User.objects.filter(is_admin=True, groups__name=rights.FINANCE).order_by("pk")[:2])
    if len(people) < 2 or Withdrawal.objects.filter(source=SOURCE).exists():
        return []
    with acting_as(command("seed_demo")):
        rows = [(wanted[-1], one(place, people, *wanted)) for place, wanted in enumerate(WANTED)]
        made = [row for _goes, row in rows if row is not None]
        settle({row.pk: goes for goes, row in rows if row is not None}, people)
        pay([row.pk for row in made], until=time.monotonic() + SECONDS)
    return [f"{len(made)} withdrawals"] if made else []


def one(place: int, people: list[User], asset: str, amount: str, to_address: bool, goes: str) -> Withdrawal | None:
    """By a member who has it. What a rule refuses is left out."""
    owners = Balance.objects.filter(asset=asset, amount__gte=Decimal(amount), user__uid__isnull=False)
    if asset == POINT:  # whoever has bought nothing may withdraw none
        owners = owners.filter(user__member__orders__refund__isnull=True, user__member__orders__isnull=False).distinct()
    balance = owners.select_related("user").order_by("pk")[place : place + 1].first() or owners.first()
    if balance is None:
        return None
    try:
        with then(goes):
            row = ask(balance.user, asset, Decimal(amount), book(balance.user, asset) if to_address else None)
            return row if row.status == Status.CANCELLED else gone(row, people, goes)
    except Refusal:
        return None


def book(user: User, asset: str) -> str:
    address = f"0x{user.pk:040x}"
    PayoutAddress.objects.get_or_create(
        user=user, asset_id=asset, address=address, defaults={"label": "demo", "usable_from": clock.now()}
    )
    return address


@opens_one()
def ask(user: User, asset: str, amount: Decimal, address: str | None) -> Withdrawal:
    kind = Asset.objects.get(pk=asset)
    return request_withdrawal(user=user, asset=kind, amount=amount, address=address, source=SOURCE)


def gone(row: Withdrawal, people: list[User], goes: str) -> Withdrawal:
    if goes == "reject":
        return reject_withdrawal(withdrawal_id=row.pk, by=people[0], reason="The member's documents have expired.")
    if goes == "cancel":
        with opens_one():
            return cancel_withdrawal(withdrawal_id=row.pk)
    wanted = APPROVALS[goes] if goes in APPROVALS else int(goes)
    needed = min(wanted, row.approvals_needed if is_there(row) else 1)
    for approver in people[:needed]:
        version = Withdrawal.objects.values_list("version", flat=True).get(pk=row.pk)
        row = approve(withdrawal_id=row.pk, by=approver, version=version)
    if goes in BROKEN_OFF and row.status == Status.APPROVED:
        break_off(row, goes)
    return row


def is_there(row: Withdrawal) -> bool:
    """Without its remote a request waits for its second approval, and not for somebody who never comes."""
    hashdam = row.channel == Channel.HASHDAM
    return bool(settings.HASHDAM_API_BASE_URL if hashdam else settings.MBLOCK_API_BASE_URL)


def pay(numbers: list[int], *, until: float) -> None:
    """What workers would do, so that a demo has something to show at once. What isn't done in time they do later."""
    keys = [f"withdrawal:{number}" for number in numbers]
    jobs = Job.objects.filter(kind=SUBMIT, key__in=keys, state=JobState.QUEUED).order_by("pk")
    for job in jobs.values_list("pk", flat=True):
        if time.monotonic() < until and (lease := claim_job(job_id=job)) is not None:
            work_job(lease=lease)
    for number in Withdrawal.objects.filter(pk__in=numbers, status=Status.SUBMITTED).values_list("pk", flat=True):
        if time.monotonic() < until:
            reconcile_withdrawal(withdrawal_id=number)

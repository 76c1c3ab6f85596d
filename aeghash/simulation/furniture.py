"""Whom and what every run finds: a company, its members with money, a mall that brings them, staff who approve."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction

from aeghash.core import clock, rights
from aeghash.core.actors import acting_as, command
from aeghash.core.crypto import Secret
from aeghash.core.operations.change_roles import change_roles
from aeghash.core.operations.create_user import create_user
from aeghash.core.operations.seal_audit import seal_audit
from aeghash.sandbox.mblock import PAYOUT_WALLETS
from bonus.operations.allocate_order import allocate_order
from organization.models import Member
from organization.operations.join_member import join_member
from organization.operations.record_order import record_order
from organization.operations.roll_up_volumes import roll_up_volumes
from partners.models import Partner, PartnerMember
from partners.operations.create_partner import create_partner
from partners.operations.issue_key import issue_key
from partners.scopes import SCOPES
from wallets.models import SystemAccount
from wallets.operations.post import post
from wallets.operations.register_wallet import register_wallet
from withdrawals.models import PayoutAddress
from withdrawals.operations.lock_submissions import lock_if_restored

DAWN: Final = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)  # ten minutes after a day's closing, in Korea
BEFORE: Final = DAWN - timedelta(hours=3)
STAFF: Final = ("kim", "lee", "park", "choi")
MALL: Final = "mall"
KEY_ID: Final = "ak_simulation"
SECRET: Final = "a-secret-that-nobody-needs-to-guess"  # noqa: S105 - of a world that isn't real
MEMBERS: Final = ("anna", "bora", "chan", "dana", "eric", "faye")
MONEY: Final = {"LTC": "50", "DOGE": "500", "USDT": "400", "POINT": "300"}


def address_of(name: str) -> str:
    return f"0x{MEMBERS.index(name) + 10:040x}"


def email_of(name: str) -> str:
    return f"{name}@staff.example"


def furnish() -> None:
    with clock.steered(lambda: BEFORE), acting_as(command("simulate")):
        for name in STAFF:
            create_user(email=email_of(name), password=None, name=name)
            change_roles(email=email_of(name), groups=[rights.FINANCE, rights.OPERATIONS])
        mall = _mall()
        _members(mall)
        for wallet in PAYOUT_WALLETS:
            register_wallet(address=wallet.address, wallet_key=Secret(wallet.key), label=wallet.name or "")
        lock_if_restored()
        roll_up_volumes()
        seal_audit()


def _mall() -> Partner:
    mall = create_partner(slug=MALL, name="Mall")
    Partner.objects.filter(pk=mall.pk).update(writes_a_minute=10**6, burst=10**6)
    issue_key(slug=MALL, key_id=KEY_ID, scopes=SCOPES, overlap_days=None, secret=SECRET)
    return mall


def _members(mall: Partner) -> None:
    sponsor = join_member(uid="company", sponsor=None)
    for name in MEMBERS:
        member = join_member(uid=name, sponsor=sponsor)
        PartnerMember.objects.create(member=member, partner=mall)
        _enrich(member, name)
        sponsor = member


@transaction.atomic
def _enrich(member: Member, name: str) -> None:
    for asset, amount in MONEY.items():
        post(
            reference=f"furniture:{name}:{asset}",
            asset=asset,
            amount=Decimal(amount),
            source=SystemAccount.ISSUANCE,
            target=member.pk,
        )
        PayoutAddress.objects.create(
            user=member.user, asset_id=asset, address=address_of(name), usable_from=BEFORE - timedelta(days=2)
        )
    order, _is_new = record_order(
        source=MALL,
        source_id=f"furniture-{name}",
        buyer=member,
        total_amount=Decimal(200),
        pv_amount=Decimal(100),
        channel="ONLINE",
    )
    allocate_order(order=order)

"""A member's payout address, to be used once its cooling time is over."""

from datetime import timedelta

from django.conf import settings

from aeghash.core import clock
from aeghash.core.operations.record import record
from partners.inbound import Answer, Context
from partners.queries.owned import own_member
from partners.queries.shown import address_document
from partners.refusals import unknown_asset
from wallets.models import Asset
from withdrawals.models import PayoutAddress


def add_address(context: Context, *, asset: str, address: str, label: str = "") -> Answer:
    """There already: 200 with what is there; nobody waits anew, nor less. Refuses a member that isn't the partner's."""
    member = own_member(context.partner, context.arguments["uid"])
    kind = Asset.objects.filter(symbol=asset).first()
    if kind is None:
        raise unknown_asset()
    usable_from = clock.now() + timedelta(hours=settings.ADDRESS_COOLING_HOURS)
    found, is_new = PayoutAddress.objects.get_or_create(
        user=member.user,
        asset=kind,
        address=address,
        deleted_at=None,
        defaults={"label": label, "usable_from": usable_from},
    )
    if is_new:
        after = {"user": member.pk, "asset": asset, "address": address, "usable_from": found.usable_from}
        record("address.added", of=found, after=after)
    return Answer(201 if is_new else 200, address_document(found), ("address", found.pk))

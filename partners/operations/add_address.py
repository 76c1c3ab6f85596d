"""A member's payout address, as the partner who brought the member tells it."""

from partners.inbound import Answer, Context
from partners.queries.owned import own_member
from partners.queries.shown import address_document
from partners.refusals import unknown_asset
from wallets.models import Asset
from withdrawals.models import PayoutAddress
from withdrawals.operations.add_payout_address import add_payout_address


def add_address(context: Context, *, asset: str, address: str, label: str = "") -> Answer:
    """There already: 200 with what is there; nobody waits anew, nor less. Refuses a member that isn't the partner's."""
    member = own_member(context.partner, context.arguments["uid"])
    kind = Asset.objects.filter(symbol=asset).first()
    if kind is None:
        raise unknown_asset()
    known = set(PayoutAddress.objects.filter(user=member.user, asset=kind).values_list("pk", flat=True))
    found = add_payout_address(user=member.user, asset=kind, address=address, label=label)
    return Answer(200 if found.pk in known else 201, address_document(found), ("address", found.pk))

"""A member is paid to this address no more."""

from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import NotFound
from aeghash.core.models import User
from aeghash.core.operations.record import record
from aeghash.core.transactions import needs_one
from wallets.models import Asset
from withdrawals.addresses import written_alike
from withdrawals.models import PayoutAddress
from withdrawals.operations.add_payout_address import told
from withdrawals.queries.limits import policy_of


class AddressNotFound(NotFound):
    code = "payout_address_not_found"
    sentence = _("The member has no such payout address.")


@needs_one()
def remove_payout_address(*, user: User, asset: Asset, address: str) -> None:
    """At once. What was asked for and not submitted yet goes back to its approvers.

    Part of the caller's transaction. Refuses an address that isn't the member's (`payout_address_not_found`).
    """
    alike = written_alike(policy_of(asset).channel, address)
    rows = PayoutAddress.objects.select_for_update().filter(user=user, asset=asset, address=alike)
    row = rows.first()
    if row is None:
        raise AddressNotFound
    row.delete()
    record("payout_address.removed", of=row, before=told(row))

"""Let a member be paid to another address, once it has cooled."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from aeghash.core import clock
from aeghash.core.models import User
from aeghash.core.operations.record import record
from aeghash.core.transactions import needs_one
from wallets.models import Asset
from withdrawals.addresses import checked
from withdrawals.models import PayoutAddress
from withdrawals.queries.limits import policy_of


@needs_one()
def add_payout_address(*, user: User, asset: Asset, address: str, label: str = "") -> PayoutAddress:
    """Usable after WITHDRAWAL_ADDRESS_COOLING_HOURS. There already: nothing happens, and its time doesn't begin anew.

    Part of the caller's transaction. Refuses an address that can't be one of this asset (`validation_error`), an asset that
    isn't paid out (`withdrawal_limit_exceeded`).
    """
    address = checked(policy_of(asset).channel, address)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two at once: the second finds the first's
    known: PayoutAddress | None = PayoutAddress.objects.filter(user=user, asset=asset, address=address).first()
    if known:
        return known
    usable_from = clock.now() + timedelta(hours=settings.WITHDRAWAL_ADDRESS_COOLING_HOURS)
    row: PayoutAddress = PayoutAddress.objects.create(
        user=user, asset=asset, address=address, label=label, usable_from=usable_from
    )
    record("payout_address.added", of=row, after=told(row))
    return row


def told(row: PayoutAddress) -> dict[str, Any]:
    return {"user_id": row.user_id, "asset": row.asset_id, "address": row.address, "usable_from": row.usable_from}

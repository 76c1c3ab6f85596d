"""Take an address out of a member's book, as staff: nothing more is asked for to it, and nothing approved is paid to it."""

from django.utils.translation import gettext_lazy as _

from aeghash.core.actors import acting_as, person
from aeghash.core.errors import Invalid
from aeghash.core.models import User
from aeghash.core.operations.propose import check_entitled
from aeghash.core.operations.record import record
from aeghash.core.transactions import opens_one
from withdrawals.models import PayoutAddress
from withdrawals.operations.remove_payout_address import AddressNotFound
from withdrawals.rights import FILE


@opens_one()
def strike_payout_address(*, address_id: int, by: User, reason: str) -> PayoutAddress:
    """Removed already: nothing happens. The row stays, for requests were judged by it.

    Refuses: somebody without the right (`permission_denied`), an empty reason (`validation_error`), an unknown address
    (`payout_address_not_found`).
    """
    check_entitled(by, FILE)
    if not reason.strip():
        raise Invalid(field="reason", reason=_("Say why."))
    address: PayoutAddress | None = (
        PayoutAddress.with_deleted.select_for_update(of=("self",)).filter(pk=address_id).first()
    )
    if address is None:
        raise AddressNotFound
    if address.deleted_at is None:
        with acting_as(person(by)):
            address.delete()
            record(
                "payout_address.removed",
                of=address,
                before={"user": address.user_id, "asset": address.asset_id, "address": address.address},
                reason=reason.strip(),
            )
    return address

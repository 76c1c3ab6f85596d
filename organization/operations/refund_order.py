"""Take a paid order back."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.database_errors import translated
from aeghash.core.errors import Duplicate, Invalid
from aeghash.core.operations.record import record
from aeghash.core.transactions import with_db_retry
from organization.models import Order, Refund


@with_db_retry()
@transaction.atomic
def refund_order(*, order: Order, reason: str = "") -> Refund:
    """The whole of it, today: the day of the order stays as it was. Ranks stay.

    Refunded already: nothing changes, the first reason stays. May be a part of a larger transaction.
    """
    _check_reason(reason)
    known = Refund.objects.filter(order=order).first()
    if known is not None:
        return known
    try:
        with translated(), transaction.atomic():
            refund = Refund.objects.create(order=order, reason=reason)
    except Duplicate:  # somebody was quicker, and their commit has been waited for
        return Refund.objects.get(order=order)
    record("order.refunded", of=order, after={"refunded_at": refund.refunded_at}, reason=reason)
    return refund


def _check_reason(reason: str) -> None:
    longest = Refund._meta.get_field("reason").max_length or 0
    if len(reason) > longest:
        raise Invalid(field="reason", reason=_("At most %(count)s characters.") % {"count": longest})
    if "\0" in reason or any("\ud800" <= letter <= "\udfff" for letter in reason):
        raise Invalid(field="reason", reason=_("A text holds a character that can't be stored."))

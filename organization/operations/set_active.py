"""Let a member take part, or no longer."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Invalid
from aeghash.core.operations.record import record
from organization.models import Member


@transaction.atomic
def set_active(*, member: Member, is_active: bool, reason: str) -> Member:
    """Who is inactive keeps the places in both trees, and gets no bonus.

    Nothing would change: nothing is written. Refuses an empty reason.
    """
    if not reason.strip():
        raise Invalid(field="reason", reason=_("Say why."))
    locked = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    if locked.is_active != is_active:
        locked.update(is_active=is_active)
        record("member.active_set", of=locked, before={"is_active": not is_active}, after={"is_active": is_active},
               reason=reason.strip())  # fmt: skip
    return locked

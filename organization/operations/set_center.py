"""Mark a member as a center, or take the mark away."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Invalid
from aeghash.core.operations.record import record
from aeghash.core.texts import storable
from organization.models import Member


@transaction.atomic
def set_center(*, member: Member, is_center: bool, referrer: Member | None = None, reason: str) -> Member:
    """With the member who referred the center, if somebody did. Orders keep the center they named.

    Nothing would change: nothing is written. Refuses an empty reason, a center that referred itself, and a referrer of
    what is no center.
    """
    reason = storable(reason).strip()
    if not reason:
        raise Invalid(field="reason", reason=_("Say why."))
    _check_referrer(member, is_center=is_center, referrer=referrer)
    locked = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    before = {"is_center": locked.is_center, "center_referrer": locked.center_referrer_id}
    after = {"is_center": is_center, "center_referrer": referrer and referrer.pk}
    if before != after:
        locked.update(is_center=is_center, center_referrer=referrer)
        record("member.center_set", of=locked, before=before, after=after, reason=reason)
    return locked


def _check_referrer(member: Member, *, is_center: bool, referrer: Member | None) -> None:
    if referrer is None:
        return
    if not is_center:
        raise Invalid(field="referrer", reason=_("Only a center has a referrer."))
    if referrer.pk == member.pk:
        raise Invalid(field="referrer", reason=_("A center can't have referred itself."))

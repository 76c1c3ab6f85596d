"""Give a member a rank by hand."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.actors import current_actor
from aeghash.core.errors import Invalid
from aeghash.core.operations.record import record
from aeghash.core.texts import storable
from organization.models import Member, Rank, RankCause, RankChange


@transaction.atomic
def set_rank(*, member: Member, rank: str, reason: str) -> Member:
    """Up: the rules may raise the member further. Down: the rank is held, or the rules would give it back at once, until
    a higher one is set by hand.

    The rank the member has: nothing changes. Refuses an unknown rank and an empty reason.
    """
    if rank not in Rank.values:
        raise Invalid(field="rank", reason=_("No such rank."))
    reason = storable(reason).strip()
    if not reason:
        raise Invalid(field="reason", reason=_("Say why."))
    # Not FOR UPDATE: orders and placements that refer to the member go on meanwhile.
    locked = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    if locked.rank != rank:
        before = {"rank": locked.rank, "is_rank_held": locked.is_rank_held}
        locked.update(rank=rank, is_rank_held=Rank.values.index(rank) < Rank.values.index(locked.rank))
        _write_history(locked, before=str(before["rank"]), reason=reason)
        after = {"rank": rank, "is_rank_held": locked.is_rank_held}
        record("member.rank_set", of=locked, before=before, after=after, reason=reason)
    return locked


def _write_history(member: Member, *, before: str, reason: str) -> None:
    """Stamped with this transaction, so that the sponsor's rank is looked at next."""
    actor = current_actor()
    RankChange.objects.create(
        member=member,
        before=before,
        after=member.rank,
        cause=RankCause.BY_HAND,
        reason={"reason": reason, "by": actor.label or actor.id},
    )

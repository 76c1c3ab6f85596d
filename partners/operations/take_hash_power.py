"""Credit or debit what a member bought in the mall."""

from datetime import date
from decimal import Decimal

from aeghash.core import clock
from mining.models import Direction, Grant
from mining.operations.credit_hash_power import credit_hash_power
from mining.queries.power import hash_power
from partners.inbound import Answer, Context
from partners.operations.spend_day import spend_day
from partners.queries.owned import own_member
from partners.queries.shown import amount


def take_hash_power(
    context: Context,
    *,
    uid: str,
    hash: Decimal,  # noqa: A002 - the contract's word
    direction: str = Direction.CREDIT,
    app: str = "",
    event_id: str | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Answer:
    """An event counts once, ever: again, the first grant is the answer. Refuses a member that isn't the partner's
    (`member_not_found`), and what `credit_hash_power` refuses.
    """
    member = own_member(context.partner, uid)
    newest = Grant.objects.filter(user_id=member.pk).order_by("-pk").values_list("pk", flat=True).first() or 0
    grant = credit_hash_power(
        user=member.user,
        hash=hash,
        direction=Direction(direction),
        source=context.partner.slug,
        event_id=event_id,
        app=app,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    is_new = grant.pk > newest
    if is_new and grant.direction == Direction.CREDIT:
        spend_day(context=context, hash_power=hash, uid=uid, event_id=event_id)
    body = {
        "grant_id": grant.pk,
        "uid": uid,
        "hash": amount(grant.hash),
        "direction": grant.direction,
        "hash_power": amount(hash_power(member.pk, clock.today())),
    }
    return Answer(201 if is_new else 200, body, ("grant", grant.pk))

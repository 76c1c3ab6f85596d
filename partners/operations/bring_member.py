"""A partner's customer becomes a member."""

from organization.models import Side
from organization.operations.join_member import join_member
from partners.inbound import Answer, Context
from partners.models import PartnerMember
from partners.queries.owned import sponsor_for
from partners.queries.shown import member_document


def bring_member(
    context: Context,
    *,
    uid: str,
    email: str | None = None,
    name: str = "",
    sponsor_uid: str | None = None,
    side: str | None = None,
) -> Answer:
    """Refuses: a number or e-mail that is taken, whoever brought it (`member_exists`); a sponsor that isn't the partner's
    (`member_not_found`).
    """
    sponsor = sponsor_for(context.partner, sponsor_uid)
    member = join_member(uid=uid, email=email, name=name, sponsor=sponsor, side=Side(side) if side else None)
    PartnerMember.objects.create(member=member, partner=context.partner)
    return Answer(201, member_document(context.partner, member), ("member", member.pk))

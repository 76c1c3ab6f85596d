"""Members whom staff brought in become a partner's: from then on it sees them, and acts for them. It takes two people."""

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import Conflict, Duplicate, Invalid, NotFound
from aeghash.core.operations.record import record
from aeghash.core.rows import create_many
from organization.models import Member
from partners.models import Partner, PartnerMember
from partners.operations.issue_key import found_partner
from partners.queries.owned import can_be_stored
from partners.rights import MANAGE_PARTNERS

MOST: Final = 10_000  # the proposal and its row on the audit trail name them all
SHOWN: Final = 10


class MembersUnknown(NotFound):
    code = "member_not_found"
    sentence = _("%(count)s of them are no members: %(uids)s.")


class MembersTaken(Conflict):
    code = "members_taken"
    sentence = _("%(count)s of them are another partner's: %(uids)s. Nobody was assigned.")


class NobodyNew(Conflict):
    code = "nobody_new"
    sentence = _("There is nobody in it who isn't the partner's already.")


def members_for(*, slug: str, uids: Sequence[str]) -> dict[str, Any]:
    """What is proposed; whoever is the partner's already is passed over. Refuses: numbers of no members
    (`member_not_found`), another partner's members (`members_taken`), the company itself, more than 10,000, and a list
    without anybody new (`nobody_new`).
    """
    partner = found_partner(slug)
    wanted = list(dict.fromkeys(uid.strip() for uid in uids if uid.strip()))
    if len(wanted) > MOST:
        raise Invalid(field="uids", reason=_("At most 10,000 at once."))
    known = members_called(wanted)
    if missing := [uid for uid in wanted if uid not in known]:
        raise MembersUnknown(count=len(missing), uids=some_of(missing))
    if any(member.sponsor_id is None for member in known.values()):
        raise Invalid(field="uids", reason=_("The company at the top is nobody's."))
    owners = dict(PartnerMember.objects.filter(member__in=known.values()).values_list("member_id", "partner_id"))
    if taken := [uid for uid in wanted if owners.get(known[uid].pk, partner.pk) != partner.pk]:
        raise MembersTaken(count=len(taken), uids=some_of(taken))
    members = sorted(member.pk for member in known.values() if member.pk not in owners)
    if not members:
        raise NobodyNew
    return {"slug": slug, "members": members}


def members_called(uids: Sequence[str]) -> dict[str, Member]:
    storable = [uid for uid in uids if can_be_stored(uid)]
    found = Member.objects.filter(user__uid__in=storable).select_related("user")
    return {str(member.user.uid): member for member in found}


def some_of(uids: Sequence[str]) -> str:
    return ", ".join(uids[:SHOWN]) + (" …" if len(uids) > SHOWN else "")


@transaction.atomic
def assign_members(*, slug: str, members: Sequence[int]) -> int:
    """The caller has heard both people. All of them or nobody: refuses if one has become anybody's (`members_taken`)."""
    partner: Partner = found_partner(slug)
    try:
        create_many([PartnerMember(partner=partner, member_id=member) for member in members])
    except Duplicate:
        found = PartnerMember.objects.filter(member_id__in=members).select_related("member__user").order_by("pk")
        uids = [str(row.member.user.uid) for row in found]
        raise MembersTaken(count=len(uids), uids=some_of(uids)) from None
    record("partner.members_assigned", of=partner, after={"partner": slug, "count": len(members)})
    return len(members)


def _execute(content: Content) -> dict[str, Any]:
    return {"assigned": assign_members(**content)}


def _described(content: Content) -> dict[Any, Any]:
    first = Member.objects.filter(pk__in=content["members"][: SHOWN + 1]).select_related("user").order_by("pk")
    return {
        _("partner"): content["slug"],
        _("members"): len(content["members"]),
        _("among them"): some_of([str(member.user.uid) for member in first]),
    }


ASSIGN_MEMBERS = declare(
    Act(
        kind="partner.assign_members",
        label=_("Assign members to a partner"),
        may_propose=MANAGE_PARTNERS,
        may_approve=MANAGE_PARTNERS,
        execute=_execute,
        describe=_described,
    )
)

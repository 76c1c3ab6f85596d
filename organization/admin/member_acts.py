"""What staff may do to a member."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.models import User
from organization.admin.names import member_name, member_number
from organization.models import Member, Rank
from organization.operations.set_active import set_active
from organization.operations.set_center import set_center
from organization.operations.set_rank import set_rank
from organization.queries.members import member_by_uid
from organization.rights import PLACE_MEMBERS, SET_RANKS


class ReasonForm(StaffForm):
    reason = reason_field()


class RankForm(StaffForm):
    rank = forms.ChoiceField(label=gettext_lazy("Rank"), choices=Rank.choices)
    reason = reason_field()


class CenterForm(StaffForm):
    referrer = forms.CharField(
        label=gettext_lazy("Referred by"), required=False, max_length=255,
        help_text=gettext_lazy("The member number of who referred this center; empty if nobody did."),
    )  # fmt: skip
    reason = reason_field()


def shown(member: Member) -> dict[Any, Any]:
    return {
        _("Name"): member_name(member),
        _("Member number"): member_number(member),
        _("Rank"): member.rank,
        _("Center"): cells.words(member.is_center),
        _("Active"): cells.words(member.is_active),
    }


def give_rank(member: Member, _by: User, given: Given) -> object:
    return set_rank(member=member, rank=given["rank"], reason=given["reason"])


def mark_center(member: Member, _by: User, given: Given) -> object:
    referrer = member_by_uid(given["referrer"]) if given["referrer"] else None
    return set_center(member=member, is_center=True, referrer=referrer, reason=given["reason"])


def unmark_center(member: Member, _by: User, given: Given) -> object:
    return set_center(member=member, is_center=False, reason=given["reason"])


def activate(member: Member, _by: User, given: Given) -> object:
    return set_active(member=member, is_active=True, reason=given["reason"])


def deactivate(member: Member, _by: User, given: Given) -> object:
    return set_active(member=member, is_active=False, reason=given["reason"])


SET_RANK = RowAct[Member](
    name="rank",
    label=gettext_lazy("Set the rank"),
    explains=gettext_lazy(
        "Upwards, the rules may still raise it further. Downwards, it is held until a higher one is set by hand."
    ),
    done=gettext_lazy("The rank is set."),
    carry_out=give_rank,
    right=SET_RANKS,
    form=RankForm,
    initial=lambda member: {"rank": member.rank},
    describes=shown,
    for_many=False,
    tone="primary",
)
MARK_CENTER = RowAct[Member](
    name="center",
    label=gettext_lazy("Mark as a center"),
    explains=gettext_lazy("From now on orders may name this member as their center."),
    done=gettext_lazy("Marked as a center."),
    carry_out=mark_center,
    right=SET_RANKS,
    form=CenterForm,
    describes=shown,
    offered=lambda member, _user: not member.is_center,
    for_many=False,
)
UNMARK_CENTER = RowAct[Member](
    name="no-center",
    label=gettext_lazy("No longer a center"),
    explains=gettext_lazy("Orders that named this member as their center keep it."),
    done=gettext_lazy("No longer a center."),
    carry_out=unmark_center,
    right=SET_RANKS,
    form=ReasonForm,
    describes=shown,
    offered=lambda member, _user: member.is_center,
    for_many=False,
)
DEACTIVATE = RowAct[Member](
    name="deactivate",
    label=gettext_lazy("Deactivate"),
    explains=gettext_lazy("The places in both trees are kept; there is no bonus any more."),
    done=gettext_lazy("Deactivated."),
    carry_out=deactivate,
    right=PLACE_MEMBERS,
    form=ReasonForm,
    describes=shown,
    offered=lambda member, _user: member.is_active,
    tone="danger",
)
ACTIVATE = RowAct[Member](
    name="activate",
    label=gettext_lazy("Activate"),
    explains=gettext_lazy("From now on there is bonus again."),
    done=gettext_lazy("Activated."),
    carry_out=activate,
    right=PLACE_MEMBERS,
    form=ReasonForm,
    describes=shown,
    offered=lambda member, _user: not member.is_active,
)
ACTS = (SET_RANK, MARK_CENTER, UNMARK_CENTER, ACTIVATE, DEACTIVATE)

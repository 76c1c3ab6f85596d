"""“Why am I here?”: a place's own record, in plain sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organization.admin.names import member_name
from organization.models import Member, Node, Side, Tree


def why_here(member: Member, node: Node) -> list[str]:
    parent = node.parent.member if node.parent else None
    if parent is None or member.sponsor is None:
        return [_("This is the top of the tree: everybody else stands below.")]
    sponsor = _("The sponsor is %(name)s.") % {"name": member_name(member.sponsor)}
    if node.tree == Tree.UNILEVEL:
        return [sponsor, _("In this tree everybody stands directly under their sponsor.")]
    return [sponsor, wish(node), *outcome(member, parent, node)]


def wish(node: Node) -> str:
    if node.asked_side == Side.LEFT:
        return _("The left side was asked for.")
    if node.asked_side == Side.RIGHT:
        return _("The right side was asked for.")
    return _("No side was asked for.")


def outcome(member: Member, parent: Member, node: Node) -> list[str]:
    if parent.pk == member.sponsor_id:
        return [_("The slot directly under the sponsor was free: %(side)s.") % {"side": node.get_side_display()}]
    spillover = getattr(member, "spillover", None)
    found = _("The first free one was under %(name)s: %(side)s.") % {
        "name": member_name(parent),
        "side": node.get_side_display(),
    }
    return [search(node), found, *([level(spillover.level)] if spillover else [])]


def search(node: Node) -> str:
    start = (
        _("That slot was taken, so the search went on below it, level by level, left before right.")
        if node.asked_side
        else _("Both slots under the sponsor were taken, so the search went on level by level, left before right.")
    )
    looked = ngettext("%(count)s slot was looked at.", "%(count)s slots were looked at.", node.looked_at)
    return f"{start} {looked % {'count': node.looked_at}}"


def level(number: int) -> str:
    return ngettext(
        "It lies %(count)s level below the sponsor.", "It lies %(count)s levels below the sponsor.", number
    ) % {"count": number}

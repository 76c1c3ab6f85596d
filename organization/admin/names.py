"""Members as they are called on the screens."""

from django.urls import reverse
from django.utils.html import format_html

from aeghash.core.admin.kit import cells, viewer
from aeghash.core.audit.masking import masked_text
from organization.models import Member


def member_number(member: Member) -> str:
    """Often it is an e-mail."""
    text = cells.text(member.user.uid)
    return text if viewer.sees_personal_data() else masked_text(text)


def member_name(member: Member | None) -> str:
    if member is None:
        return cells.NOTHING
    return member.user.name or (member_number(member) if member.user.uid else member.referral_code)


def member_url(member: Member | int) -> str:
    return reverse("admin:organization_member_change", args=[member if isinstance(member, int) else member.pk])


def member_link(member: Member | None) -> str:
    if member is None:
        return cells.NOTHING
    return format_html('<a href="{}">{}</a>', member_url(member), member_name(member))

"""What this app's acts are called on the audit trail."""

from django.utils.translation import gettext_lazy as _

from aeghash.core.admin.kit.verbs import name_verbs

name_verbs(
    {
        "member.active_set": _("Member activated or deactivated"),
        "member.center_set": _("Center marked or unmarked"),
        "member.joined": _("Member joined"),
        "member.rank_set": _("Rank set by hand"),
    }
)

"""Risk's screens. Importing them registers them."""

from django.utils.translation import gettext_lazy as _

from aeghash.core.admin.kit.verbs import name_verbs
from risk.admin import cards as _cards  # noqa: F401 - its card registers itself
from risk.admin.devices import DeviceScreen
from risk.admin.events import EventScreen
from risk.admin.lists import ListScreen
from risk.admin.policies import PolicyScreen

name_verbs(
    {
        "risk_list.added": _("Put on a risk list"),
        "risk_list.removed": _("Taken off a risk list"),
        "risk_policy.changed": _("Risk policy changed"),
    }
)

__all__ = ["DeviceScreen", "EventScreen", "ListScreen", "PolicyScreen"]

"""From which devices members ask."""

from collections.abc import Sequence

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.screens import Screen, Section
from risk.admin.area import RISK, member
from risk.admin.events import device_cell
from risk.models import KnownDevice
from risk.rights import VIEW_RISK


@admin.register(KnownDevice)
class DeviceScreen(Screen[KnownDevice]):
    area = RISK
    place = 30
    may_view = VIEW_RISK
    lead = gettext_lazy("A device is remembered when a member first asks for a payout from it.")
    empty_title = gettext_lazy("No devices yet")
    empty_text = gettext_lazy("The first request that names a device brings it here.")
    list_display = ("device", "who", "first_seen", "last_seen", "ip", "times")
    list_select_related = ("user",)
    search_fields = ("user__uid__startswith", "device_id__startswith")
    search_help_text = gettext_lazy("Member number or device")
    ordering = ("-id",)
    sortable_by = ()

    def title_of(self, row: KnownDevice) -> str:
        return _("Device #%(number)s") % {"number": row.pk}

    def sections(self, row: KnownDevice) -> Sequence[Section]:
        others = KnownDevice.objects.filter(device_id=row.device_id).exclude(pk=row.pk).select_related("user")[:20]
        facts = [
            (_("Device"), device_cell(row.device_id)),
            (_("Member"), member(row.user)),
            (_("First seen"), cells.moment(row.first_seen_at)),
            (_("Last seen"), cells.moment(row.last_seen_at)),
            (_("Last IP address"), cells.address(row.last_ip)),
            (_("Requests"), row.times_seen),
        ]
        shared = [(member(other.user), cells.moment(other.last_seen_at)) for other in others]
        return (
            Section(_("Device"), facts),
            Section(_("Other members with this device"), shared, note="" if shared else _("None.")),
        )

    @admin.display(description=gettext_lazy("device"))
    def device(self, row: KnownDevice) -> str:
        return device_cell(row.device_id)

    @admin.display(description=gettext_lazy("member"))
    def who(self, row: KnownDevice) -> str:
        return member(row.user)

    @admin.display(description=gettext_lazy("first seen"))
    def first_seen(self, row: KnownDevice) -> str:
        return cells.moment(row.first_seen_at)

    @admin.display(description=gettext_lazy("last seen"))
    def last_seen(self, row: KnownDevice) -> str:
        return cells.moment(row.last_seen_at)

    @admin.display(description=gettext_lazy("last IP address"))
    def ip(self, row: KnownDevice) -> str:
        return cells.address(row.last_ip)

    @admin.display(description=gettext_lazy("requests"))
    def times(self, row: KnownDevice) -> int:
        return row.times_seen

    times.is_number = True  # type: ignore[attr-defined]

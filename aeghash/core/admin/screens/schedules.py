"""When jobs start by themselves."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import rights
from aeghash.core.admin.forms import StaffForm
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.admin.screens.areas import SYSTEM
from aeghash.core.models import Missed, Schedule, User
from aeghash.core.models.schedules import validate_cron, validate_zone
from aeghash.core.operations.change_schedule import change_schedule


class ScheduleForm(StaffForm):
    cron = forms.CharField(
        label=gettext_lazy("Cron expression"), max_length=100, validators=[validate_cron],
        widget=forms.TextInput({"spellcheck": "false", "autocapitalize": "off"}),
        help_text=gettext_lazy("Minute, hour, day of month, month, day of week: “30 9 * * 1-5”."),
    )  # fmt: skip
    zone = forms.CharField(
        label=gettext_lazy("Time zone"), max_length=64, validators=[validate_zone],
        help_text=gettext_lazy("“Asia/Seoul” or “UTC”, for example."),
    )  # fmt: skip
    missed = forms.ChoiceField(label=gettext_lazy("Missed occurrences"), choices=Missed.choices)
    enabled = forms.BooleanField(label=gettext_lazy("Enabled"), required=False)


def change(schedule: Schedule, by: User, given: Given) -> object:
    return change_schedule(
        schedule_id=schedule.pk, by=by, cron=given["cron"], zone=given["zone"], missed=Missed(given["missed"]),
        enabled=given["enabled"],
    )  # fmt: skip


def current(schedule: Schedule) -> dict[str, Any]:
    return {name: getattr(schedule, name) for name in ("cron", "zone", "missed", "enabled")}


CHANGE = RowAct[Schedule](
    name="change",
    label=gettext_lazy("Change"),
    explains=gettext_lazy("The next run is worked out anew from now on."),
    done=gettext_lazy("Changed."),
    carry_out=change,
    right=rights.MANAGE_SETTINGS,
    form=ScheduleForm,
    initial=current,
    describes=lambda schedule: {_("Next run"): cells.moment(schedule.next_run_at)},
    for_many=False,
    tone="primary",
)


@admin.register(Schedule)
class ScheduleScreen(Screen[Schedule]):
    area = SYSTEM
    place = 20
    may_view = rights.VIEW_JOBS
    empty_title = gettext_lazy("No schedules")
    empty_text = gettext_lazy("Each release brings its own: they appear here after the next migration.")
    tabs = (
        Tab("enabled", gettext_lazy("Enabled"), Q(enabled=True), is_counted=False),
        Tab("disabled", gettext_lazy("Switched off"), Q(enabled=False)),
    )
    row_acts = (CHANGE,)
    list_display = ("name_shown", "cron_shown", "zone", "next_run", "last_run", "state")
    search_fields = ("name__icontains",)
    ordering = ("name",)
    sortable_by = ()

    def badge_of(self, row: Schedule) -> str:
        return self.state(row)

    def sections(self, row: Schedule) -> Sequence[Section]:
        facts = [
            (_("Kind"), format_html("<code>{}</code>", row.kind)),
            (_("Cron expression"), self.cron_shown(row)),
            (_("Time zone"), row.zone),
            (_("Missed occurrences"), row.get_missed_display()),
            (_("Next run"), self.next_run(row)),
            (_("Last run"), self.last_run(row)),
        ]
        return (Section(_("Schedule"), facts),)

    @admin.display(description=gettext_lazy("name"))
    def name_shown(self, row: Schedule) -> str:
        return row.name

    @admin.display(description=gettext_lazy("cron expression"))
    def cron_shown(self, row: Schedule) -> str:
        return format_html("<code>{}</code>", row.cron)

    @admin.display(description=gettext_lazy("next run"))
    def next_run(self, row: Schedule) -> str:
        return cells.until(row.next_run_at) if row.enabled else cells.NOTHING

    @admin.display(description=gettext_lazy("last run"))
    def last_run(self, row: Schedule) -> str:
        return cells.moment(row.last_run_at)

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: Schedule) -> str:
        return cells.badge(_("enabled"), "ok") if row.enabled else cells.badge(_("off"), "warn")

"""What partners sent: every call, what of it was kept, and what waits."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.periods import by_moment
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.models import User
from partners.admin.areas import PARTNERS
from partners.models import Call, EventState, IdempotencyRecord, InboundEvent, RecordState
from partners.operations.keep_event import OPEN
from partners.operations.reprocess_event import drop_event, reprocess_event
from partners.rights import MANAGE_PARTNERS

STATE_TONES = {RecordState.SUCCEEDED: "ok", RecordState.FAILED: "bad", RecordState.FAILED_CONFLICT: "warn"}


class ReasonForm(StaffForm):
    reason = reason_field()


def again(row: InboundEvent, _by: User, _given: Given) -> object:
    return reprocess_event(event_id=row.pk)


def drop(row: InboundEvent, _by: User, given: Given) -> object:
    return drop_event(event_id=row.pk, reason=given["reason"])


REPROCESS = RowAct[InboundEvent](
    name="reprocess",
    label=gettext_lazy("Reprocess"),
    explains=gettext_lazy("The call is worked again under its own key. What was done meanwhile isn't done twice."),
    done=gettext_lazy("Worked."),
    carry_out=again,
    right=MANAGE_PARTNERS,
    offered=lambda row, _user: row.state in OPEN,
    tone="primary",
)
DROP = RowAct[InboundEvent](
    name="drop",
    label=gettext_lazy("Set aside…"),
    explains=gettext_lazy("Nothing of the call is done, for good."),
    done=gettext_lazy("Set aside."),
    carry_out=drop,
    right=MANAGE_PARTNERS,
    form=ReasonForm,
    offered=lambda row, _user: row.state in OPEN,
)


@admin.register(InboundEvent)
class EventScreen(Screen[InboundEvent]):
    area = PARTNERS
    place = 30
    may_view = MANAGE_PARTNERS
    lead = gettext_lazy("Calls that failed on our side, or go beyond a daily limit. Nothing of them is done yet.")
    empty_title = gettext_lazy("Nothing waits")
    empty_text = gettext_lazy("Calls that fail for a passing reason are kept here.")
    tabs = (
        Tab("open", gettext_lazy("Open"), Q(state__in=OPEN)),
        Tab("all", gettext_lazy("All"), is_counted=False),
    )
    filters = ("partner", "state")
    row_acts = (REPROCESS, DROP)
    search_fields = ("=idempotency_key",)
    list_display = ("number", "partner", "call", "state_shown", "reason", "attempts", "made")
    list_select_related = ("partner",)
    ordering = ("-id",)
    sortable_by = ()

    def waiting(self) -> QuerySet[InboundEvent]:
        return InboundEvent.objects.filter(state__in=OPEN)

    def badge_of(self, row: InboundEvent) -> str:
        return self.state_shown(row)

    def sections(self, row: InboundEvent) -> Sequence[Section]:
        facts: list[tuple[Any, Any]] = [
            (_("Partner"), row.partner.slug),
            (_("Call"), row.path),
            (_("Idempotency key"), row.idempotency_key),
            (_("Reason"), cells.text(row.reason)),
            (_("Attempts"), row.attempts),
            (_("Created"), cells.moment(row.created_at)),
            (_("Settled"), cells.moment(row.settled_at)),
            (_("Body"), bytes(row.body).decode("utf-8", "replace")),
            (_("Answer"), cells.text(row.answer)),
        ]
        return (Section(_("Event"), facts),)

    @admin.display(description=gettext_lazy("event"))
    def number(self, row: InboundEvent) -> str:
        return f"#{row.pk}"

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: InboundEvent) -> str:
        tone = {EventState.FAILED: "bad", EventState.REVIEW: "warn", EventState.DONE: "ok"}
        return cells.badge(row.get_state_display(), tone.get(EventState(row.state), ""))

    @admin.display(description=gettext_lazy("created"))
    def made(self, row: InboundEvent) -> str:
        return cells.moment(row.created_at)


@admin.register(Call)
class CallScreen(Screen[Call]):
    area = PARTNERS
    place = 40
    may_view = MANAGE_PARTNERS
    lead = gettext_lazy("Every call of the last 90 days, the refused ones with their reason.")
    empty_title = gettext_lazy("Nobody has called yet")
    tabs = (
        Tab("all", gettext_lazy("All"), is_counted=False),
        Tab("refused", gettext_lazy("Refused"), ~Q(code=""), is_counted=False),
    )
    filters = ("key__partner", "status", by_moment("at"))
    search_fields = ("=key_given", "=request_id", "=code")
    search_help_text = gettext_lazy("Key, request id or reason")
    list_display = ("time", "key_given", "method", "path", "status", "code", "address")
    ordering = ("-id",)
    sortable_by = ()

    def sections(self, row: Call) -> Sequence[Section]:
        facts: list[tuple[Any, Any]] = [
            (_("Time"), cells.moment(row.at)),
            (_("Key"), row.key_given),
            (_("Call"), str(row)),
            (_("Status"), row.status),
            (_("Refused for"), cells.text(row.code)),
            (_("IP address"), cells.text(row.address)),
            (_("Request id"), cells.text(row.request_id)),
        ]
        return (Section(_("Call"), facts),)

    @admin.display(description=gettext_lazy("time"))
    def time(self, row: Call) -> str:
        return cells.moment(row.at)


@admin.register(IdempotencyRecord)
class RecordScreen(Screen[IdempotencyRecord]):
    area = PARTNERS
    place = 50
    may_view = MANAGE_PARTNERS
    lead = gettext_lazy("What was answered under which key, for 24 hours.")
    empty_title = gettext_lazy("There are no records")
    filters = ("partner", "state", "call")
    search_fields = ("=key",)
    list_display = ("key", "partner", "call", "state_shown", "status", "made")
    list_select_related = ("partner",)
    ordering = ("-id",)
    sortable_by = ()

    def badge_of(self, row: IdempotencyRecord) -> str:
        return self.state_shown(row)

    def sections(self, row: IdempotencyRecord) -> Sequence[Section]:
        resource = f"{row.resource_type} #{row.resource_id}" if row.resource_type else ""
        facts: list[tuple[Any, Any]] = [
            (_("Partner"), row.partner.slug),
            (_("Call"), row.path),
            (_("Status"), cells.text(row.status)),
            (_("Resource"), cells.text(resource)),
            (_("Created"), cells.moment(row.created_at)),
            (_("Answer"), cells.text(row.answer)),
        ]
        return (Section(_("Record"), facts),)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: IdempotencyRecord) -> str:
        return cells.badge(row.state, STATE_TONES.get(RecordState(row.state), ""))

    @admin.display(description=gettext_lazy("created"))
    def made(self, row: IdempotencyRecord) -> str:
        return cells.moment(row.created_at)

"""The button that stops all submissions, and the way back, which takes two people."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aeghash.core import rights
from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.screens.areas import SYSTEM
from aeghash.core.models import KillSwitch, User
from aeghash.core.operations.propose import propose
from aeghash.core.operations.set_kill_switch import LIFT_KILL_SWITCH, engage_kill_switch


class ReasonForm(StaffForm):
    reason = reason_field()


def engage(_switch: KillSwitch, _by: User, given: Given) -> object:
    return engage_kill_switch(reason=given["reason"])


def propose_to_lift(_switch: KillSwitch, by: User, given: Given) -> object:
    return propose(act=LIFT_KILL_SWITCH, content={"reason": given["reason"]}, by=by, reason=given["reason"])


def shown(switch: KillSwitch) -> dict[Any, Any]:
    return {_("Status"): state_of(switch), _("Reason"): switch.reason, _("Since"): cells.moment(switch.changed_at)}


def state_of(switch: KillSwitch) -> str:
    return cells.badge(_("stopped"), "bad") if switch.is_on else cells.badge(_("submissions go on"), "ok")


ENGAGE = RowAct[KillSwitch](
    name="engage",
    label=gettext_lazy("Stop all submissions"),
    explains=gettext_lazy(
        "From now on nothing is submitted to the outside, whoever approved it. What was submitted goes on."
    ),
    done=gettext_lazy("All submissions are stopped."),
    carry_out=engage,
    right=rights.ENGAGE_KILL_SWITCH,
    form=ReasonForm,
    describes=shown,
    offered=lambda switch, _user: not switch.is_on,
    for_many=False,
    tone="danger",
)
LIFT = RowAct[KillSwitch](
    name="lift",
    label=gettext_lazy("Propose to let submissions go on"),
    explains=gettext_lazy("Nothing is submitted until another person has agreed."),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=propose_to_lift,
    right=rights.LIFT_KILL_SWITCH,
    form=ReasonForm,
    describes=shown,
    offered=lambda switch, _user: switch.is_on,
    for_many=False,
    tone="primary",
)


@admin.register(KillSwitch)
class KillSwitchScreen(Screen[KillSwitch]):
    area = SYSTEM
    place = 30
    may_view = rights.VIEW_JOBS
    row_acts = (ENGAGE, LIFT)

    @method_decorator(require_safe)
    def list_view(self, request: HttpRequest) -> HttpResponse:
        """There is only the one."""
        return HttpResponseRedirect(self.row_url(KillSwitch.objects.get()))

    def title_of(self, row: KillSwitch) -> str:
        return self.label()

    def badge_of(self, row: KillSwitch) -> str:
        return state_of(row)

    def sections(self, row: KillSwitch) -> Sequence[Section]:
        note = _("While it is on, nothing is submitted to the pool or to the chain. Everything else goes on.")
        return (Section(_("State"), list(shown(row).items()), note=note),)

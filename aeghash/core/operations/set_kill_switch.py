"""Stop all submissions, or let them go on."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock, rights
from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import Invalid
from aeghash.core.models import KillSwitch
from aeghash.core.operations.record import record


def engage_kill_switch(*, reason: str) -> KillSwitch:
    """From the commit on nothing is submitted. One person is enough, and so is a command on the server.

    On already: nothing changes, the first reason stays. Refuses an empty reason.
    """
    return _turn(is_on=True, verb="kill_switch.engaged", reason=reason)


def lift_kill_switch(*, reason: str) -> KillSwitch:
    """From the commit on submissions go on. It takes two people, whom the caller has heard.

    Off already: nothing changes. Refuses an empty reason.
    """
    return _turn(is_on=False, verb="kill_switch.lifted", reason=reason)


def _lift(content: Content) -> None:
    lift_kill_switch(reason=content["reason"])


LIFT_KILL_SWITCH = declare(
    Act(
        kind="kill_switch.lift",
        label=_("Let submissions go on"),
        may_propose=rights.LIFT_KILL_SWITCH,
        may_approve=rights.LIFT_KILL_SWITCH,
        execute=_lift,
        seen=lambda _content: KillSwitch.objects.values("is_on", "reason").get(),
        describe=lambda content: {_("reason"): content["reason"]},
    )
)


@transaction.atomic
def _turn(*, is_on: bool, verb: str, reason: str) -> KillSwitch:
    if not reason.strip():
        raise Invalid(field="reason", reason=_("Say why."))
    switch = KillSwitch.objects.select_for_update().get()
    if switch.is_on != is_on:
        switch.is_on, switch.reason, switch.changed_at = is_on, reason.strip(), clock.now()
        switch.save(update_fields=["is_on", "reason", "changed_at"])
        record(verb, of=switch, before={"is_on": not is_on}, after={"is_on": is_on}, reason=reason)
    return switch

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext_lazy as _

from aeghash.core.actors import acting_as, person
from aeghash.core.commands import OperatorCommand
from aeghash.core.errors import NotAllowed, NotFound, Refusal
from aeghash.core.models import KillSwitch, User
from aeghash.core.operations.set_kill_switch import engage_kill_switch, lift_kill_switch

ENGAGE = "core.engage_kill_switch"
LIFT = "core.lift_kill_switch"


class SameApprover(Refusal):
    code = "same_approver"
    sentence = _("Another person must agree.")


class Command(OperatorCommand):
    help = "Stop all submissions to the outside at once, let them go on (which takes two people), or see how it stands."
    example = 'kill_switch on --reason "payouts look wrong"'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["on", "off", "status"])
        parser.add_argument("--reason", default="", help="why; it goes on the audit trail")
        parser.add_argument("--by", metavar="EMAIL", help="the person who does it (needed for off)")
        parser.add_argument("--second", metavar="EMAIL", help="the person who agrees to off")

    def work(self, **options: Any) -> dict[str, Any]:
        if options["action"] == "on":
            turn_on(options)
        if options["action"] == "off":
            turn_off(options)
        switch = KillSwitch.objects.get()
        return {"on": switch.is_on, "reason": switch.reason, "changed_at": switch.changed_at.isoformat()}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        state = "on: nothing is submitted" if result["on"] else "off"
        reason = f" ({result['reason']})" if result["reason"] else ""
        return [f"The kill switch is {state}, since {result['changed_at']}{reason}."]


def turn_on(options: dict[str, Any]) -> None:
    """At once: without a person's name it is this command that acts, by whoever has a shell here."""
    check_reason(options)
    if not options["by"]:
        engage_kill_switch(reason=options["reason"])
        return
    with acting_as(person(entitled(options["by"], ENGAGE))):
        engage_kill_switch(reason=options["reason"])


def turn_off(options: dict[str, Any]) -> None:
    """The one place where two people are heard; a proposal that executes `lift_kill_switch` goes in here."""
    check_reason(options)
    if not (options["by"] and options["second"]):
        raise CommandError("off takes two people: --by and --second.", returncode=2)
    first, second = entitled(options["by"], LIFT), entitled(options["second"], LIFT)
    if first == second:
        raise SameApprover
    with acting_as(person(first)):
        lift_kill_switch(reason=f"{options['reason']} (agreed to by person {second.pk})")


def check_reason(options: dict[str, Any]) -> None:
    if not options["reason"].strip():
        raise CommandError("--reason is needed: it goes on the audit trail.", returncode=2)


def entitled(email: str, right: str) -> User:
    user = User.objects.filter(email=email.lower(), is_active=True, is_admin=True).first()
    if user is None:
        raise NotFound
    if not user.has_perm(right):
        raise NotAllowed
    return user

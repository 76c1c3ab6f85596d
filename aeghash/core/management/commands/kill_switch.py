from typing import Any

from django.core.management.base import CommandError, CommandParser

from aeghash.core import two_people
from aeghash.core.actors import acting_as, person
from aeghash.core.commands import OperatorCommand
from aeghash.core.errors import NotAllowed, NotFound
from aeghash.core.models import KillSwitch, User
from aeghash.core.operations.set_kill_switch import LIFT_KILL_SWITCH, engage_kill_switch
from aeghash.core.rights import ENGAGE_KILL_SWITCH


class Command(OperatorCommand):
    help = "Stop all submissions to the outside at once, let them go on (which takes two people), or see how it stands."
    example = 'kill_switch on --reason "payouts look wrong"'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["on", "off", "status"])
        parser.add_argument("--reason", default="", help="why; it goes on the audit trail")
        two_people.add_two_people(parser)

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
    with acting_as(person(entitled(options["by"], ENGAGE_KILL_SWITCH))):
        engage_kill_switch(reason=options["reason"])


def turn_off(options: dict[str, Any]) -> None:
    check_reason(options)
    content = {"reason": options["reason"]}
    two_people.present(options).carry_out(LIFT_KILL_SWITCH, content, options["reason"])


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

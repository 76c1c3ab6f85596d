"""The core's part of the demo: staff of every group, who can log in and agree with each other."""

from typing import Final

from django.db import transaction

from aeghash.core import rights
from aeghash.core.actors import acting_as, command
from aeghash.core.models import TotpDevice, User
from aeghash.core.operations.change_roles import change_roles
from aeghash.core.operations.create_user import create_user
from aeghash.core.operations.enrol_second_factor import start_enrolment

PASSWORD: Final = "demo-password-2026"  # noqa: S105 - of accounts that exist in demos alone
DOMAIN: Final = "aeghash.example"
# Two where acts take two people.
STAFF: Final = {
    "sysadmin": ("박지훈", rights.SYSADMIN),
    "sysadmin2": ("이서연", rights.SYSADMIN),
    "finance": ("최민준", rights.FINANCE),
    "finance2": ("정하은", rights.FINANCE),
    "operations": ("김도윤", rights.OPERATIONS),
    "support": ("한지우", rights.SUPPORT),
}


def seed() -> list[str]:
    """Makes what is missing; a second run changes nothing. Returns the lines to show at the start."""
    with acting_as(command("seed_demo")):
        for name, (full_name, group) in STAFF.items():
            make(f"{name}@{DOMAIN}", full_name, group)
    return [
        f"log in at /admin/ as {', '.join(STAFF)} @{DOMAIN}",
        f"the password of each is {PASSWORD}, the six digits come from: .venv/bin/python manage.py demo_code",
    ]


@transaction.atomic
def make(email: str, name: str, group: str) -> None:
    """With an authenticator whose codes `demo_code` shows: whoever tries this has no time to enrol six phones."""
    if User.objects.filter(email=email).exists():
        return
    user = create_user(email=email, password=PASSWORD, name=name)
    change_roles(email=email, groups=[group])
    device = start_enrolment(person=user)
    TotpDevice.objects.filter(pk=device.pk).update(confirmed=True)

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django_otp.oath import TOTP

from aeghash.core import clock
from aeghash.core.commands import OperatorCommand
from aeghash.core.demo import DOMAIN
from aeghash.core.models import TotpDevice
from aeghash.core.models.second_factor import STEP, TOLERANCE


class Command(OperatorCommand):
    help = (
        "Show the codes that log the demo's staff in, or agree to an act: six digits each, good for half a minute, once. "
        "It knows the demo's people only, and doesn't exist in production."
    )
    example = "demo_code finance"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="only this one's: finance, or finance@aeghash.example")

    def work(self, **options: Any) -> dict[str, str]:
        if settings.APP_ENV == "production":
            raise CommandError("production has no demo.")
        devices = TotpDevice.objects.filter(confirmed=True, user__email__endswith=f"@{DOMAIN}").select_related("user")
        if options["name"]:
            devices = devices.filter(user__email=f"{options['name'].partition('@')[0].lower()}@{DOMAIN}")
        codes = {device.user.email: next_code(device) for device in devices.order_by("user__pk")}
        if not codes:
            raise CommandError("there are no such people: seed_demo makes the demo's.")
        return codes

    def sentences(self, result: dict[str, str]) -> list[str]:
        return [f"{code}  {email}" for email, code in result.items()]


def next_code(device: TotpDevice) -> str:
    """The oldest that still counts and wasn't used: right after a log-in, an act's code needn't be waited for."""
    totp = TOTP(bytes.fromhex(device.key.reveal()), step=STEP)
    totp.time = int(clock.now().timestamp())
    totp.drift = min(max(device.last_step + 1 - totp.t(), 0), TOLERANCE)
    return f"{totp.token():06d}"

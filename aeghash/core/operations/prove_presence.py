"""Show by a fresh code that it is really this person, and not somebody at their open screen."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.errors import Refusal
from aeghash.core.models import RecoveryCode, TotpDevice, User


class OtpInvalid(Refusal):
    code = "otp_invalid"
    status = 403
    sentence = _("The code is wrong, was used before, or is too old.")


def prove_presence(*, person: User, code: str) -> None:
    """Takes a code once, and commits that by itself: what is refused afterwards must not give the code back.

    Refuses a wrong, used or too early repeated code, and a person without an authenticator (`otp_invalid`). Where
    `APPROVAL_OTP_REQUIRED` is off (development only) nothing is asked.
    """
    if not settings.APPROVAL_OTP_REQUIRED:
        return
    if not accepts_code(person, code):
        raise OtpInvalid


@transaction.atomic(durable=True)
def accepts_code(person: User, code: str) -> bool:
    """The lock makes two tabs with one code two tries, of which one passes."""
    device = TotpDevice.objects.select_for_update(of=("self",)).filter(user=person, confirmed=True).first()
    return device is not None and device.verify_token(code.strip())


@transaction.atomic(durable=True)
def accepts_recovery_code(person: User, code: str) -> bool:
    """For the log-in alone: an approval wants the authenticator itself."""
    unused = RecoveryCode.objects.filter(user=person, digest=RecoveryCode.digest_of(code), used_at__isnull=True)
    return unused.update(used_at=clock.now()) == 1

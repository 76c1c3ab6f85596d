"""Give a person an authenticator: a key to scan, then a first code that proves it was scanned."""

import secrets
from base64 import b32encode
from typing import Final

from django.db import transaction

from aeghash.core.models import RecoveryCode, TotpDevice, User
from aeghash.core.operations.prove_presence import OtpInvalid
from aeghash.core.operations.record import record

RECOVERY_CODES: Final = 10


@transaction.atomic
def start_enrolment(*, person: User) -> TotpDevice:
    """A new key that doesn't count yet. One that was begun before and never confirmed is forgotten."""
    TotpDevice.objects.filter(user=person, confirmed=False).delete()
    device = TotpDevice(user=person, name="authenticator", confirmed=False, key=secrets.token_hex(20))
    device.save(force_insert=True)
    return device


@transaction.atomic
def confirm_enrolment(*, person: User, code: str) -> list[str]:
    """From now on this authenticator counts, and no other. Returns the recovery codes, which are shown this once.

    Refuses a wrong code (`otp_invalid`); the key stays, to be tried again.
    """
    device = TotpDevice.objects.select_for_update(of=("self",)).filter(user=person, confirmed=False).first()
    if device is None or not device.verify_token(code.strip()):
        raise OtpInvalid
    TotpDevice.objects.filter(user=person, confirmed=True).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    record("second_factor.enrolled", of=person)
    return renew_recovery_codes(person=person)


@transaction.atomic
def renew_recovery_codes(*, person: User) -> list[str]:
    """New ones, which end the old."""
    codes = [new_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=person).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=person, digest=RecoveryCode.digest_of(code)) for code in codes)
    record("second_factor.recovery_codes_renewed", of=person)
    return codes


def new_code() -> str:
    text = b32encode(secrets.token_bytes(10)).decode()[:10]
    return f"{text[:5]}-{text[5:]}"

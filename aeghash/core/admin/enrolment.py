"""Showing a new authenticator's key, and confirming it by its first code."""

from io import BytesIO
from typing import Any

import segno
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from aeghash.core.actors import acting_as, person
from aeghash.core.admin.forms import StaffForm
from aeghash.core.models import TotpDevice, User
from aeghash.core.operations.enrol_second_factor import confirm_enrolment, start_enrolment
from aeghash.core.operations.prove_presence import OtpInvalid


def has_authenticator(user: User) -> bool:
    return bool(TotpDevice.objects.filter(user=user, confirmed=True).exists())


def enrolment_facts(user: User) -> dict[str, Any]:
    """A page that is loaded again shows the same key: it may have been scanned already."""
    device = TotpDevice.objects.filter(user=user, confirmed=False).first() or start_enrolment(person=user)
    text = device.secret_text()
    return {
        "qr": qr(device.url()),
        "key": " ".join(text[i : i + 4] for i in range(0, len(text), 4)),
        "account": user.email,
    }


def confirmed(user: User, form: StaffForm) -> list[str]:
    """The recovery codes; none if the code was wrong, which the form then says."""
    try:
        with acting_as(person(user)):
            return confirm_enrolment(person=user, code=form.cleaned_data["code"])
    except OtpInvalid:
        form.add_error("code", _("This isn't the code of the key above. Wait for the next one and try again."))
        return []


def qr(text: str) -> SafeString:
    """Black on white in either theme: that is what cameras expect."""
    out = BytesIO()
    segno.make(text, error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, border=2, omitsize=True, svgclass=None, lineclass=None
    )
    return mark_safe(out.getvalue().decode())  # noqa: S308 - drawn by us, the text is modules of a picture

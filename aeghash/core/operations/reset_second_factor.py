"""Take a lost authenticator away, so that its owner can enrol another. Takes two people, neither of them the owner."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import rights
from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import NotFound
from aeghash.core.models import RecoveryCode, TotpDevice, User
from aeghash.core.operations.record import record


@transaction.atomic
def reset_second_factor(*, email: str) -> None:
    """Refuses an unknown person (`not_found`)."""
    person = User.objects.filter(email=email.lower()).first()
    if person is None:
        raise NotFound
    TotpDevice.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(user=person).delete()
    record("second_factor.reset", of=person)


def _execute(content: Content) -> None:
    reset_second_factor(email=content["email"])


def _whose(content: Content) -> list[int]:
    return list(User.objects.filter(email=content["email"].lower()).values_list("pk", flat=True))


RESET_SECOND_FACTOR = declare(
    Act(
        kind="second_factor.reset",
        label=_("Reset a second factor"),
        may_propose=rights.MANAGE_ROLES,
        may_approve=rights.MANAGE_ROLES,
        execute=_execute,
        raises=_whose,
        describe=lambda content: {_("person"): content["email"]},
    )
)

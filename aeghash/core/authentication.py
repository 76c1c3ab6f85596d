"""Who may log in, and how many tries they have.

Tries are counted by person and address together: one mistyping colleague must not lock the office, and nobody can lock a
colleague out from elsewhere.
"""

import hashlib
from ipaddress import IPv6Address, ip_network
from typing import Any, Final

from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from aeghash.core.checkpoints import checkpoint
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from aeghash.core.sources import source_address

TAKE_TURN: Final = "SELECT pg_try_advisory_xact_lock(%s)"


class AnotherTryAtHand(Refusal):
    code = "another_try_at_hand"
    status = 429
    sentence = _("Somebody is just being logged in with this e-mail from here. Wait a moment and try again.")


class StaffBackend(ModelBackend):
    """Only active staff: everybody else's password is wrong here, and a session ends with the right to it."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        return super().user_can_authenticate(user) and user is not None and user.is_staff


def checked_person(request: HttpRequest, email: str, password: str) -> User | None:
    """One try at a time: of many at once, all would pass before the first failure is counted.

    Refuses the others unseen and uncounted (`another_try_at_hand`): were they to wait, whoever sends many would hold as many
    of our threads. Nobody learns from it who exists, since it comes before anybody is looked up; and a turn is a person's
    at one address, so nobody takes a colleague's from elsewhere.
    """
    with transaction.atomic():
        _take_turn(f"{counted_name(request, {'username': email})} {counted_address(request)}")
        checkpoint("log-in: has its turn")
        user = authenticate(request, username=email, password=password)
    return user if isinstance(user, User) else None


def counted_name(_request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The same person however they write themselves."""
    return str((credentials or {}).get("username") or "").strip().lower()


def counted_address(request: HttpRequest) -> str | None:
    """A household's whole network of IPv6: its addresses are too many to count tries by."""
    address = source_address(request)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False).network_address)
    return str(address) if address else None


def _take_turn(name: str) -> None:
    """Until the commit, which is when a failure counts."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURN, [key])
        row = cursor.fetchone()
    if not row[0]:
        raise AnotherTryAtHand

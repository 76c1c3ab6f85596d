"""Who may log in, and how many tries they have.

Tries are counted by person and address together: one mistyping colleague must not lock the office, and nobody can lock a
colleague out from elsewhere.
"""

import hashlib
from ipaddress import IPv6Address, ip_network
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.http import HttpRequest

from aeghash.core.models import User
from aeghash.core.sources import source_address


class StaffBackend(ModelBackend):
    """Only active staff: everybody else's password is wrong here, and a session ends with the right to it."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        return super().user_can_authenticate(user) and user is not None and user.is_staff


def checked_person(request: HttpRequest, email: str, password: str) -> User | None:
    """One try after the other: of many at once, all would pass before the first failure is counted."""
    with transaction.atomic():
        _wait_for_turn(f"{counted_name(request, {'username': email})} {counted_address(request)}")
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


def _wait_for_turn(name: str) -> None:
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])

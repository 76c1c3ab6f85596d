"""The policy stands still while somebody decides by it, and nobody decides while it changes."""

from typing import Final

from django.db import connection

KEY: Final = 0x7269736B  # "risk"


def hold_policy_still() -> None:
    """Until the commit. Deciders don't hinder each other; a change waits for those that have begun."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [KEY])


def stop_deciding() -> None:
    """Until the commit, after which every decision is made by the new version."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEY])

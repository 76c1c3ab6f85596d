"""Who has a right at this moment, in one question: an instance in memory knows only what was true when it was loaded."""

from collections.abc import Collection
from typing import Final

from django.db import connection

# What `has_perm` finds by loading the person and two lists of all their rights.
HOLDERS: Final = """
    WITH wanted AS (
        SELECT permission.id FROM auth_permission AS permission
        JOIN django_content_type AS kind ON kind.id = permission.content_type_id
        WHERE kind.app_label = %(app)s AND permission.codename = %(name)s
    )
    SELECT users.id FROM users
    WHERE users.id = ANY(%(people)s) AND users.is_active AND (
        users.is_superuser
        OR EXISTS (
            SELECT FROM users_groups AS membership
            JOIN auth_group_permissions AS given ON given.group_id = membership.group_id
            WHERE membership.user_id = users.id AND given.permission_id IN (SELECT id FROM wanted)
        )
        OR EXISTS (
            SELECT FROM users_user_permissions AS given
            WHERE given.user_id = users.id AND given.permission_id IN (SELECT id FROM wanted)
        )
    )
"""


def holders(right: str, people: Collection[int]) -> set[int]:
    """Those of these people who have the right (as `has_perm` writes it)."""
    app, _dot, name = right.partition(".")
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS, {"app": app, "name": name, "people": list(people)})
        return {pk for (pk,) in cursor.fetchall()}

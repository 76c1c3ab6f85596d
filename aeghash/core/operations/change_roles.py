"""Give a person exactly these groups. Takes two people: see the act at the end."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import rights
from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import Invalid, NotFound
from aeghash.core.models import User
from aeghash.core.operations.record import record


@transaction.atomic
def change_roles(*, email: str, groups: Iterable[str], is_active: bool = True) -> User:
    """Whoever is in a group may log in to the staff's pages. The same groups again change nothing.

    Refuses an unknown person (`not_found`) or group (`validation_error`). The last two active sysadmins can't be taken
    away: nobody could agree to anything any more.
    """
    user = User.objects.select_for_update().filter(email=email.lower()).first()
    if user is None:
        raise NotFound
    wanted, before = _existing(groups), roles_of(user)
    user.groups.set(wanted)
    user.update(is_admin=bool(wanted), is_active=is_active)
    after = roles_of(user)
    if after != before:
        _check_somebody_is_left(before)
        record("roles.changed", of=user, before=before, after=after)
    return user


def roles_of(user: User) -> dict[str, Any]:
    return {"groups": sorted(user.groups.values_list("name", flat=True)), "is_active": user.is_active}


def active_sysadmins() -> int:
    return User.objects.filter(groups__name=rights.SYSADMIN, is_active=True, is_admin=True).count()


def _existing(names: Iterable[str]) -> list[Group]:
    wanted = set(names)
    found = list(Group.objects.filter(name__in=wanted))
    if unknown := wanted - {group.name for group in found}:
        raise Invalid(field="groups", reason=_("There is no group %(names)s.") % {"names": ", ".join(sorted(unknown))})
    return found


def _check_somebody_is_left(before: dict[str, Any]) -> None:
    if rights.SYSADMIN in before["groups"] and before["is_active"] and active_sysadmins() < 2:
        raise Invalid(field="groups", reason=_("Two active sysadmins must remain."))


def _execute(content: Content) -> dict[str, Any]:
    user = change_roles(email=content["email"], groups=content["groups"], is_active=content["is_active"])
    return roles_of(user)


def _seen(content: Content) -> dict[str, Any]:
    user = User.objects.filter(email=content["email"].lower()).first()
    return roles_of(user) if user else {}


def _whose(content: Content) -> list[int]:
    return list(User.objects.filter(email=content["email"].lower()).values_list("pk", flat=True))


CHANGE_ROLES = declare(
    Act(
        kind="roles.change",
        label=_("Change roles"),
        may_propose=rights.MANAGE_ROLES,
        may_approve=rights.MANAGE_ROLES,
        execute=_execute,
        seen=_seen,
        raises=_whose,
        describe=lambda content: {
            _("person"): content["email"],
            _("groups"): ", ".join(str(rights.GROUP_LABELS.get(name, name)) for name in content["groups"]) or "–",
            _("active"): content["is_active"],
        },
    )
)

"""One question about rights against what Django finds by loading everybody's."""

import pytest
from django.contrib.auth.models import Group, Permission

from aeghash.core.models import User
from aeghash.core.queries.entitled import holders
from aeghash.core.rights import TABLE, permission
from tests.people import make_staff

pytestmark = pytest.mark.django_db


def test_it_is_what_has_perm_says_of_everybody() -> None:
    people = [make_staff(f"of-{group.name}", group.name, with_device=False) for group in Group.objects.all()]
    people += [User.objects.create_superuser("root@staff.example"), make_staff("nobody", with_device=False)]
    alone, gone, gone_root = (make_staff(name, "finance", with_device=False) for name in ("alone", "gone", "gone-root"))
    alone.groups.clear()
    alone.user_permissions.set(Permission.objects.filter(codename="confirm_forwarding"))
    User.objects.filter(pk=gone.pk).update(is_active=False)
    User.objects.filter(pk=gone_root.pk).update(is_active=False, is_superuser=True)
    everybody = {person.pk for person in (*people, alone, gone, gone_root)}
    for right in map(permission, TABLE):
        wanted = {person.pk for person in User.objects.filter(pk__in=everybody) if person.has_perm(right)}
        assert holders(right, everybody) == wanted, right
    assert alone.pk in holders(permission("confirm_forwarding"), everybody)
    assert gone_root.pk not in holders(permission("confirm_forwarding"), everybody)


def test_nobody_has_a_right_that_there_is_not_nor_one_of_another_app() -> None:
    finance = make_staff("lee", "finance", with_device=False)
    assert holders("core.no_such_right", [finance.pk]) == set()
    assert holders("withdrawals.approve_withdrawals", [finance.pk]) == set()
    assert holders(permission("approve_withdrawals"), []) == set()

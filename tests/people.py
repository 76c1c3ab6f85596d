"""The people of the tests: anybody, and staff in their groups with an authenticator."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from factory.declarations import Sequence
from factory.django import DjangoModelFactory

from aeghash.core.models import TotpDevice, User

KEY = "3132333435363738393031323334353637383930"
PASSWORD = "correct horse battery staple"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    email = Sequence(lambda number: f"person{number}@example.com")  # type: ignore[no-untyped-call]
    password: str | None = None

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        return model_class.objects.create_user(*args, **fields)


class StaffFactory(UserFactory):
    is_admin = True
    password = PASSWORD
    groups: Iterable[str] = ()
    with_device = True

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        groups, with_device = fields.pop("groups"), fields.pop("with_device")
        user = super()._create(model_class, *args, **fields)
        user.groups.set(Group.objects.filter(name__in=groups))
        if with_device:
            TotpDevice.objects.create(user=user, name="authenticator", key=KEY, confirmed=True)
        return user


def make_staff(name: str, *groups: str, full_name: str = "", **fields: Any) -> User:
    return StaffFactory.create(email=f"{name}@example.com", groups=groups, **{"name": full_name, **fields})

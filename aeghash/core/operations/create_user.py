"""Make a person who has no rights yet."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Duplicate
from aeghash.core.models import User
from aeghash.core.operations.record import record


class UserExists(Duplicate):
    code = "user_exists"
    sentence = _("Somebody with this e-mail exists already.")


@transaction.atomic
def create_user(*, email: str, password: str | None, name: str = "") -> User:
    """Refuses an e-mail that is taken (`user_exists`), in whatever case. Without a password nobody can log in yet."""
    if User.objects.filter(email=email.lower()).exists():
        raise UserExists
    user = User.objects.create_user(email, password, name=name)
    record("user.created", of=user, after={"email": user.email, "name": name})
    return user

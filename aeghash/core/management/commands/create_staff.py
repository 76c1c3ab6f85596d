import secrets
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from aeghash.core import two_people
from aeghash.core.commands import OperatorCommand
from aeghash.core.models import User
from aeghash.core.operations.change_roles import CHANGE_ROLES, active_sysadmins, change_roles, roles_of
from aeghash.core.operations.create_user import create_user
from aeghash.core.rights import GROUPS


class Command(OperatorCommand):
    help = (
        "Make a staff member with these groups, or give them to one who exists. Two sysadmins prove it with a code each; in "
        "development, and in production while there are fewer than two sysadmins, they may be left out."
    )
    example = "create_staff kim@example.com --group finance --by lee@example.com --second park@example.com"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--group", action="append", required=True, choices=GROUPS, help="may be given several times"
        )
        parser.add_argument("--name", default="", help="as it is shown to colleagues")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
        two_people.add_two_people(parser)

    def work(self, **options: Any) -> dict[str, Any]:
        email = checked_email(options["email"])
        alone = options["by"] is None and options["second"] is None
        if alone and not may_be_left_alone():
            raise CommandError("--by and --second are needed: there are two sysadmins who can agree.", returncode=2)
        password = read_password(email) if options["password_stdin"] else None
        pair = None if alone else two_people.present(options)
        with transaction.atomic():
            user, shown = make_if_missing(email, options["name"], password)
            groups = sorted({*roles_of(user)["groups"], *options["group"]})
            if pair is None:
                change_roles(email=email, groups=groups)
            else:
                content = {"email": email, "groups": groups, "is_active": True}
                pair.carry_out(CHANGE_ROLES, content, "create_staff")
        return {"email": email, **roles_of(user), "password": shown}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        lines = [f"{result['email']}: {', '.join(result['groups'])}"]
        return lines + ([f"password, shown this once: {result['password']}"] if result["password"] else [])


def may_be_left_alone() -> bool:
    return settings.APP_ENV != "production" or active_sysadmins() < 2


def make_if_missing(email: str, name: str, password: str | None) -> tuple[User, str | None]:
    """Somebody new without a password gets a random one, which is shown."""
    user = User.objects.filter(email=email).first()
    if user is not None:
        if password is not None:
            raise CommandError(f"{email} exists already: a password is only taken for somebody new.")
        return user, None
    shown = None if password else secrets.token_urlsafe(15)
    return create_user(email=email, password=password or shown, name=name), shown


def checked_email(email: str) -> str:
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(f"{email} is no e-mail address.", returncode=2) from None
    return email.lower()


def read_password(email: str) -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    try:
        validate_password(password, User(email=email))
    except ValidationError as error:
        raise CommandError("password: " + " ".join(error.messages), returncode=2) from None
    return password

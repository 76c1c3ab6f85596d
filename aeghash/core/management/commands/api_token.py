from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser

from aeghash.core.commands import OperatorCommand
from aeghash.core.errors import Refusal
from aeghash.core.models import ApiToken, User
from aeghash.core.models.tokens import LASTS
from aeghash.core.operations.issue_api_token import issue_api_token
from aeghash.core.operations.revoke_api_token import revoke_api_token


class Command(OperatorCommand):
    help = "Print a new bearer token of a staff member's, and nothing else. It is shown this once."
    example = "api_token kim@example.com --days 30"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--days", type=int, default=LASTS.days, help=f"how long it lasts ({LASTS.days})")
        parser.add_argument("--list", action="store_true", help="show the person's tokens instead, without their text")
        parser.add_argument("--revoke", metavar="ID", help="end this token of the person's instead")

    def work(self, **options: Any) -> dict[str, Any]:
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            raise CommandError(f"there is no {options['email']}.")
        if options["list"]:
            return {"tokens": [described(token) for token in user.api_tokens.order_by("-created_at")]}
        if options["revoke"]:
            return {"tokens": [described(revoke(user, options["revoke"]))]}
        return {"token": issue(user, options["days"])}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        if "token" in result:
            return [result["token"]]
        return ["  ".join(str(value) for value in token.values()) for token in result["tokens"]]


def issue(user: User, days: int) -> str:
    if not 1 <= days <= 366:
        raise CommandError("--days takes 1 to 366.", returncode=2)
    try:
        return issue_api_token(user=user, lasts=timedelta(days=days))
    except Refusal:
        raise CommandError(f"{user.email} is not active staff.") from None


def revoke(user: User, public_id: str) -> ApiToken:
    if not user.api_tokens.filter(public_id=public_id).exists():
        raise CommandError(f"{user.email} has no token {public_id}.")
    return revoke_api_token(public_id=public_id)


def described(token: ApiToken) -> dict[str, Any]:
    state = "live" if token.is_live else "revoked" if token.revoked_at else "expired"
    return {"id": token.public_id, "state": state, "expires_at": token.expires_at, "last_used_at": token.last_used_at}

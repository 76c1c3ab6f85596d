"""Two people at one terminal: how a command carries out an act that takes both."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from aeghash.core.acts import Act, Content
from aeghash.core.errors import NotFound
from aeghash.core.models import Proposal, User
from aeghash.core.operations.approve_proposal import agree
from aeghash.core.operations.propose import propose
from aeghash.core.operations.prove_presence import prove_presence


def add_two_people(parser: CommandParser) -> None:
    parser.add_argument("--by", metavar="EMAIL", help="who asks for it")
    parser.add_argument("--second", metavar="EMAIL", help="who agrees to it")
    parser.add_argument("--by-otp", default="", metavar="CODE", help="a fresh code of the first person's")
    parser.add_argument("--second-otp", default="", metavar="CODE", help="a fresh code of the second person's")


@dataclass(frozen=True)
class Pair:
    first: User
    second: User

    def carry_out(self, act: Act, content: Content, reason: str) -> Proposal:
        """Asked and agreed to in one transaction, so that a refusal leaves nothing waiting."""
        with transaction.atomic():
            proposal = propose(act=act, content=content, by=self.first, reason=reason)
            return agree(proposal_id=proposal.pk, digest=proposal.digest, by=self.second)


def present(options: dict[str, Any]) -> Pair:
    """Both have shown that they are there. Outside of any transaction: a code that was shown is used up."""
    pair = Pair(staff(options["by"], "--by"), staff(options["second"], "--second"))
    check_presence(pair.first, options["by_otp"])
    check_presence(pair.second, options["second_otp"])
    return pair


def check_presence(person: User, code: str) -> None:
    """Without codes it works outside production only."""
    if code or settings.APP_ENV == "production":
        prove_presence(person=person, code=code)


def staff(email: str | None, option: str) -> User:
    if not email:
        raise CommandError(f"{option} is needed: this takes two people.", returncode=2)
    user = User.objects.filter(email=email.lower(), is_active=True, is_admin=True).first()
    if user is None:
        raise NotFound
    return user

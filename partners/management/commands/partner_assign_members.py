from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from aeghash.core import two_people
from aeghash.core.commands import OperatorCommand
from aeghash.core.progress import Progress
from organization.member_files import Fault, read
from partners.operations.assign_members import ASSIGN_MEMBERS, MOST, NobodyNew, members_for


class Command(OperatorCommand):
    help = (
        "Make the members of a CSV file a partner's, by two people: the very file that import_members has brought in. From "
        "then on the partner sees their balances and bonuses, and asks for withdrawals for them. Everybody is looked at "
        "first; whoever is the partner's already is passed over, so an interrupted run goes on."
    )
    example = "partner_assign_members aegmall members.csv --by EMAIL --second EMAIL"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the partner")
        parser.add_argument("file", type=Path)
        parser.add_argument("--reason", default="", help="why; it goes on the audit trail")
        two_people.add_two_people(parser)

    def work(self, **options: Any) -> dict[str, Any]:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"there is no file {path}", returncode=2)
        lots = lots_of(options["slug"], uids_in(path))
        reason = options["reason"] or f"members of {path.name} for {options['slug']}"
        pair = two_people.present(options)
        for lot in lots:
            pair.carry_out(ASSIGN_MEMBERS, lot, reason)
        return {"partner": options["slug"], "assigned": sum(len(lot["members"]) for lot in lots)}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        return [f"{result['assigned']} members are {result['partner']}'s now."]


def lots_of(slug: str, uids: Sequence[str]) -> list[dict[str, Any]]:
    lots = []
    for begin in range(0, len(uids), MOST):
        with suppress(NobodyNew):
            lots.append(members_for(slug=slug, uids=uids[begin : begin + MOST]))
    if not lots:
        raise NobodyNew
    return lots


def uids_in(path: Path) -> list[str]:
    """But for the company's own line, if it is there."""
    lines = list(read(path, Progress(path.stat().st_size).show))
    if fault := next((line for line in lines if isinstance(line, Fault)), None):
        raise CommandError(f"line {fault.line}: {fault.field} {fault.reason}")
    return [line.uid for line in lines if not isinstance(line, Fault) and line.sponsor_uid is not None]

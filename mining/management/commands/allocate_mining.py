from typing import Any

from django.core.management.base import CommandParser

from aeghash.core.commands import OperatorCommand
from aeghash.core.money import format_amount
from mining.management.commands.sync_mining import day
from mining.operations.allocate_income import CoinResult, allocate_income
from mining.operations.report_balances import report_balances


class Command(OperatorCommand):
    help = "Give out a day's mining income to the members: once per day, coin and member, however often it runs."
    example = "allocate_mining 2026-11-20 --dry-run"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("day", type=day, metavar="DATE", help="a day that is over (UTC)")
        parser.add_argument("--dry-run", action="store_true", help="say what it would give, and change nothing")

    def work(self, **options: Any) -> dict[str, Any]:
        results = allocate_income(day=options["day"], dry_run=options["dry_run"])
        if not options["dry_run"]:
            report_balances(day=options["day"])
        return {
            "day": str(options["day"]),
            "dry_run": options["dry_run"],
            "coins": [told(result) for result in results],
        }

    def sentences(self, result: dict[str, Any]) -> list[str]:
        return [
            f"{coin['coin']:6} {coin['members']:>24} to {coin['members_count']} members, {coin['company']} to the company"
            + (" (scaled down)" if coin["is_scaled"] else "")
            + ("" if coin["is_new"] else " (given out before)")
            for coin in result["coins"]
        ]


def told(result: CoinResult) -> dict[str, Any]:
    return {
        "coin": result.coin,
        "total": format_amount(result.total, 0),
        "members": format_amount(result.members, 0),
        "members_count": result.members_count,
        "company": format_amount(result.company, 0),
        "is_scaled": result.is_scaled,
        "is_new": result.is_new,
    }

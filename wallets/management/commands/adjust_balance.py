from typing import Any

from django.core.management.base import CommandError, CommandParser

from aeghash.core import two_people
from aeghash.core.commands import OperatorCommand
from wallets.operations.adjust_balance import ADJUST_BALANCE, adjustment


class Command(OperatorCommand):
    help = "Correct a member's balance up or down by an amount. It takes a reason and two people."
    example = 'adjust_balance M-1001 USDT -12.5 --reason "credited twice" --by EMAIL --second EMAIL'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("uid", help="the member's number")
        parser.add_argument("asset", help="such as USDT")
        parser.add_argument("amount", help="what is added; with a minus, what is taken")
        parser.add_argument("--reason", default="", help="why; it goes on the audit trail")
        two_people.add_two_people(parser)

    def work(self, **options: Any) -> dict[str, Any]:
        if not options["reason"].strip():
            raise CommandError("--reason is needed: it goes on the audit trail.", returncode=2)
        content = adjustment(**{name: options[name] for name in ("uid", "asset", "amount", "reason")})
        done = two_people.present(options).carry_out(ADJUST_BALANCE, content, options["reason"])
        return {**content, "transfer": done.result["transfer"] if done.result else None}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        return [f"{result['amount']} {result['asset']} to {result['uid']}: transfer {result['transfer']}."]

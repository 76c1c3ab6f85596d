from argparse import ArgumentTypeError
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from aeghash.core.commands import OperatorCommand
from aeghash.core.progress import Progress
from wallets.operations.rotate_wallet_keys import DUE_AFTER, due_wallets, rotate_wallet_keys


def days(text: str) -> timedelta:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise ArgumentTypeError("a whole number of days")
    return timedelta(days=int(text))


class Command(OperatorCommand):
    help = (
        "Refresh the wallet keys that are 90 days old, one after the other. A wallet with a transfer under way is left for "
        "the next run. It stops at the first lost answer, which costs a wallet: that one is frozen and alerted."
    )
    example = "rotate_wallet_keys --older-than 90 --json"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than", type=days, default=DUE_AFTER, metavar="DAYS", help="which keys are due (90)"
        )

    def work(self, **options: Any) -> dict[str, Any]:
        older_than: timedelta = options["older_than"]
        bar = Progress(len(due_wallets(older_than)))
        return asdict(rotate_wallet_keys(older_than=older_than, tell=bar.show))

    def sentences(self, result: dict[str, Any]) -> list[str]:
        return [
            f"refreshed: {len(result['refreshed'])}",
            *(f"left for the next run, a transfer is under way: {address}" for address in result["busy"]),
            *(f"refused: {address}: {why}" for address, why in result["refused"].items()),
            *(f"frozen: {address}: MBlock's answer was lost" for address in result["frozen"]),
        ]

    def is_good(self, result: dict[str, Any]) -> bool:
        return not result["frozen"] and not result["refused"]

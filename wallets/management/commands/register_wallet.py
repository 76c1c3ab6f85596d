import sys
from getpass import getpass
from typing import Any

from django.core.management.base import CommandParser

from aeghash.core.commands import OperatorCommand
from aeghash.core.crypto import Secret
from wallets.operations.register_wallet import register_wallet


class Command(OperatorCommand):
    help = (
        "Bring in a company's wallet that MBlock issued elsewhere, or the new key of one that is frozen. The key is asked "
        "for, or read from standard input; it never stands on the command line."
    )
    example = "register_wallet 0x… --label payout-1 < key.txt"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="its address on BNB chain")
        parser.add_argument("--label", default="", help="what staff call it")

    def work(self, **options: Any) -> dict[str, str]:
        key = getpass("wallet key: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
        wallet = register_wallet(address=options["address"], wallet_key=Secret(key), label=options["label"])
        return {"address": wallet.address, "state": wallet.state}

    def sentences(self, result: dict[str, str]) -> list[str]:
        return [f"{result['address']} is {result['state']}"]

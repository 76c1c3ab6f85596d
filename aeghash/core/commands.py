"""What the operators' commands share: --json, an example in --help, exit status 0 (done), 1 (refused), 2 (misuse)."""

import json
import sys
from argparse import RawDescriptionHelpFormatter
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandParser


class OperatorCommand(BaseCommand):
    """A command whose `work` returns what it did, as JSON-able data; `sentences` tells it to people."""

    example: ClassVar[str] = ""
    requires_system_checks: ClassVar[list[str]] = []  # type: ignore[misc]

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs.setdefault("formatter_class", RawDescriptionHelpFormatter)
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.epilog = f"Example: manage.py {self.example or subcommand}"
        parser.add_argument("--json", action="store_true", help="one JSON document for machines")
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        result = self.work(**options)
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))
        else:
            for sentence in self.sentences(result):
                self.stdout.write(sentence)
        if not self.is_good(result):
            sys.exit(1)

    def work(self, **options: Any) -> Any:
        raise NotImplementedError

    def sentences(self, result: Any) -> list[str]:
        return [str(result)]

    def is_good(self, result: Any) -> bool:
        return True

"""What the operators' commands share: --json, an example in --help, exit status 0 (done), 1 (refused), 2 (misuse)."""

import json
import sys
from argparse import RawDescriptionHelpFormatter
from typing import Any, ClassVar, NoReturn

from django.core.management.base import BaseCommand, CommandParser

from aeghash.core.actors import acting_as, command
from aeghash.core.errors import Refusal


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
        try:
            with acting_as(command(type(self).__module__.rpartition(".")[2])):
                result = self.work(**options)
        except Refusal as refusal:
            self._refuse(refusal, as_json=options["json"])
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

    def _refuse(self, refusal: Refusal, *, as_json: bool) -> NoReturn:
        if as_json:
            self.stdout.write(json.dumps({"code": refusal.code, "detail": str(refusal)}, ensure_ascii=False))
        else:
            self.stderr.write(str(refusal))
        sys.exit(1)

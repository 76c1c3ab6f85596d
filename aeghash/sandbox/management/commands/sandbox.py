import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from aeghash.sandbox.commandline import DESCRIPTION, EXAMPLES, add_arguments, run


class Command(BaseCommand):
    help = DESCRIPTION
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs |= {"epilog": EXAMPLES, "formatter_class": argparse.RawDescriptionHelpFormatter}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        status = run(options)
        if status:
            sys.exit(status)

from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from aeghash.core.commands import OperatorCommand


class Command(OperatorCommand):
    help = "Undo the newest applied migration of our own apps, or go back to the one named."
    example = "db_downgrade core 0003"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("app", nargs="?", help="the app's label; left out: the app migrated last")
        parser.add_argument("migration", nargs="?", help="the migration to go back to, or `zero`")

    def work(self, **options: Any) -> str:
        app, target = options["app"], options["migration"]
        if app is None or target is None:
            app, target = newest(app)
        call_command("migrate", app, target, database="owner", verbosity=options["verbosity"])
        return f"{app} is at {target}"


def newest(app: str | None) -> tuple[str, str]:
    """The app whose migration was applied last, and the migration before that one."""
    ours = [config.label for config in apps.get_app_configs() if not config.name.startswith("django.")]
    applied = MigrationRecorder(connections["owner"]).migration_qs.filter(app__in=[app] if app else ours)
    last = applied.order_by("-id").first()
    if last is None:
        raise CommandError("no migration is applied.")
    before = applied.filter(app=last.app, id__lt=last.pk).order_by("-id").first()
    return last.app, before.name if before else "zero"

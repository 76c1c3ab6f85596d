from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError

from aeghash.core.commands import OperatorCommand


class Command(OperatorCommand):
    help = "Fill the database with demo data: every app's `demo.seed()`, from the ground up. Safe to run again."
    example = "seed_demo"

    def work(self, **_options: Any) -> list[str]:
        if settings.APP_ENV == "production":
            raise CommandError("demo data has no place in production.")
        modules = [f"{app.name}.demo" for app in apps.get_app_configs() if find_spec(f"{app.name}.demo")]
        return [line for name in modules for line in import_module(name).seed()]

    def sentences(self, result: list[str]) -> list[str]:
        return result

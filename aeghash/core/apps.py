from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    default = True
    name = "aeghash.core"
    label = "core"
    verbose_name = _("Operations")

    def ready(self) -> None:
        from aeghash.core.database_rights import grant_rights
        from aeghash.core.money import make_arithmetic_exact
        from aeghash.core.schedules import write_declared_schedules

        make_arithmetic_exact()
        post_migrate.connect(grant_rights, dispatch_uid="grant_rights")
        post_migrate.connect(write_declared_schedules, sender=self, dispatch_uid="write_declared_schedules")
        # Here and not by Celery alone: whoever enqueues must know the kinds too.
        autodiscover_modules("tasks")
        autodiscover_modules("two_person_acts")
        if settings.DATABASE_ECHO:
            connection_created.connect(log_statements, dispatch_uid="log_statements")


class StaffAdminConfig(admin.AdminConfig):
    """Django's admin with our site in its place, so that `admin.register` means it."""

    default = False
    default_site = "aeghash.core.admin.site.the_site"


def log_statements(connection: BaseDatabaseWrapper, **_: Any) -> None:
    connection.force_debug_cursor = True

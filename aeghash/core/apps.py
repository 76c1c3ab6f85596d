from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "aeghash.core"
    label = "core"
    verbose_name = _("Operations")

    def ready(self) -> None:
        from aeghash.core.database_rights import grant_rights

        post_migrate.connect(grant_rights, dispatch_uid="grant_rights")

from django.db import models

from aeghash.core.rights import TABLE


class Right(models.Model):
    """Has no rows: it is where Django hangs the permissions of `core.rights`."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = tuple((name, label) for name, (label, _groups) in TABLE.items())

    def __str__(self) -> str:
        return "right"

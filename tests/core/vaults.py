"""A table with secrets, for tests alone."""

import uuid
from typing import ClassVar

from django.apps.registry import Apps
from django.db import connection, models

from aeghash.core import ids
from aeghash.core.crypto import EncryptedTextField

REGISTRY = Apps(["aeghash.core"])


class Vault(models.Model):
    id = models.UUIDField(primary_key=True, default=ids.new_uuid, editable=False)
    name = models.CharField(max_length=100, blank=True)
    wallet_key = EncryptedTextField("wallet key")
    recovery = EncryptedTextField(null=True, blank=True)

    objects: ClassVar[models.Manager["Vault"]] = models.Manager()

    class Meta:
        apps = REGISTRY
        app_label = "core"
        db_table = "test_vaults"

    def __str__(self) -> str:
        return self.name


class OtherVault(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wallet_key = EncryptedTextField()

    objects: ClassVar[models.Manager["OtherVault"]] = models.Manager()

    class Meta:
        apps = REGISTRY
        app_label = "core"
        db_table = "test_other_vaults"

    def __str__(self) -> str:
        return str(self.pk)


def stored(vault: models.Model, column: str = "wallet_key") -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "{vault._meta.db_table}" WHERE id = %s', [vault.pk])
        return bytes(cursor.fetchone()[0])


def store(vault: models.Model, value: bytes, column: str = "wallet_key") -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{vault._meta.db_table}" SET "{column}" = %s WHERE id = %s', [value, vault.pk])

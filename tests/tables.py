"""Tables of models that exist in tests alone: made by the owner, with the rights the product's tables would have."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections
from django.db.models import Model

from aeghash.core.database_rights import rights_on, statements


@contextmanager
def made(*models: type[Model]) -> Iterator[None]:
    """From a fixture of a module's scope: within a test only its own databases may be touched."""
    owner = connections["owner"]
    with owner.schema_editor() as editor:
        for model in models:
            editor.create_model(model)
    with owner.cursor() as cursor:
        for model in models:
            for statement in statements(model._meta.db_table, rights_on(model), settings.DATABASES["default"]["USER"]):
                cursor.execute(statement)
    try:
        yield
    finally:
        with owner.schema_editor() as editor:
            for model in reversed(models):
                editor.delete_model(model)

"""For migrations: give the groups their rights."""

from typing import Any

from aeghash.core.rights import GROUPS, TABLE


def make_groups(apps: Any, schema_editor: Any) -> None:
    """The permissions' own rows come only after all migrations, from Django; made here, they are found there."""
    using = schema_editor.connection.alias
    content_type, _ = manager(apps, "contenttypes", "ContentType", using).get_or_create(app_label="core", model="right")
    groups = {name: manager(apps, "auth", "Group", using).get_or_create(name=name)[0] for name in GROUPS}
    for codename, (label, members) in TABLE.items():
        permission, _ = manager(apps, "auth", "Permission", using).get_or_create(
            codename=codename, content_type=content_type, defaults={"name": label}
        )
        for member in members:
            groups[member].permissions.add(permission)


def remove_groups(apps: Any, schema_editor: Any) -> None:
    manager(apps, "auth", "Group", schema_editor.connection.alias).filter(name__in=GROUPS).delete()


def manager(apps: Any, app: str, model: str, using: str) -> Any:
    return apps.get_model(app, model).objects.using(using)

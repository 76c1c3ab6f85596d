"""What happened to an object, out of the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.text import capfirst

from aeghash.core.actors import ActorKind
from aeghash.core.admin.kit.verbs import verb_label
from aeghash.core.models import AuditRow, User

MOST_SHOWN: Final = 50


@dataclass(frozen=True)
class Change:
    """What the trail recorded of one field; `is_named` where the field has a name for people, and not just for code."""

    name: str
    before: Any
    after: Any
    is_named: bool = False
    is_worded: bool = False


@dataclass(frozen=True)
class Event:
    at: datetime
    label: str
    who: str
    reason: str = ""
    changes: tuple[Change, ...] = ()
    tone: str = ""
    url: str = ""


def time_line(row: Model) -> list[Event]:
    return time_line_of(row._meta.label_lower, str(row.pk))


def time_line_of(object_type: str, object_id: str) -> list[Event]:
    """Newest first. An index answers this whatever the length of the trail."""
    found = AuditRow.objects.filter(object_type=object_type, object_id=object_id).order_by("-id")
    return [event(row) for row in with_names(found[:MOST_SHOWN])]


def event(row: AuditRow) -> Event:
    return Event(row.at, verb_label(row.verb), who(row), row.reason, changes(row))


def with_names(rows: Iterable[AuditRow]) -> list[AuditRow]:
    """The trail keeps of people no more than their number and a masked address: their names come from the users, all in
    one question."""
    found = list(rows)
    keys = {int(row.actor_id) for row in found if row.actor_kind == ActorKind.PERSON and row.actor_id.isdecimal()}
    names = {str(pk): name for pk, name in User.objects.filter(pk__in=keys).values_list("pk", "name")}
    for row in found:
        row.actor_name = names.get(row.actor_id, "") if row.actor_kind == ActorKind.PERSON else ""  # type: ignore[attr-defined]
    return found


def who(row: AuditRow) -> str:
    return getattr(row, "actor_name", "") or row.actor_label or row.actor_id


def changes(row: AuditRow) -> tuple[Change, ...]:
    names = [*row.before, *(name for name in row.after if name not in row.before)]
    fields = fields_of(row.object_type)
    return tuple(change(name, fields.get(name), row.before.get(name), row.after.get(name)) for name in names)


def change(name: str, field: Any, before: Any, after: Any) -> Change:
    words = dict(field.flatchoices) if field is not None else {}
    return Change(
        name=capfirst(str(field._verbose_name)) if field is not None and field._verbose_name else name,
        before=words.get(before, before) if words else before,
        after=words.get(after, after) if words else after,
        is_named=field is not None and bool(field._verbose_name),
        is_worded=bool(words),
    )


def fields_of(object_type: str) -> dict[str, Any]:
    try:
        model = apps.get_model(object_type)
    except (LookupError, ValueError):
        return {}
    return {field.name: field for field in model._meta.concrete_fields}


def kind_label(object_type: str) -> str | Promise:
    """What people call this kind of object; one that no code knows any more keeps its technical name."""
    try:
        return capfirst(apps.get_model(object_type)._meta.verbose_name or "")
    except (LookupError, ValueError):
        return object_type

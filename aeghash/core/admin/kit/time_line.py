"""What happened to an object, out of the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.text import capfirst

from aeghash.core.admin.kit.verbs import verb_label
from aeghash.core.models import AuditRow

MOST_SHOWN: Final = 50


@dataclass(frozen=True)
class Change:
    name: str
    before: Any
    after: Any


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
    """Newest first. An index answers this whatever the length of the trail."""
    found = AuditRow.objects.filter(object_type=row._meta.label_lower, object_id=str(row.pk)).order_by("-id")
    return [event(audit_row) for audit_row in found[:MOST_SHOWN]]


def event(row: AuditRow) -> Event:
    return Event(row.at, verb_label(row.verb), who(row), row.reason, changes(row.before, row.after))


def who(row: AuditRow) -> str:
    return row.actor_label or row.actor_id


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    names = [*before, *(name for name in after if name not in before)]
    return tuple(Change(name, before.get(name), after.get(name)) for name in names)


def kind_label(object_type: str) -> str | Promise:
    """What people call this kind of object; one that no code knows any more keeps its technical name."""
    try:
        return capfirst(apps.get_model(object_type)._meta.verbose_name or "")
    except (LookupError, ValueError):
        return object_type

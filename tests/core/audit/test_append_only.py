"""Rows of the trail are written once, whoever tries."""

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from aeghash.core.actors import acting_as, job
from aeghash.core.models import AuditHead, AuditRow, AuditSeal
from aeghash.core.operations.publish_audit_head import publish_audit_head
from aeghash.core.operations.record import record
from tests.core.audit.trail import sealed_trail
from tests.database import Owner

TABLES = ["audit_rows", "audit_seals", "audit_heads"]
CHANGES = [
    "UPDATE {} SET hash = ''",
    "DELETE FROM {}",
    "DELETE FROM {} WHERE false",
    "TRUNCATE {}",
    "TRUNCATE {} CASCADE",
]


def everything() -> list[object]:
    return [list(model.objects.order_by("pk").values_list()) for model in (AuditRow, AuditSeal, AuditHead)]


def statement(change: str, table: str) -> str:
    return change.format(table).replace("hash = ''", "verb = 'x.y'" if table == "audit_rows" else "hash = ''")


@pytest.mark.django_db(transaction=True)
def test_neither_the_application_nor_the_owner_can_change_a_row(owner: Owner) -> None:
    sealed_trail(2)
    publish_audit_head()
    before = everything()
    for table in TABLES:
        for change in CHANGES:
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement(change, table))
            with pytest.raises(psycopg.errors.RestrictViolation, match="written once"):
                owner.execute(statement(change, table))
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_the_triggers_libraries_own_switch_does_not_silence_them(owner: Owner) -> None:
    sealed_trail(1)
    triggers = owner.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_rows'::regclass").fetchall()
    owner.execute(f"SET pgtrigger.ignore = '{{{','.join(name for (name,) in triggers)}}}'")
    with pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute("DELETE FROM audit_rows")
    assert AuditRow.objects.count() == 1


@pytest.mark.django_db
def test_no_writer_can_state_another_transaction_or_text() -> None:
    row = AuditRow.objects.create(
        actor_kind="job", actor_id="test", verb="thing.done", transaction_id=3, canonical="forged"
    )
    row.refresh_from_db()
    assert row.transaction_id != 3
    assert row.canonical != "forged"


@pytest.mark.django_db
def test_the_text_is_the_same_in_every_time_zone() -> None:
    row = AuditRow.objects.create(actor_kind="job", actor_id="test", verb="thing.done")
    row.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'Asia/Seoul'")
        cursor.execute("SELECT canonical_text(audit_rows) FROM audit_rows")
        assert cursor.fetchone() == (row.canonical,)


@pytest.mark.django_db(transaction=True)
def test_a_column_added_later_changes_no_old_text(owner: Owner) -> None:
    with acting_as(job("test")), transaction.atomic():
        record("thing.done", before={"note": None}, after={"note": "new"})
    assert '"note": null' in AuditRow.objects.get().canonical
    owner.execute("ALTER TABLE audit_rows ADD COLUMN added_later text")
    try:
        assert owner.execute("SELECT canonical = canonical_text(audit_rows) FROM audit_rows").fetchone() == (True,)
    finally:
        owner.execute("ALTER TABLE audit_rows DROP COLUMN added_later")

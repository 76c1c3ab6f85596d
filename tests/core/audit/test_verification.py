"""Whatever is done to the trail behind our back is named: by `verify_audit`, and as invariant A1."""

import resource
from datetime import timedelta

import pytest

from aeghash.core import clock
from aeghash.core.models import AuditHead, AuditRow, AuditSeal
from aeghash.core.operations.publish_audit_head import publish_audit_head
from tests.core.audit.trail import (
    run,
    seal_everything,
    sealed_trail,
    tampering,
    wait_until_nobody_is_before,
    write_rows,
)
from tests.database import Owner

pytestmark = pytest.mark.django_db(transaction=True)

ROW_4 = "(SELECT audit_id FROM audit_seals WHERE number = 4)"


def named() -> list[str]:
    """What both say, which must be the same."""
    status, answer = run("verify_audit")
    assert status == (1 if answer["violations"] else 0)
    catalogue_status, (finding,) = run("check_invariants", "--only", "A1")
    assert catalogue_status == status
    keys = ("number", "audit_id", "flaw")
    both = [
        sorted((tuple(row[key] for key in keys) for row in rows), key=str)
        for rows in (answer["violations"], finding["violations"])
    ]
    assert both[0] == both[1]
    return sorted(violation["sentence"] for violation in answer["violations"])


def test_an_untouched_trail_holds() -> None:
    sealed_trail(7)
    publish_audit_head()
    assert named() == []


def test_an_empty_trail_holds() -> None:
    publish_audit_head()
    assert named() == []


@pytest.mark.parametrize(
    ("corruption", "sentences"),
    [
        pytest.param(
            f"UPDATE audit_rows SET canonical = overlay(canonical placing 'X' from 20) WHERE id = {ROW_4}",
            ["number 4: its hash does not follow from its text and the hash before it"],
            id="a flipped byte in the text",
        ),
        pytest.param(
            f"UPDATE audit_rows SET after = '{{\"number\": 99}}' WHERE id = {ROW_4}",
            ["number 4: its columns are not what its text says"],
            id="a changed column",
        ),
        pytest.param(
            f"UPDATE audit_rows SET at = at + interval '1 microsecond' WHERE id = {ROW_4}",
            ["number 4: its columns are not what its text says"],
            id="a moved time",
        ),
        pytest.param(
            f"UPDATE audit_rows SET after = '{{}}' WHERE id = {ROW_4};"
            f"UPDATE audit_rows AS row SET canonical = canonical_text(row) WHERE id = {ROW_4}",
            ["number 4: its hash does not follow from its text and the hash before it"],
            id="a column changed with its text",
        ),
        pytest.param(
            "UPDATE audit_seals SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1) WHERE number = 4",
            [
                "number 4: its hash does not follow from its text and the hash before it",
                "number 5: its hash does not follow from its text and the hash before it",
            ],
            id="a flipped bit in a hash",
        ),
        pytest.param(
            f"DELETE FROM audit_rows WHERE id = {ROW_4}",
            ["number 4: its audit row was removed"],
            id="a removed row",
        ),
        pytest.param(
            f"DELETE FROM audit_rows WHERE id = {ROW_4}; DELETE FROM audit_seals WHERE number = 4",
            ["number 5: the numbers before it are missing"],
            id="a row removed with its seal",
        ),
        pytest.param(
            "DELETE FROM audit_seals WHERE number <= 2",
            ["number 3: the numbers before it are missing"],
            id="a missing beginning",
        ),
        pytest.param(
            "DELETE FROM audit_rows WHERE id >= (SELECT audit_id FROM audit_seals WHERE number = 6);"
            "DELETE FROM audit_seals WHERE number >= 6",
            ["number 7: the chain was cut: this head was told to the alert channel"],
            id="a cut tail",
        ),
        pytest.param(
            "DELETE FROM audit_rows; DELETE FROM audit_seals",
            ["number 7: the chain was cut: this head was told to the alert channel"],
            id="everything removed",
        ),
    ],
)
def test_it_is_named(owner: Owner, corruption: str, sentences: list[str]) -> None:
    sealed_trail(7)
    publish_audit_head()
    with tampering(owner):
        owner.execute(corruption.encode())
    assert [sentence for sentence in named() if "unsealed" not in sentence] == sentences


def test_a_tail_cut_and_grown_again_contradicts_the_head_that_was_told(owner: Owner) -> None:
    sealed_trail(4)
    publish_audit_head()
    with tampering(owner):
        owner.execute(f"DELETE FROM audit_rows WHERE id = {ROW_4}")
        owner.execute("DELETE FROM audit_seals WHERE number = 4")
    sealed_trail(2)
    assert named() == ["number 4: the chain was written anew: another hash was told to the alert channel"]


def test_a_head_read_in_the_alert_channel_is_held_against_the_chain(owner: Owner) -> None:
    sealed_trail(3)
    sentence = publish_audit_head()
    digest = bytes(AuditSeal.objects.get(number=3).hash).hex()
    assert digest in sentence
    assert run("verify_audit", "--head", f"3:{digest}")[0] == 0
    assert run("verify_audit", "--head", f"3:{'0' * 64}")[0] == 1
    with tampering(owner):  # whoever cuts the chain may also remove what we remember of having told
        owner.execute("DELETE FROM audit_heads; DELETE FROM audit_seals WHERE number = 3; DELETE FROM audit_rows")
    status, answer = run("verify_audit", "--head", f"3:{digest}")
    assert status == 1
    assert "number 3: is missing: the chain was cut" in [row["sentence"] for row in answer["violations"]]


def test_a_head_is_kept_as_it_was_told() -> None:
    assert publish_audit_head().startswith("Audit trail: 0 rows are sealed, the last with " + "00" * 32)
    sealed_trail(2)
    publish_audit_head()
    last = AuditSeal.objects.get(number=2)
    assert [(head.number, bytes(head.hash)) for head in AuditHead.objects.order_by("id")] == [
        (0, bytes(32)),
        (2, bytes(last.hash)),
    ]


# age of the row and of the sealer's last look in seconds, whether that look got past the row, whether it is a violation
UNSEALED = [
    pytest.param(120, 90, False, True, id="nobody has sealed for over a minute"),
    pytest.param(120, 10, True, True, id="the sealer has passed it over"),
    pytest.param(120, 10, False, False, id="an older transaction ran until just now"),
    pytest.param(30, 90, False, False, id="it is young"),
]


@pytest.mark.parametrize(("age", "last_look", "passed", "violated"), UNSEALED)
def test_an_unsealed_old_row(owner: Owner, age: int, last_look: int, passed: bool, violated: bool) -> None:
    sealed_trail(2)
    now = clock.now()
    with clock.steered(lambda: now - timedelta(seconds=age)):
        write_rows(1)
    row = AuditRow.objects.latest("id")
    wait_until_nobody_is_before(row.transaction_id)
    horizon = row.transaction_id + 1 if passed else row.transaction_id
    owner.execute("UPDATE audit_horizon SET transaction_id = %s::text::xid8", [horizon])
    owner.execute("UPDATE audit_horizon SET looked_at = %s", [now - timedelta(seconds=last_look)])
    sentence = f"audit row {row.pk}: it is unsealed for over 60 seconds"
    with clock.steered(lambda: now):
        assert named() == ([sentence] if violated else [])


def test_a_forgotten_horizon_hides_nothing(owner: Owner) -> None:
    now = clock.now()
    with clock.steered(lambda: now - timedelta(seconds=120)):
        write_rows(1)
    wait_until_nobody_is_before(AuditRow.objects.get().transaction_id)
    owner.execute("DELETE FROM audit_horizon")
    assert len(named()) == 1


def test_since_the_watermark_only_later_seals_are_looked_at(owner: Owner) -> None:
    sealed_trail(2)
    wait_until_nobody_is_before(AuditSeal.objects.get(number=2).transaction_id)
    assert run("check_invariants", "--only", "A1", "--since-watermark")[0] == 0
    first_mark = owner.execute("SELECT transaction_id::text::bigint FROM invariant_checks").fetchone()
    sealed_trail(2)
    with tampering(owner):
        owner.execute("UPDATE audit_rows SET reason = 'other' WHERE id = (SELECT min(audit_id) FROM audit_seals)")
        owner.execute("UPDATE audit_rows SET reason = 'other' WHERE id = (SELECT max(audit_id) FROM audit_seals)")
    status, (finding,) = run("check_invariants", "--only", "A1", "--since-watermark")
    assert (status, [row["number"] for row in finding["violations"]]) == (1, [4])
    assert owner.execute("SELECT transaction_id::text::bigint FROM invariant_checks").fetchone() == first_mark
    assert [row["number"] for row in run("check_invariants", "--only", "A1")[1][0]["violations"]] == [1, 4]


@pytest.mark.parametrize("head", ["", "3", "x:" + "0" * 64, "3:abc", "３:" + "0" * 64])
def test_a_head_that_is_none_is_misuse(head: str) -> None:
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError) as refusal:
        call_command("verify_audit", "--head", head)
    assert refusal.value.returncode == 2


@pytest.mark.prove
def test_a_million_rows_are_sealed_and_verified_in_bounded_memory(owner: Owner) -> None:
    write_rows(1)
    columns = "at, actor_kind, actor_id, actor_label, verb, object_type, object_id, before, after, reason, request_id"
    owner.execute(
        f"INSERT INTO audit_rows ({columns}) SELECT {columns} FROM audit_rows, generate_series(1, 999999)".encode()
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seal_everything()
    assert run("verify_audit") == (0, {"sealed": 1_000_000, "violations": []})
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024

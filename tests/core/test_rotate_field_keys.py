"""Rotation: everything ends under the newest key, whatever happens in between."""

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.models import QuerySet

from aeghash.core.crypto import Undecipherable, encrypted_fields
from aeghash.core.crypto.sealing import newest_header
from aeghash.core.management.commands import rotate_field_keys as command
from aeghash.core.operations import rotate_field_keys as operation
from aeghash.core.operations.rotate_field_keys import Rotation, rotate_field_keys
from tests.core.vaults import REGISTRY, OtherVault, Vault, store, stored
from tests.database import Owner
from tests.tables import made
from tests.waiting import Running, until_blocked

OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)

CHILD = """
import django
django.setup()
from aeghash.core.crypto import encrypted_fields
from aeghash.core.operations.rotate_field_keys import rotate_field_keys
from tests.core.vaults import REGISTRY
rotate_field_keys(columns=encrypted_fields(REGISTRY), tell=lambda rotation: print(rotation.done, flush=True))
"""


@pytest.fixture(scope="module", autouse=True)
def _tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), made(Vault, OtherVault):
        yield


@pytest.fixture(autouse=True)
def _old_key(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    monkeypatch.setattr(command, "encrypted_fields", lambda: encrypted_fields(REGISTRY))


def make_vaults(count: int) -> None:
    Vault.objects.bulk_create(
        [Vault(name=str(n), wallet_key=f"key {n}", recovery=f"codes {n}") for n in range(count)], batch_size=5000
    )


def count_of_old() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE substring(wallet_key, 1, 9) <> %(new)s)"
            " + count(*) FILTER (WHERE substring(recovery, 1, 9) <> %(new)s) FROM test_vaults",
            {"new": newest_header()},
        )
        return int(cursor.fetchone()[0])


def rotate() -> list[Rotation]:
    return rotate_field_keys(columns=encrypted_fields(REGISTRY), tell=lambda _rotation: None)


def run_command() -> dict[str, dict[str, Any]]:
    output = StringIO()
    call_command("rotate_field_keys", "--json", stdout=output, stderr=StringIO())
    return {each["column"]: each for each in json.loads(output.getvalue())}


def all_are_readable_without_the_old_key(settings: Any) -> bool:
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    vaults = Vault.objects.iterator()
    return all(
        [each.wallet_key.reveal(), each.recovery and each.recovery.reveal()]
        == [f"key {each.name}", f"codes {each.name}"]
        for each in vaults
    )


@pytest.mark.django_db
def test_everything_is_encrypted_anew_and_the_old_key_can_go(settings: Any) -> None:
    make_vaults(7)
    Vault.objects.create(name="no codes", wallet_key="key")
    OtherVault.objects.create(wallet_key="other")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    done = {column: each["done"] for column, each in run_command().items()}
    assert done == {"test_vaults.wallet_key": 8, "test_vaults.recovery": 7, "test_other_vaults.wallet_key": 1}
    Vault.objects.filter(name="no codes").delete()
    assert all_are_readable_without_the_old_key(settings)


@pytest.mark.django_db
def test_a_second_run_finds_nothing_to_do(settings: Any) -> None:
    make_vaults(3)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    rotate()
    before = [stored(vault) for vault in Vault.objects.all()]
    assert [each.done for each in rotate()] == [0, 0, 0]
    assert [stored(vault) for vault in Vault.objects.all()] == before


@pytest.mark.django_db
def test_it_goes_on_where_it_stopped(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "BATCH", 2)
    make_vaults(5)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    def stop(rotation: Rotation) -> None:
        if rotation.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_field_keys(columns=encrypted_fields(REGISTRY), tell=stop)
    assert count_of_old() == 6
    assert [each.done for each in rotate()] == [1, 5, 0]
    assert all_are_readable_without_the_old_key(settings)


@pytest.mark.django_db
def test_what_can_not_be_deciphered_is_named_left_alone_and_stops_nobody_else(
    settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(operation, "BATCH", 1)
    make_vaults(3)
    broken = Vault.objects.order_by("pk")[0]
    store(broken, b"garbage that nobody made")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    with pytest.raises(SystemExit) as end:
        call_command("rotate_field_keys")
    assert end.value.code == 1
    assert f"can't be deciphered: test_vaults.wallet_key of row {broken.pk}" in capsys.readouterr().out
    assert stored(broken) == b"garbage that nobody made"
    assert count_of_old() == 1
    with pytest.raises(Undecipherable):
        Vault.objects.get(pk=broken.pk).wallet_key  # noqa: B018


def save_while_it_rotates(settings: Any, owner: Owner, *, writers_keys: list[bytes]) -> str:
    """Somebody holds the row, with a new secret not yet committed, when the rotation comes to it."""
    Vault.objects.create(wallet_key="before")
    with transaction.atomic():
        vault = Vault.objects.select_for_update().get()
        vault.wallet_key = "changed meanwhile"
        settings.FIELD_ENCRYPTION_KEYS = writers_keys
        vault.save(update_fields=["wallet_key"])
        settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
        rotation = Running(rotate)
        until_blocked(owner)
    rotation.result()
    assert count_of_old() == 0
    return Vault.objects.get().wallet_key.reveal()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("writers_keys", [[OLD], [NEW, OLD]], ids=["not yet restarted", "restarted"])
def test_a_secret_saved_meanwhile_is_not_overwritten(settings: Any, owner: Owner, writers_keys: list[bytes]) -> None:
    assert save_while_it_rotates(settings, owner, writers_keys=writers_keys) == "changed meanwhile"


@pytest.mark.django_db(transaction=True)
def test_and_would_be_if_the_rotation_took_no_lock(
    settings: Any, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the one above."""
    locked = QuerySet.select_for_update
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **given: rows if given else locked(rows))
    assert save_while_it_rotates(settings, owner, writers_keys=[NEW, OLD]) == "before"


def kill_after(lines: int) -> None:
    """Rotates in a process of its own, and kills it when it has told so many batches."""
    config = connections["default"].settings_dict
    address = f"{config['USER']}:{config['PASSWORD']}@{config['HOST']}:{config['PORT']}/{config['NAME']}"
    keys = ",".join(base64.urlsafe_b64encode(key).decode() for key in (NEW, OLD))
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{address}",
        "FIELD_ENCRYPTION_KEYS": keys,
        "DJANGO_SETTINGS_MODULE": "aeghash.settings",
    }
    with subprocess.Popen([sys.executable, "-c", CHILD], env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for _ in range(lines):
            assert child.stdout.readline().strip(), "it ended before it was killed"
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL


def rotate_through_kills(settings: Any, *, vaults: int, kills: list[int]) -> None:
    make_vaults(vaults)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    left = [2 * vaults]
    for lines in kills:
        kill_after(lines)
        left.append(count_of_old())
        assert 0 < left[-1] <= left[-2] - operation.BATCH * lines
    done = run_command()
    assert done["test_vaults.wallet_key"]["done"] + done["test_vaults.recovery"]["done"] == left[-1]
    assert count_of_old() == 0
    assert all_are_readable_without_the_old_key(settings)


@pytest.mark.django_db(transaction=True)
def test_killed_it_loses_nothing_and_goes_on_with_what_is_left(settings: Any) -> None:
    rotate_through_kills(settings, vaults=4_000, kills=[1])


@pytest.mark.prove
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_fields_are_rotated_through_three_kills(settings: Any) -> None:
    rotate_through_kills(settings, vaults=50_000, kills=[20, 60, 90])

"""Secrets at rest: what was made elsewhere, with another key, or was touched, is an error; never garbage, never plain."""

import copy
import json
import logging
import pickle
import secrets
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps.registry import Apps
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import models, transaction
from django.forms import modelform_factory
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from aeghash.core.crypto import EncryptedTextField, NoKey, Place, Secret, Undecipherable, encrypted_fields
from aeghash.core.crypto.sealing import seal, unseal
from tests.core.vaults import REGISTRY, OtherVault, Vault, store, stored
from tests.database import Owner
from tests.tables import made

CANARY = "canary-5f1d-wallet-key"
PLACE = Place("wallets", "wallet_key", "7")


@pytest.fixture(scope="module", autouse=True)
def _tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), made(Vault, OtherVault):
        yield


@pytest.fixture
def keys(settings: Any) -> list[bytes]:
    settings.FIELD_ENCRYPTION_KEYS = [secrets.token_bytes(32)]
    return settings.FIELD_ENCRYPTION_KEYS  # type: ignore[no-any-return]


def wallet_key(vault: Vault) -> str:
    return Vault.objects.get(pk=vault.pk).wallet_key.reveal()


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["k", "", "비밀 🔑", "x" * 100_000, "\0"])
def test_a_secret_comes_back_as_it_was(text: str) -> None:
    vault = Vault.objects.create(wallet_key=text)
    assert wallet_key(vault) == text
    assert Vault.objects.get().recovery is None


@pytest.mark.django_db
def test_many_at_once_are_encrypted_each_for_its_row() -> None:
    Vault.objects.bulk_create([Vault(wallet_key=f"key {n}", name=str(n)) for n in range(3)])
    assert {vault.name: vault.wallet_key.reveal() for vault in Vault.objects.all()} == {
        str(n): f"key {n}" for n in range(3)
    }


@pytest.mark.django_db
def test_nothing_plain_is_stored_and_no_two_cipher_texts_are_alike() -> None:
    first, second = (Vault.objects.create(wallet_key=CANARY) for _ in range(2))
    assert CANARY.encode() not in stored(first)
    assert stored(first)[9:] != stored(second)[9:]


@pytest.mark.django_db
def test_a_change_is_saved_and_read_again() -> None:
    vault = Vault.objects.create(wallet_key="old", recovery="codes")
    vault.wallet_key = "new"
    vault.recovery = None
    assert vault.wallet_key.reveal() == "new"
    vault.save(update_fields=["wallet_key", "recovery"])
    vault.refresh_from_db()
    assert vault.wallet_key == Secret("new")
    assert vault.recovery is None
    assert Vault.objects.filter(recovery__isnull=True).count() == 1


@pytest.mark.django_db
def test_a_deferred_secret_is_fetched_when_asked_for() -> None:
    Vault.objects.create(wallet_key=CANARY)
    assert Vault.objects.defer("wallet_key").get().wallet_key.reveal() == CANARY


@pytest.mark.django_db
def test_a_wrong_key_is_an_error(keys: list[bytes]) -> None:
    vault = Vault.objects.create(wallet_key=CANARY)
    keys[:] = [secrets.token_bytes(32)]
    with pytest.raises(Undecipherable, match="no key"):
        wallet_key(vault)


@pytest.mark.django_db
def test_an_old_key_deciphers_until_it_is_taken_out(keys: list[bytes]) -> None:
    vault = Vault.objects.create(wallet_key=CANARY)
    keys.insert(0, secrets.token_bytes(32))
    assert wallet_key(vault) == CANARY
    del keys[1]
    with pytest.raises(Undecipherable, match="no key"):
        wallet_key(vault)


@pytest.mark.django_db
def test_saving_encrypts_with_the_newest_key(keys: list[bytes]) -> None:
    vault = Vault.objects.create(wallet_key=CANARY)
    keys.insert(0, secrets.token_bytes(32))
    Vault.objects.get().save()
    del keys[1]
    assert wallet_key(vault) == CANARY


@pytest.mark.django_db
def test_cipher_text_of_another_row_is_an_error() -> None:
    mine, others = Vault.objects.create(wallet_key="mine"), Vault.objects.create(wallet_key="others")
    store(mine, stored(others))
    with pytest.raises(Undecipherable, match="moved"):
        wallet_key(mine)


@pytest.mark.django_db
def test_cipher_text_of_another_column_is_an_error() -> None:
    vault = Vault.objects.create(wallet_key="key", recovery="codes")
    store(vault, stored(vault, "recovery"))
    with pytest.raises(Undecipherable, match="moved"):
        wallet_key(vault)


@pytest.mark.django_db
def test_cipher_text_of_another_table_is_an_error() -> None:
    vault = Vault.objects.create(wallet_key="key")
    other = OtherVault.objects.create(pk=vault.pk, wallet_key="other")
    store(vault, stored(other))
    with pytest.raises(Undecipherable, match="moved"):
        wallet_key(vault)


@pytest.mark.django_db
def test_moving_works_only_where_it_is_put_back() -> None:
    """The negative control of the three above: it is the place that decides, and nothing else."""
    vault = Vault.objects.create(wallet_key="key")
    original = stored(vault)
    store(vault, b"")
    store(vault, original)
    assert wallet_key(vault) == "key"


@given(st.data())
def test_any_flipped_bit_is_an_error(data: st.DataObject) -> None:
    sealed = seal(CANARY, PLACE)
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    flipped = bytearray(sealed)
    flipped[bit // 8] ^= 1 << bit % 8
    assert unseal(sealed, PLACE) == CANARY
    with pytest.raises(Undecipherable):
        unseal(bytes(flipped), PLACE)


@given(st.binary(max_size=80))
def test_anything_else_in_the_column_is_an_error(found: bytes) -> None:
    for value in (found, seal("", PLACE)[:9] + found, seal(CANARY, PLACE)[: len(found)]):
        with pytest.raises(Undecipherable):
            unseal(value, PLACE)


@pytest.mark.django_db
def test_plain_text_in_the_column_is_an_error() -> None:
    vault = Vault.objects.create(wallet_key="key")
    store(vault, CANARY.encode())
    with pytest.raises(Undecipherable) as error:
        wallet_key(vault)
    assert CANARY not in str(error.value)
    assert str(vault.pk) in str(error.value)


def test_places_that_read_alike_are_not_alike() -> None:
    sealed = seal(CANARY, Place("ab", "c", "1"))
    with pytest.raises(Undecipherable):
        unseal(sealed, Place("a", "bc", "1"))


@pytest.mark.django_db
def test_a_copy_under_another_key_is_bound_to_its_own_row() -> None:
    original = Vault.objects.create(wallet_key=CANARY)
    unread = Vault.objects.get()
    unread.pk, unread._state.adding = uuid.uuid4(), True
    # It can no longer be told where the cipher text came from.
    with pytest.raises(Undecipherable), transaction.atomic():
        unread.save()
    seen = Vault.objects.get()
    assert seen.wallet_key.reveal() == CANARY
    seen.pk, seen._state.adding = uuid.uuid4(), True
    seen.save()
    assert [wallet_key(original), wallet_key(seen)] == [CANARY, CANARY]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "write",
    [
        lambda vault: Vault.objects.update(wallet_key="x"),
        lambda vault: Vault.objects.update(wallet_key=Secret("x")),
        lambda vault: Vault.objects.bulk_update([vault], ["wallet_key"]),
        lambda vault: setattr(vault, "wallet_key", 7),
        lambda vault: setattr(vault, "wallet_key", b"x"),
    ],
)
def test_what_can_not_be_bound_to_its_row_is_refused(write: Any) -> None:
    vault = Vault.objects.create(wallet_key=CANARY)
    with pytest.raises(TypeError), transaction.atomic():
        write(vault)
    assert wallet_key(vault) == CANARY


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["wallet_key", "wallet_key__contains", "wallet_key__gt", "wallet_key__in"])
def test_nobody_searches_by_a_secret(lookup: str) -> None:
    with pytest.raises(FieldError):
        Vault.objects.filter(**{lookup: "x"}).count()


@pytest.mark.django_db
def test_no_key_means_no_secret_is_stored(keys: list[bytes]) -> None:
    keys.clear()
    with pytest.raises(NoKey):
        Vault.objects.create(wallet_key=CANARY)


@pytest.mark.django_db
def test_a_secret_shows_itself_to_nobody(caplog: pytest.LogCaptureFixture) -> None:
    vault = Vault.objects.create(wallet_key=CANARY)
    for each in (vault, Vault.objects.get()):
        logging.getLogger("test").warning("%s %r %s", each, each.wallet_key, vars(each))
        shown = [
            repr(each.wallet_key),
            f"{each.wallet_key} {each.wallet_key:>20}",
            str([each.wallet_key]),
            str(vars(each)),
            Template("{{ vault.wallet_key }}").render(Context({"vault": each})),
            serializers.serialize("json", [each]),
            str(modelform_factory(Vault, fields=["name"])(instance=each)),
            json.dumps(vars(each), default=str),
            caplog.text,
        ]
        assert not any(CANARY in text for text in shown)
        assert each.wallet_key.reveal() == CANARY


def test_a_secret_is_not_sent_elsewhere_and_equals_only_itself() -> None:
    secret = Secret(CANARY)
    for send in (pickle.dumps, json.dumps):
        with pytest.raises(TypeError):
            send(secret)
    assert copy.deepcopy(secret) is copy.copy(secret) is secret
    assert secret == Secret(CANARY)
    assert secret != Secret("other")
    assert secret != CANARY


def test_no_form_offers_it() -> None:
    with pytest.raises(FieldError):
        modelform_factory(Vault, fields=["wallet_key"])


def test_a_model_whose_key_is_known_only_after_the_insert_is_refused_by_the_checks() -> None:
    class Late(models.Model):
        wallet_key = EncryptedTextField()

        class Meta:
            apps = Apps()
            app_label = "core"

        def __str__(self) -> str:
            return ""

    assert [problem.id for problem in Late.check()] == ["core.E001"]
    assert Vault.check() == []


def test_the_columns_of_a_registry_are_found() -> None:
    assert [str(column) for column in encrypted_fields(REGISTRY)] == [
        "core.Vault.wallet_key",
        "core.Vault.recovery",
        "core.OtherVault.wallet_key",
    ]


def test_migrations_see_a_plain_field() -> None:
    _name, path, _positional, options = EncryptedTextField("key", null=True).deconstruct()
    assert path == "aeghash.core.crypto.fields.EncryptedTextField"
    assert options == {"verbose_name": "key", "null": True}


@pytest.mark.django_db(transaction=True)
def test_the_application_finds_nothing_plain_in_the_whole_table(owner: Owner) -> None:
    Vault.objects.create(wallet_key=CANARY, recovery=CANARY)
    row = owner.execute("SELECT test_vaults::text FROM test_vaults").fetchone()
    assert row
    assert CANARY not in row[0]
    assert CANARY.encode().hex() not in row[0]

"""The column: exact both ways, and closed to what is no amount even for those who write SQL."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

import psycopg
import pytest
from django.apps.registry import Apps
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, connections, models, transaction
from django.db.models import F, Sum
from django.forms import modelform_factory

from aeghash.core.database_rights import models_of_the_product
from aeghash.core.money import MoneyField
from tests.database import Owner
from tests.tables import made


class Purse(models.Model):  # noqa: DJ008
    amount = MoneyField("amount")
    limit = MoneyField(null=True, blank=True)

    objects: ClassVar[models.Manager["Purse"]] = models.Manager()

    class Meta:
        apps = Apps()
        app_label = "core"
        db_table = "test_purses"


@pytest.fixture(scope="module", autouse=True)
def _table(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), made(Purse):
        yield


LARGEST = Decimal("99999999999999999999.999999999999999999")
SMALLEST = Decimal("0.000000000000000001")


@pytest.mark.django_db
@pytest.mark.parametrize("amount", [LARGEST, -LARGEST, SMALLEST, Decimal(0), Decimal(100), Decimal("1E+2"), 7])
def test_what_is_saved_is_what_is_read(amount: Decimal | int) -> None:
    purse = Purse.objects.create(amount=amount)
    assert Purse.objects.get(pk=purse.pk).amount == amount
    assert Purse.objects.get(amount=amount) == purse


@pytest.mark.django_db
def test_many_at_once_and_sums_stay_exact() -> None:
    Purse.objects.bulk_create([Purse(amount=LARGEST), Purse(amount=SMALLEST), Purse(amount=-LARGEST)])
    assert Purse.objects.aggregate(sum=Sum("amount"))["sum"] == SMALLEST
    assert sum((purse.amount for purse in Purse.objects.all()), Decimal(0)) == SMALLEST


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("amount", "shown"), [("1.50", "1.5"), ("100", "100"), ("0", "0"), ("0.000100", "0.0001"), ("-20", "-20")]
)
def test_it_is_read_without_eighteen_zeros(amount: str, shown: str) -> None:
    purse = Purse.objects.create(amount=Decimal(amount))
    assert str(Purse.objects.get(pk=purse.pk).amount) == shown
    assert str(Purse.objects.values_list("amount", flat=True).get()) == shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    "amount",
    [
        0.1,
        1.0,
        float("nan"),
        True,
        [],
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("-Infinity"),
        Decimal("0.0000000000000000001"),
        Decimal("1e400"),
        Decimal(10**20),
        "1e5",
        "１",
        "1_000",
        "NaN",
    ],
)
def test_what_is_no_amount_never_reaches_the_database(amount: Any) -> None:
    with pytest.raises(ValidationError), transaction.atomic():
        Purse.objects.create(amount=amount)
    with pytest.raises(ValidationError), transaction.atomic():
        Purse.objects.bulk_create([Purse(amount=1), Purse(amount=amount)])
    with pytest.raises(ValidationError):
        Purse.objects.filter(amount__gt=amount).count()
    with pytest.raises(ValidationError):
        Purse(amount=amount).full_clean()
    assert not Purse.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("column", ["amount", "limit"])
def test_the_database_refuses_it_too(value: str, column: str) -> None:
    purse = Purse.objects.create(amount=1)
    # PostgreSQL's `numeric(38,18)` itself stops the infinities, and NaN is left to the check.
    with pytest.raises((IntegrityError, DataError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE test_purses SET "{column}" = %s::numeric', [value])
    purse.refresh_from_db()
    assert [purse.amount, purse.limit] == [1, None]


def test_not_even_the_owner_can_write_nan(owner: Owner) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        owner.execute("INSERT INTO test_purses (amount) VALUES ('NaN')")
    assert owner.execute("SELECT count(*) FROM test_purses").fetchone() == (0,)


def test_the_usual_check_would_let_nan_pass(owner: Owner) -> None:
    """The negative control: why `> 0` is not enough."""
    owner.execute("CREATE TEMPORARY TABLE plain (amount numeric(38,18) CHECK (amount > 0))")
    owner.execute("INSERT INTO plain VALUES ('NaN')")
    assert owner.execute("SELECT amount FROM plain").fetchone()[0].is_nan()  # type: ignore[index]


def test_a_column_added_later_has_its_check_and_keeps_it(owner: Owner, django_db_blocker: Any) -> None:
    class Later(models.Model):  # noqa: DJ008
        class Meta:
            apps = Apps()
            app_label = "core"
            db_table = "test_later"

    added, relaxed = MoneyField(default=Decimal(1)), MoneyField(null=True)
    for field in (added, relaxed):
        field.set_attributes_from_name("amount")
        field.model = Later
    with django_db_blocker.unblock(), made(Later), connections["owner"].schema_editor(atomic=False) as editor:
        editor.add_field(Later, added)
        assert _checks(owner, "test_later") == 1
        editor.alter_field(Later, added, relaxed)
        assert _checks(owner, "test_later") == 1
        editor.remove_field(Later, relaxed)
        assert _checks(owner, "test_later") == 0


def _checks(owner: Owner, table: str) -> int:
    counted = owner.execute(
        "SELECT count(*) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'"
        " AND pg_get_constraintdef(oid) LIKE '%%Infinity%%'",
        [table],
    ).fetchone()
    return int(counted[0]) if counted else 0


def test_every_amount_of_the_product_has_its_check(owner: Owner) -> None:
    tables: list[type[models.Model]] = [*models_of_the_product(), Purse]
    for model in tables:
        amounts = [field for field in model._meta.local_concrete_fields if isinstance(field, MoneyField)]
        assert _checks(owner, model._meta.db_table) == len(amounts)


def test_migrations_see_a_field_without_digits() -> None:
    _name, path, _positional, options = MoneyField("amount", null=True).deconstruct()
    assert path == "aeghash.core.money.fields.MoneyField"
    assert options == {"verbose_name": "amount", "null": True}


@pytest.mark.django_db
def test_expressions_and_comparisons_work_in_the_database() -> None:
    Purse.objects.create(amount=Decimal("1.5"), limit=Decimal(2))
    Purse.objects.update(amount=F("amount") + Decimal("0.25"))
    assert Purse.objects.filter(amount__lt=F("limit")).get().amount == Decimal("1.75")
    assert Purse.objects.values_list(F("limit") - F("amount"), flat=True).get() == Decimal("0.25")


@pytest.mark.parametrize("text", ["1e5", "１", "1_000", "NaN", "-0"])
def test_a_form_takes_canonical_text_alone(text: str) -> None:
    form = modelform_factory(Purse, fields=["amount", "limit"])({"amount": text, "limit": text})
    assert not form.is_valid()
    assert set(form.errors) == {"amount", "limit"}


def test_a_form_shows_what_it_takes_back() -> None:
    form_class = modelform_factory(Purse, fields=["amount", "limit"])
    purse = Purse(amount=Decimal("1E-7"))
    assert 'value="0.0000001"' in str(form_class(instance=purse)["amount"])
    form = form_class({"amount": "0.0000001", "limit": ""}, instance=purse)
    assert form.is_valid()
    assert not form.has_changed()
    assert form.cleaned_data == {"amount": Decimal("0.0000001"), "limit": None}

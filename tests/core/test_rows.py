"""The base blocks: search, pages, many at once, soft deletion, removal, and the database's errors as refusals."""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from django.apps.registry import Apps
from django.db import DataError, IntegrityError, connection, models, transaction

from aeghash.core import rows
from aeghash.core.database_errors import StillNeeded, Unrelated, translated
from aeghash.core.errors import Conflict, Duplicate, NotFound, Refusal, TemporarilyUnavailable
from aeghash.core.models import Heartbeat, SoftDeletableModel, TimestampedModel, User
from tests.tables import made
from tests.waiting import Running

REGISTRY = Apps(["aeghash.core"])


class Address(SoftDeletableModel, TimestampedModel):
    label = models.CharField(max_length=100)

    class Meta:
        apps = REGISTRY
        app_label = "core"
        db_table = "test_addresses"

    def __str__(self) -> str:
        return self.label


class Payout(models.Model):
    address = models.ForeignKey(Address, on_delete=models.PROTECT)

    objects: ClassVar[models.Manager["Payout"]] = models.Manager()

    class Meta:
        apps = REGISTRY
        app_label = "core"
        db_table = "test_payouts"

    def __str__(self) -> str:
        return str(self.address)


class Note(models.Model):
    address = models.ForeignKey(Address, on_delete=models.CASCADE)
    other = models.ForeignKey(Address, on_delete=models.SET_NULL, null=True, related_name="+")

    objects: ClassVar[models.Manager["Note"]] = models.Manager()

    class Meta:
        apps = REGISTRY
        app_label = "core"
        db_table = "test_notes"

    def __str__(self) -> str:
        return str(self.address)


@pytest.fixture(scope="module", autouse=True)
def _tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), made(Address, Payout, Note):
        yield


def found(text: str, *fields: str) -> list[str]:
    return sorted(user.email for user in rows.search(User.objects.all(), text, fields or ("email", "name")))


@pytest.fixture
def people() -> None:
    for email, name in [("kim@a.example", "김 민수"), ("lee@b.example", "100%_Lee"), ("park@b.example", "Back\\slash")]:
        User.objects.create_user(email, name=name)


@pytest.mark.django_db
@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("text", "emails"),
    [
        ("KIM", ["kim@a.example"]),
        ("민수", ["kim@a.example"]),
        ("lee b.example", ["lee@b.example"]),
        ("b.example", ["lee@b.example", "park@b.example"]),
        ("%", ["lee@b.example"]),
        ("_", ["lee@b.example"]),
        ("0%_l", ["lee@b.example"]),
        ("\\", ["park@b.example"]),
        ("'; DROP TABLE users; --", []),
        ("kim\0", []),
        ("\ud800", []),
        ("\u202e", []),
        ("x" * 1_000_000, []),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_search_finds_each_word_in_any_field_and_takes_signs_for_what_they_are(text: str, emails: list[str]) -> None:
    assert found(text) == emails


@pytest.mark.django_db
@pytest.mark.usefixtures("people")
def test_search_for_nothing_finds_everything_and_only_in_the_fields_named() -> None:
    assert len(found("  ")) == 3
    assert found("민수", "email") == []


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 100])
@pytest.mark.parametrize("by", ["pk", "-pk", "-name"])
def test_pages_show_each_row_once_in_order(size: int, by: str) -> None:
    Heartbeat.objects.bulk_create(Heartbeat(name=name) for name in "cadbe")
    seen: list[Heartbeat] = []
    page = rows.page(Heartbeat.objects.all(), size=size, by=by)
    while True:
        assert 0 < len(page.rows) <= size
        seen += page.rows
        if page.next is None:
            break
        page = rows.page(Heartbeat.objects.all(), size=size, by=by, after=page.next)
    assert seen == list(Heartbeat.objects.order_by(by))


@pytest.mark.django_db
def test_a_page_stays_where_it_is_while_others_insert() -> None:
    Heartbeat.objects.bulk_create(Heartbeat(name=name) for name in "abcd")
    first = rows.page(Heartbeat.objects.all(), size=2)
    Heartbeat.objects.create(name="new")
    second = rows.page(Heartbeat.objects.all(), size=2, after=first.next)
    assert [row.name for row in [*first.rows, *second.rows]] == ["d", "c", "b", "a"]
    assert rows.page(Heartbeat.objects.none(), size=2) == rows.Page([], None)


@pytest.mark.django_db
def test_many_at_once_keep_their_order_and_get_ids() -> None:
    made_rows = rows.create_many([Heartbeat(name=f"{n:04}") for n in range(2500)])
    ids = [row.pk for row in made_rows]
    assert ids == sorted(ids)
    assert [row.name for row in Heartbeat.objects.order_by("pk")] == [row.name for row in made_rows]
    assert rows.create_many([]) == []


@pytest.mark.django_db
def test_of_many_with_one_duplicate_none_is_made() -> None:
    Heartbeat.objects.create(name="b")
    with pytest.raises(Duplicate) as refusal:
        rows.create_many([Heartbeat(name=name) for name in "abc"])
    assert refusal.value.parameters["fields"] == ["name"]
    assert [row.name for row in Heartbeat.objects.all()] == ["b"]


@pytest.mark.django_db
def test_deleted_is_hidden_unless_asked_for_and_can_come_back() -> None:
    address = Address.objects.create(label="a")
    assert address.delete() == (1, {"core.Address": 1})
    assert [Address.objects.count(), Address.with_deleted.count()] == [0, 1]
    deleted = Address.with_deleted.get()
    assert deleted.deleted_at is not None
    assert deleted.delete() == (0, {"core.Address": 0})
    assert Address.with_deleted.get().deleted_at == deleted.deleted_at
    deleted.restore()
    assert Address.objects.get().deleted_at is None
    assert deleted.updated_at > address.created_at


@pytest.mark.django_db
def test_what_refers_to_a_deleted_row_still_finds_it() -> None:
    address = Address.objects.create(label="a")
    payout = Payout.objects.create(address=address)
    address.delete()
    assert Payout.objects.get(pk=payout.pk).address.label == "a"


@pytest.mark.django_db
def test_whole_sets_are_marked_too() -> None:
    for label in "abc":
        Address.objects.create(label=label)
    assert Address.objects.filter(label__in="ab").delete()[0] == 2
    assert [address.label for address in Address.objects.all()] == ["c"]
    assert Address.with_deleted.all().delete()[0] == 1
    assert [Address.objects.count(), Address.with_deleted.count()] == [0, 3]


@pytest.mark.django_db
def test_what_nothing_hangs_on_is_removed_even_if_it_was_deleted() -> None:
    address = Address.objects.create(label="a")
    address.delete()
    rows.remove(address)
    assert not Address.with_deleted.exists()


def everything() -> list[Any]:
    return [*Address.objects.values(), *Payout.objects.values(), *Note.objects.values()]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "hang",
    [
        lambda address, other: Payout.objects.create(address=address),
        lambda address, other: Note.objects.create(address=address),
        lambda address, other: Note.objects.create(address=other, other=address),
    ],
    ids=["protected", "would be deleted too", "would be emptied"],
)
def test_what_something_hangs_on_stays_whatever_its_foreign_keys_would_do(hang: Any) -> None:
    address, other = (Address.objects.create(label=label) for label in "ab")
    hang(address, other)
    before = everything()
    with pytest.raises(StillNeeded) as refusal:
        rows.remove(address)
    assert [refusal.value.code, refusal.value.status] == ["still_needed", 409]
    assert everything() == before


@pytest.fixture
def wanted_meanwhile(monkeypatch: pytest.MonkeyPatch) -> Address:
    """Between the look at what hangs on it and its removal, somebody commits a payout to it."""
    address: Address = Address.objects.create(label="a")
    look = rows._takes_others_along

    def look_too_early(*given: Any) -> bool:
        seen = look(*given)
        Running(lambda: Payout.objects.create(address=address)).result()
        return seen

    monkeypatch.setattr(rows, "_takes_others_along", look_too_early)
    return address


@pytest.mark.django_db(transaction=True)
def test_what_is_hung_on_it_in_the_same_moment_is_found_at_once(wanted_meanwhile: Address) -> None:
    with transaction.atomic():
        with pytest.raises(Conflict):
            rows.remove(wanted_meanwhile)
        assert Address.objects.exists()
    assert Payout.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_and_would_fail_only_in_the_commit(wanted_meanwhile: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the one above."""
    monkeypatch.setattr(connection, "check_constraints", lambda: None)
    removed = False
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.remove(wanted_meanwhile)
        removed = True
    assert removed


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("email", "fields"), [("KIM@a.example", ["email"]), ("kim@a.example", ["email"])])
def test_a_duplicate_names_its_fields_and_never_the_value(email: str, fields: list[str]) -> None:
    User.objects.create_user("kim@a.example")
    with pytest.raises(Duplicate) as refusal, translated():
        User.objects.create(email=email)
    assert refusal.value.parameters["fields"] == fields
    assert "kim" not in f"{refusal.value} {refusal.value.parameters}".lower()
    assert User.objects.count() == 1


def missing() -> None:
    User.objects.get(pk=0)


def unrelated() -> None:
    with transaction.atomic():
        Payout.objects.create(address_id=0)


def raised(state: str) -> Any:
    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'told to' USING ERRCODE = '{state}'; END $$")

    return work


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("work", "refusal"),
    [
        (missing, NotFound),
        (unrelated, Unrelated),
        (raised("40P01"), TemporarilyUnavailable),
        (raised("57014"), TemporarilyUnavailable),
        (raised("25P03"), TemporarilyUnavailable),
    ],
)
def test_what_says_something_about_the_request_becomes_a_refusal(work: Any, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as raised_refusal, translated():
        work()
    assert type(raised_refusal.value) is refusal
    assert raised_refusal.value.__cause__ is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("state", "error"), [("23514", IntegrityError), ("23502", IntegrityError), ("22003", DataError)]
)
def test_a_rule_that_only_the_database_noticed_stays_an_error(state: str, error: type[Exception]) -> None:
    with pytest.raises(error), translated():
        raised(state)()

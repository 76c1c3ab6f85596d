import pytest
from django.db import IntegrityError, transaction

from aeghash.core.models import User
from aeghash.core.operations.create_user import UserExists, create_user

pytestmark = pytest.mark.django_db
TRON = "T" + "x" * 41


def test_a_user_is_what_was_asked_for() -> None:
    user = User.objects.create_user("Kim@Example.com", "secret", tron_address=TRON)
    assert user.email == "kim@example.com"
    assert (user.is_active, user.is_admin, user.is_staff, user.is_verified) == (True, False, False, False)
    assert user.has_wallet()
    assert user.check_password("secret")
    assert user.created_at <= user.updated_at


def test_without_an_address_there_is_no_wallet() -> None:
    assert not User.objects.create_user("kim@example.com").has_wallet()


def test_its_dict_has_every_field_but_the_password() -> None:
    fields = User.objects.create_user("kim@example.com", "secret").dict()
    assert "password" not in fields
    assert {"id", "email", "is_active", "is_admin", "is_verified", "tron_address", "created_at", "updated_at"} <= set(
        fields
    )


def test_update_writes_the_named_fields_and_the_time() -> None:
    user = User.objects.create_user("kim@example.com", name="Kim")
    other = User.objects.get(pk=user.pk)
    other.update(is_verified=True)
    user.update(name="Kim Min-su")  # doesn't write its older is_verified back
    user.refresh_from_db()
    assert (user.name, user.is_verified) == ("Kim Min-su", True)
    assert user.updated_at > user.created_at


def test_update_refuses_what_is_no_field() -> None:
    user = User.objects.create_user("kim@example.com")
    with pytest.raises(TypeError, match="nickname"):
        user.update(nickname="K", name="changed")
    assert User.objects.get(pk=user.pk).name == ""


@pytest.mark.parametrize("email", ["kim@example.com", "KIM@example.com"])
def test_an_e_mail_is_unique_in_any_case(email: str) -> None:
    User.objects.create_user("kim@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        User(email=email).save()
    with pytest.raises(UserExists):
        create_user(email=email, password=None)
    assert User.objects.count() == 1


@pytest.mark.parametrize("address", ["short", "x" * 41, "", "한" * 42])
def test_an_address_has_42_characters(address: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("kim@example.com", tron_address=address)


def test_an_address_is_unique_and_may_be_missing_many_times() -> None:
    User.objects.create_user("a@example.com", tron_address=TRON)
    User.objects.create_user("b@example.com")
    User.objects.create_user("c@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("d@example.com", tron_address=TRON)

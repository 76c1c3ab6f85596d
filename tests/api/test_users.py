import pytest
from django.test import Client

from aeghash.core.models import TotpDevice, User
from aeghash.core.rights import TABLE
from tests.api.conftest import Call, problem, queries_for

pytestmark = pytest.mark.django_db

ME = "/api/v1/users/me/"


def test_who_i_am_and_what_i_may_do(caller: Call) -> None:
    me = caller("support", "finance", name="kim").get(ME).json()
    assert me == {
        "id": User.objects.get().pk,
        "email": "kim@example.com",
        "name": "kim",
        "groups": ["finance", "support"],
        "rights": [name for name, (_, groups) in TABLE.items() if {"support", "finance"} & set(groups)],
        "second_factor": False,
    }


def test_an_authenticator_counts_once_it_is_confirmed(caller: Call) -> None:
    api = caller("support")
    device = TotpDevice.objects.create(user=User.objects.get(), name="authenticator", key="00" * 20, confirmed=False)
    assert api.get(ME).json()["second_factor"] is False
    device.confirmed = True
    device.save()
    assert api.get(ME).json()["second_factor"] is True


def test_it_takes_few_queries(caller: Call) -> None:
    assert queries_for(caller("support"), ME) == queries_for(caller(name="all"), ME) <= 5


def test_nobody_is_nobody(client: Client) -> None:
    problem(client.get(ME), 401, "not_authenticated")

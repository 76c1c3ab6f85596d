"""A question whose SQL is made once gives what the same query gives."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from aeghash.core.models import User
from aeghash.core.prepared import Prepared
from partners.models import Partner, PartnerKey
from tests.partners.world import SECRET, make_mall

pytestmark = pytest.mark.django_db


def keys_of(key_id: str, slug: str) -> QuerySet[PartnerKey]:
    return PartnerKey.objects.select_related("partner").filter(
        partner__slug=slug, partner__is_active=True, key_id=key_id, partner__burst__gt=5
    )


def test_it_gives_the_rows_and_what_comes_along_as_the_query_does() -> None:
    key_id = make_mall("shop", networks=["203.0.113.0/24"], pv_a_day="1.50").key_id
    plain = keys_of(key_id, "shop").get()
    prepared = Prepared(keys_of, values=2)
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            found = prepared.first(key_id, "shop")
            assert found is not None
            assert (vars(found.partner).keys(), found.partner.slug) == (vars(plain.partner).keys(), "shop")
        assert len(queries) == 1
        assert found == plain
        assert (found.partner.networks, found.partner.pv_a_day) == (plain.partner.networks, plain.partner.pv_a_day)
        assert (found.secret.reveal(), found.scopes, found.created_at) == (SECRET, plain.scopes, plain.created_at)
        assert not found._state.adding
    assert prepared.first(key_id, "another") is None


def test_it_gives_many() -> None:
    for slug in ("a", "b"):
        make_mall(slug)
    prepared: Prepared[Partner] = Prepared(lambda: Partner.objects.order_by("-slug"), values=0)
    assert [row.slug for row in prepared.all()] == ["b", "a"]


@pytest.mark.parametrize("values", [0, 2])
def test_a_value_without_a_place_is_a_mistake(values: int) -> None:
    def question(*given: Any) -> QuerySet[User]:
        return User.objects.filter(uid=given[0] if given else "x")

    prepared: Prepared[User] = Prepared(question, values=values)
    if values == 0:
        assert prepared.first() is None
        return
    with pytest.raises(AssertionError, match="no place"):
        prepared.first("a", "b")

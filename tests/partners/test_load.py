"""What the real web server takes, and what it does with more than it can, at full size."""

from collections.abc import Iterator

import pytest

from partners.models import Partner
from tests.partners.load import Load, check_nothing_is_lost_or_doubled, resent, statuses, wait_until_back
from tests.partners.served import Served
from tests.partners.world import Mall, order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.prove, pytest.mark.xdist_group("served")]

LINE = 22  # members above each other: each order then has all its levels


@pytest.fixture
def load(mall: Mall) -> Iterator[Load]:
    above = "company"
    for number in range(LINE):
        mall.join(f"m-{number}", above)
        above = f"m-{number}"
    with Served() as server:
        server.wait_until_ready()
        yield Load(mall, server.port, lambda number: order(f"o-{number}", above))


def test_50_orders_a_second_for_ten_minutes(load: Load) -> None:
    told = load.offer(a_second=50, count=50 * 600)
    assert statuses(told) == {(201, ""): 50 * 600}
    check_nothing_is_lost_or_doubled(load)


@pytest.mark.parametrize("writes_a_minute", [10**6, 30 * 60], ids=["by the server", "by the key's rate"])
def test_250_orders_a_second_are_shed(load: Load, writes_a_minute: int) -> None:
    Partner.objects.update(writes_a_minute=writes_a_minute, burst=100)
    told = load.offer(a_second=250, count=250 * 60)
    refused = [call for call in told if call.status != 201]
    assert refused, "it was no more than can be done"
    assert set(statuses(refused)) <= {(429, "rate_limited"), (503, "temporarily_unavailable")}
    assert all(call.has_retry_after for call in refused)
    check_nothing_is_lost_or_doubled(load)
    wait_until_back(load)
    assert statuses(resent(load, refused)).keys() <= {(201, ""), (200, "")}
    check_nothing_is_lost_or_doubled(load)

import pytest

from tests.wallets.books import everything, make_member
from wallets import demo_ledger
from wallets.models import Balance, Transfer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants_after")]


def test_the_demo_credits_whoever_is_there_and_only_once() -> None:
    assert demo_ledger.seed_balances() == []
    for number in range(20):
        make_member(f"M-{number}")
    assert demo_ledger.seed_balances() == ["70 credits to 20 members"]
    assert set(Balance.objects.values_list("asset", flat=True)) == {"POINT", "USDT", *demo_ledger.COINS}
    before = everything()
    assert demo_ledger.seed_balances() == []
    assert everything() == before
    assert Transfer.objects.count() == 70

"""Where a member may be paid to, and from when on."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.core.errors import Invalid
from aeghash.core.models import AuditRow, User
from tests.races import run_together
from tests.withdrawals.world import World, approved, ask, fresh, heal, member
from wallets.models import Asset
from withdrawals.addresses import checked, checksummed
from withdrawals.keccak import keccak_256
from withdrawals.models import PayoutAddress, Status, Withdrawal
from withdrawals.operations.add_payout_address import add_payout_address
from withdrawals.operations.remove_payout_address import AddressNotFound, remove_payout_address
from withdrawals.queries.limits import AddressNotWhitelisted

# The examples of EIP-55.
CHECKSUMMED = (
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
)
GOOD = CHECKSUMMED[0]
COIN = "LKjhgfdsaPoiuytrewQMNBVCXZlk1234"


def add(user: User, address: str = GOOD, asset: str = "USDT") -> PayoutAddress:
    with acting_as(command("test")), transaction.atomic():
        return add_payout_address(user=user, asset=Asset.objects.get(pk=asset), address=address)


def remove(user: User, address: str = GOOD, asset: str = "USDT") -> None:
    with transaction.atomic():
        remove_payout_address(user=user, asset=Asset.objects.get(pk=asset), address=address)


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        (b"transfer(address,uint256)", "a9059cbb2ab09eb219583f4a59a5d0623ade346d962bcd4e46b11da047c9049b"),
    ],
)
def test_keccak_is_the_one_that_ethereum_has(message: bytes, digest: str) -> None:
    assert keccak_256(message).hex() == digest


def test_keccak_of_what_fills_its_blocks_is_of_its_length() -> None:
    assert len({keccak_256(b"a" * length) for length in (134, 135, 136, 137, 271, 272, 273)}) == 7


@pytest.mark.parametrize("address", CHECKSUMMED)
def test_checksummed_addresses_are_taken_and_kept_in_one_case(address: str) -> None:
    assert checked("mblock", address) == address.lower()
    assert "0x" + checksummed(address[2:]) == address or address == address.lower()
    assert checked("mblock", "0x" + address[2:].upper()) == address.lower()


@pytest.mark.parametrize(
    "address",
    [
        GOOD.replace("aAeb", "AAeb"),  # one letter in another case
        "0x" + "0" * 40,
        GOOD[:-1],
        GOOD + "0",
        GOOD[2:],
        "0X" + GOOD[2:],
        GOOD + "\n",
        "0x" + "g" * 40,
        "0x" + "١" * 40,
        "",
    ],
)
def test_what_can_be_no_address_on_bnb_chain_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        checked("mblock", address)


@pytest.mark.parametrize(
    "address", ["a" * 19, "a" * 129, COIN + " ", COIN[:10] + " " + COIN[10:], "주" * 30, "", COIN + "\n"]
)
def test_what_can_be_no_address_of_a_coin_is_refused(address: str) -> None:
    assert checked("hashdam", COIN) == COIN
    with pytest.raises(Invalid):
        checked("hashdam", address)


def test_a_new_address_cools_before_it_can_be_paid_to(world: World, settings: Any) -> None:
    settings.WITHDRAWAL_ADDRESS_COOLING_HOURS = 24
    user = member(USDT="10")
    assert add(user).usable_from == clock.now() + timedelta(hours=24)
    assert AuditRow.objects.filter(verb="payout_address.added").count() == 1
    for seconds in (0, 24 * 3600 - 1):
        world.turn(seconds)
        with pytest.raises(AddressNotWhitelisted):
            ask(user, "USDT", "1", address=GOOD)
        assert not Withdrawal.objects.exists()
    world.turn(1)
    assert ask(user, "USDT", "1", address=GOOD).address == GOOD.lower()


def test_added_again_it_keeps_its_time_and_removed_and_added_it_cools_anew(world: World) -> None:
    user = member(USDT="10")
    first = add(user)
    world.turn(3600)
    assert (add(user, GOOD.lower()).pk, PayoutAddress.objects.filter(address=GOOD.lower()).count()) == (first.pk, 1)
    remove(user)
    with pytest.raises(AddressNotFound):
        remove(user)
    assert AuditRow.objects.filter(verb="payout_address.removed").count() == 1
    assert add(user).usable_from == first.usable_from + timedelta(hours=1)


def test_what_was_approved_for_a_removed_address_goes_back(world: World) -> None:
    user = member(USDT="10")
    withdrawal = approved(ask(user, "USDT", "1"))
    remove(user, str(withdrawal.address))
    heal(world, minutes=2)
    assert (fresh(withdrawal).status, world.paid(withdrawal)) == (Status.PENDING, [])


def test_added_by_many_at_once_it_is_there_once(world: World) -> None:
    user = member(USDT="10")
    outcomes = run_together(*[lambda: add(user)] * 5)
    assert [outcome.error for outcome in outcomes] == [None] * 5
    assert PayoutAddress.objects.filter(user=user, address=GOOD.lower()).count() == 1


def test_anothers_address_is_not_ones_own(world: World) -> None:
    add(member(USDT="1"))
    with pytest.raises(AddressNotFound):
        remove(member(USDT="1"))

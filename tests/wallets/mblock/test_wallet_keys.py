"""Issuing, and the refresh that may cost a wallet."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.core.crypto import Secret
from aeghash.core.models import Alert, AuditRow
from tests.races import Interleaving
from tests.wallets.mblock.dying import dying_at
from tests.wallets.mblock.world import API_KEY, World, make_member, make_wallet, queue, status_of, work
from wallets.clients.mblock.client import MBlockUnavailable
from wallets.models import ApiKeySighting, CryptoWallet
from wallets.operations.issue_wallet import WalletExists, issue_wallet
from wallets.operations.queue_transaction import WalletNotActive
from wallets.operations.refresh_wallet_key import KeyNotRefreshed, WalletBusy, WalletLost, refresh_wallet_key
from wallets.operations.register_wallet import register_wallet
from wallets.operations.watch_api_key import watch_api_key
from wallets.operations.watch_wallets import watch_wallets


def fresh(wallet: CryptoWallet) -> CryptoWallet:
    return CryptoWallet.objects.get(pk=wallet.pk)


def test_a_wallet_is_issued_with_its_key_encrypted(world: World, owner: Any) -> None:
    wallet = issue_wallet(user=make_member("kim"))
    (book,) = [each for each in world.books()["wallets"] if each["address"] == wallet.address]
    assert fresh(wallet).wallet_key == Secret(book["walletKey"])
    (stored,) = owner.execute("SELECT wallet_key FROM wallets WHERE id = %s", [wallet.pk]).fetchone()
    assert book["walletKey"].encode() not in bytes(stored)


def test_a_member_gets_one_wallet(world: World) -> None:
    member = make_member("kim")
    issue_wallet(user=member)
    with pytest.raises(WalletExists):
        issue_wallet(user=member)
    assert CryptoWallet.objects.count() == 1


def two_at_one_instant(member: Any) -> int:
    race = Interleaving(at="wallets: issued")

    def issue() -> CryptoWallet:
        with acting_as(command("test")):
            return issue_wallet(user=member)

    race.run(issue, issue)
    return CryptoWallet.objects.filter(user=member).count()


def test_two_who_issue_at_one_instant_make_one(world: World) -> None:
    assert two_at_one_instant(make_member("kim")) == 1


def test_a_lost_answer_to_an_issue_changes_nothing_here(world: World) -> None:
    world.fault("reset", method="requestWallet")
    with pytest.raises(MBlockUnavailable):
        issue_wallet(user=make_member("kim"))
    assert not CryptoWallet.objects.exists()


def test_a_refreshed_key_works_and_the_old_one_is_gone(world: World) -> None:
    wallet = make_wallet(world)
    old = wallet.wallet_key
    world.turn(60)
    refresh_wallet_key(wallet_id=wallet.pk)
    wallet = fresh(wallet)
    assert (wallet.state, wallet.key_since) == ("active", world.now())
    assert wallet.wallet_key != old
    row = queue(wallet)
    work()
    assert status_of(row) == "completed"


@pytest.mark.parametrize("fault", ["timeout", "reset", "html", "id-missing"])
def test_a_lost_answer_freezes_the_wallet_and_alerts_at_once(world: World, fault: str) -> None:
    wallet = make_wallet(world)
    how = {"kind": "poisoned", "as": "fields-missing"} if fault == "id-missing" else {"kind": fault}
    world.control("fault", method="refreshWallet", **how)
    with pytest.raises(WalletLost):
        refresh_wallet_key(wallet_id=wallet.pk)
    assert fresh(wallet).state == "frozen"
    assert Alert.objects.get().key == f"wallets.frozen:{wallet.pk}"
    with pytest.raises(WalletNotActive):
        queue(fresh(wallet))


@pytest.mark.parametrize("message", ["No API Permission", "Invalid Wallet Key"])
def test_a_refusal_leaves_the_key_as_it_is(world: World, message: str) -> None:
    wallet = make_wallet(world)
    world.fault("refusal", method="refreshWallet", message=message)
    with pytest.raises(KeyNotRefreshed):
        refresh_wallet_key(wallet_id=wallet.pk)
    assert fresh(wallet).state == "active"
    assert fresh(wallet).wallet_key == wallet.wallet_key


@pytest.mark.parametrize("place", ["wallets: refresh begun", "wallets: refresh answered"])
def test_a_refresh_that_died_freezes_the_wallet(world: World, place: str) -> None:
    wallet = make_wallet(world)
    with dying_at(place):
        refresh_wallet_key(wallet_id=wallet.pk)
    assert fresh(wallet).state == "refreshing"
    world.turn(61)
    watch_wallets()
    assert fresh(wallet).state == "frozen"
    assert Alert.objects.filter(key=f"wallets.frozen:{wallet.pk}").exists()


def test_a_frozen_wallet_goes_on_with_the_key_that_somebody_brings(world: World) -> None:
    wallet = make_wallet(world)
    world.fault("reset", method="refreshWallet", times=1)
    with pytest.raises(WalletLost):
        refresh_wallet_key(wallet_id=wallet.pk)
    (book,) = [each for each in world.books()["wallets"] if each["address"] == wallet.address]
    register_wallet(address=wallet.address, wallet_key=Secret(book["walletKey"]))
    row = queue(fresh(wallet))
    work()
    assert status_of(row) == "completed"


def test_no_refresh_while_a_transfer_is_under_way(world: World) -> None:
    wallet = make_wallet(world)
    world.fault("timeout", method="transferByWalletKey", times=1)
    queue(wallet)
    work()
    with pytest.raises(WalletBusy):
        refresh_wallet_key(wallet_id=wallet.pk)
    assert fresh(wallet).state == "active"


def test_the_command_refreshes_what_is_due(world: World) -> None:
    due, young = make_wallet(world, key_since=world.now() - timedelta(days=91)), make_wallet(world)
    said = StringIO()
    call_command("rotate_wallet_keys", "--json", stdout=said)
    assert json.loads(said.getvalue()) == {
        "refreshed": [due.address], "busy": [], "refused": {}, "frozen": []
    }  # fmt: skip
    assert (fresh(due).key_since, fresh(young).wallet_key) == (world.now(), young.wallet_key)


def test_the_command_stops_at_the_first_lost_answer(world: World) -> None:
    for _ in range(3):
        make_wallet(world, key_since=world.now() - timedelta(days=91))
    world.fault("timeout", method="refreshWallet")
    with pytest.raises(SystemExit):
        call_command("rotate_wallet_keys", "--json", stdout=StringIO())
    assert sorted(CryptoWallet.objects.values_list("state", flat=True)) == ["active", "active", "frozen"]


def test_the_age_of_the_api_key_is_watched_by_its_fingerprint(world: World) -> None:
    watch_api_key()
    watch_api_key()
    sighting = ApiKeySighting.objects.get()
    trail = AuditRow.objects.get(verb="mblock_api_key.first_used")
    assert trail.after == {"key_id": sighting.key_id, "due_on": "2026-04-01"}
    assert not Alert.objects.exists()
    with clock.steered(lambda: world.now() + timedelta(days=77)):
        watch_api_key()
    assert Alert.objects.get().severity == "warning"
    with clock.steered(lambda: world.now() + timedelta(days=90)):
        watch_api_key()
    assert set(Alert.objects.values_list("severity", flat=True)) == {"warning", "critical"}
    assert API_KEY not in str(list(Alert.objects.values()) + list(AuditRow.objects.values()))

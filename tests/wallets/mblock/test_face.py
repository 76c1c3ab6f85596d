"""What staff and their programs see of it; and what nobody may see anywhere."""

import io
import json
import logging
from typing import Any

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aeghash.core.models import Alert, AuditRow, Job, Proposal, User
from aeghash.core.operations.issue_api_token import issue_api_token
from aeghash.sandbox.mblock import FEE_WALLET
from tests.people import make_staff
from tests.wallets.mblock.settling import agreed, two_people
from tests.wallets.mblock.world import (
    API_KEY,
    SECRET,
    World,
    fresh_address,
    make_member,
    make_wallet,
    queue,
    status_of,
    work,
)
from wallets.models import CryptoWallet, TransactionKind, TransitConfig, WalletTransaction

ALL = ("operations", "finance", "sysadmin")
LISTS = ("/api/v1/wallets/", "/api/v1/wallets/transactions/", "/admin/wallets/cryptowallet/",
         "/admin/wallets/wallettransaction/?tab=all", "/admin/wallets/apikeysighting/")  # fmt: skip

OF_CORE = ("jobs", "audit", "alerts")


@pytest.fixture
def staff(world: World, settings: Any) -> tuple[User, Client]:
    settings.APPROVAL_OTP_REQUIRED = False
    user = make_staff("all", *ALL, with_device=False)
    client = Client(headers={"Authorization": f"Bearer {issue_api_token(user=user)}"})
    client.force_login(user)
    return user, client


def send(client: Client, method: str, path: str, **body: Any) -> tuple[int, Any]:
    answer = client.generic(method, f"/api/v1/wallets/{path}", json.dumps(body), "application/json")
    return answer.status_code, answer.json()


def test_from_issue_to_transfer_over_the_api(world: World, staff: tuple[User, Client]) -> None:
    _, client = staff
    make_member("kim")
    status, wallet = send(client, "POST", "", member="uid-kim")
    assert (status, wallet["member"], wallet["state"]) == (201, "uid-kim", "active")
    assert send(client, "POST", "", member="uid-kim")[1]["code"] == "wallet_exists"
    world.control(
        "token-balance", address=wallet["address"], contract="0x55d398326f99059ff775485246999027b3197955", amount="50"
    )
    world.control("token-balance", address=wallet["address"], amount="1")
    status, balances = send(client, "GET", f"{wallet['id']}/balance/")
    assert {each["asset"]: each["amount"] for each in balances} == {"USDT": "50", "BNB": "1"}
    to = fresh_address()
    status, asked = send(client, "POST", f"{wallet['id']}/transfer/", asset="USDT", to=to, amount="7.5", reason="rent")
    assert (status, asked["status"]) == (202, "waiting")
    assert not WalletTransaction.objects.exists()
    agreed(Proposal.objects.get(pk=asked["id"]), two_people()[1])
    work()
    status, found = send(client, "GET", "transactions/?status=completed")
    assert [(row["to_address"], row["amount"]) for row in found["results"]] == [(to, "7.5")]
    assert send(client, "POST", f"{wallet['id']}/refresh-key/")[0] == 200


def test_the_transit_configuration_is_set_read_and_reset(world: World, staff: tuple[User, Client]) -> None:
    _, client = staff
    status, told = send(client, "PUT", "transit-config/", fee="0.002", delay=20, count=5)
    assert (status, told["fee"], told["is_stored"]) == (200, "0.002", True)
    status, stored = send(client, "GET", "transit-config/stored/")
    assert stored == {"fee": "0.002", "delay": "20", "count": "5", "has_fee_wallet": True, "has_callback": True}
    assert send(client, "PUT", "transit-config/", fee="2", delay=20, count=5)[0] == 400
    assert TransitConfig.objects.get().delay == 20
    assert send(client, "DELETE", "transit-config/")[0] == 200
    assert send(client, "GET", "transit-config/stored/")[1]["delay"] == ""
    assert TransitConfig.objects.get().is_stored is False


def test_a_failed_storing_changes_nothing_here(world: World, staff: tuple[User, Client]) -> None:
    world.fault("timeout", method="transitConfig")
    assert send(staff[1], "PUT", "transit-config/", delay=99, count=5)[1]["code"] == "mblock_unavailable"
    assert TransitConfig.objects.get().delay == 15


@pytest.mark.parametrize("path", LISTS)
def test_a_list_asks_as_often_for_three_rows_as_for_one(world: World, staff: tuple[User, Client], path: str) -> None:
    _, client = staff

    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    queue(make_wallet(world, user=make_member("one")))
    questions()
    before = questions()
    for name in ("two", "three"):
        queue(make_wallet(world, user=make_member(name)))
    assert questions() == before < 15


def test_the_pages_of_one_row_show_its_time_line_and_the_chains_balance(
    world: World, staff: tuple[User, Client]
) -> None:
    _, client = staff
    row = queue(make_wallet(world, label="payer"))
    work()
    page = client.get(f"/admin/wallets/wallettransaction/{row.pk}/").content.decode()
    assert "완료(영수증으로 확인)" in page
    assert "12.5" in page
    wallet = client.get(f"/admin/wallets/cryptowallet/{row.wallet_id}/").content.decode()
    assert "987.5" in wallet
    world.stop_answering()
    assert client.get(f"/admin/wallets/cryptowallet/{row.wallet_id}/").status_code == 200


def test_staff_issue_a_wallet_on_its_page(world: World, staff: tuple[User, Client]) -> None:
    _, client = staff
    make_member("lee")
    assert "회원 번호" in client.get("/admin/wallets/cryptowallet/issue/").content.decode()
    client.post("/admin/wallets/cryptowallet/issue/", {"uid": "uid-lee"})
    client.post("/admin/wallets/cryptowallet/issue/", {"uid": "nobody"})
    assert [wallet.user.uid for wallet in CryptoWallet.objects.all() if wallet.user] == ["uid-lee"]


def test_secrets_are_in_no_sink(
    world: World, staff: tuple[User, Client], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Wallet keys old and new, the fee wallet's, the API key, the callback's address: planted, and then searched for."""
    _, client = staff
    caplog.set_level(logging.DEBUG)
    wallet = make_wallet(world)
    secrets = [API_KEY, SECRET, FEE_WALLET.key, wallet.wallet_key.reveal()]
    world.fault("refusal", method="transferByWalletKey", message=f"who is {secrets[-1]}?", times=1)
    lost = queue(wallet)
    work()
    assert status_of(lost) == "manual-review"
    transit = queue(make_wallet(world), kind=TransactionKind.TRANSIT)
    other = make_wallet(world)
    secrets += [transit.wallet.wallet_key.reveal(), other.wallet_key.reveal()]
    work()
    call_command("rotate_wallet_keys", "--older-than", "0", "--json", stdout=(told := io.StringIO()))
    secrets.append(CryptoWallet.objects.get(pk=other.pk).wallet_key.reveal())
    send(client, "PUT", "transit-config/", delay=20, count=5)
    client.post(f"/api/mblock/callback/{SECRET}/", "{", content_type="application/json")
    rows_pages = (f"cryptowallet/{other.pk}/", f"wallettransaction/{lost.pk}/", "transitconfig/1/")
    paths = (*LISTS, *(f"/admin/wallets/{page}" for page in rows_pages), *(f"/api/v1/{name}/" for name in OF_CORE))
    pages = [client.get(path) for path in paths]
    exports = [client.post(f"/admin/wallets/{name}/export/csv/") for name in ("cryptowallet", "wallettransaction")]
    rows = [serializers.serialize("json", model._default_manager.all()) for model in (Alert, AuditRow, Job, Proposal)]
    rows.append(serializers.serialize("json", WalletTransaction.objects.all()))
    said = capfd.readouterr()
    sinks = [caplog.text, said.out, said.err, told.getvalue(), *rows, *(page.content.decode() for page in pages)]
    sinks += [b"".join(export.streaming_content).decode() for export in exports]  # type: ignore[attr-defined]
    for secret in secrets:
        assert secret
        assert not [sink[max(0, sink.index(secret) - 200) : sink.index(secret)] for sink in sinks if secret in sink]

"""A balance is corrected by two people, with a reason: by the command and on the pages."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from aeghash.core import rights
from aeghash.core.errors import Invalid, Refusal
from aeghash.core.models import AuditRow, Proposal, User
from aeghash.core.operations.approve_proposal import SameApprover, agree
from aeghash.core.operations.propose import OwnRights, propose
from tests.face.conftest import as_user, staff  # noqa: F401
from tests.wallets.books import everything, give, make_member, standing
from wallets.models import Balance, InsufficientBalance, Transfer, UnknownAsset, UnknownMember
from wallets.operations.adjust_balance import ADJUST_BALANCE, adjustment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants_after")]

Staff = Callable[..., User]


@pytest.fixture
def pair(staff: Staff) -> tuple[User, User]:  # noqa: F811
    return staff("choi", rights.FINANCE), staff("jung", rights.FINANCE)


@pytest.fixture
def holder() -> int:
    member = make_member("M-1")
    give(member, "10")
    return member


def run(*words: str) -> None:
    call_command("adjust_balance", *words, "--by", "choi@example.com", "--second", "jung@example.com", "--json")


def proposed(by: User, **change: str) -> Proposal:
    content = adjustment(**{"uid": "M-1", "asset": "USDT", "amount": "5", "reason": "why"} | change)
    return propose(act=ADJUST_BALANCE, content=content, by=by, reason="why")


def agreed(proposal: Proposal, by: User) -> Proposal:
    return agree(proposal_id=proposal.pk, digest=proposal.digest, by=by)


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize(("amount", "left"), [("2.5", Decimal("12.5")), ("-10", Decimal(0))])
def test_the_command_moves_it_and_the_trail_says_why(
    holder: int, amount: str, left: Decimal, capsys: pytest.CaptureFixture[str]
) -> None:
    run("M-1", "USDT", amount, "--reason", "credited wrongly")
    told = json.loads(capsys.readouterr().out)
    assert standing(holder) == (left, 0)
    transfer = Transfer.objects.get(pk=told["transfer"])
    assert transfer.reference == told["reference"]
    row = AuditRow.objects.get(object_type="wallets.transfer", object_id=str(transfer.pk))
    assert (row.verb, row.reason, row.actor_kind) == ("transfer.posted", "credited wrongly", "person")


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("M-1", "USDT", "-10.1", "--reason", "x"), "insufficient_balance"),
        (("M-9", "USDT", "1", "--reason", "x"), "not_found"),
        (("M-1", "XXX", "1", "--reason", "x"), "not_found"),
        (("M-1", "USDT", "0", "--reason", "x"), "validation_error"),
        (("M-1", "USDT", "1e3", "--reason", "x"), "validation_error"),
        (("M-1", "USDT", "0.0000001", "--reason", "x"), "validation_error"),
    ],
)
def test_the_command_refuses(
    holder: int, words: tuple[str, ...], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything()
    with pytest.raises(SystemExit, match="1"):
        run(*words)
    assert json.loads(capsys.readouterr().out)["code"] == code
    assert everything() == before
    assert not Proposal.objects.exists()


def test_one_person_can_t(holder: int, pair: tuple[User, User]) -> None:
    proposal = proposed(pair[0])
    with pytest.raises(SameApprover):
        agreed(proposal, pair[0])
    assert standing(holder) == (10, 0)
    agreed(proposal, pair[1])
    assert standing(holder) == (15, 0)


def test_nobody_adjusts_a_balance_of_their_own(pair: tuple[User, User]) -> None:
    first, second = pair
    User.objects.filter(pk=second.pk).update(uid="M-1")
    with pytest.raises(OwnRights):
        agreed(proposed(first), second)
    with pytest.raises(OwnRights):
        proposed(second)
    assert not Balance.objects.exists()


def test_what_is_not_there_any_more_at_the_second_person_s_click_stays_a_proposal(
    holder: int, pair: tuple[User, User]
) -> None:
    first, second = proposed(pair[0], amount="-10"), proposed(pair[0], amount="-1")
    agreed(first, pair[1])
    before = everything()
    with pytest.raises(InsufficientBalance):
        agreed(second, pair[1])
    assert everything() == before
    assert Proposal.objects.get(pk=second.pk).status == "waiting"


@pytest.mark.parametrize(
    ("refusal", "change"),
    [
        (UnknownMember, {"uid": "M-9"}),
        (UnknownAsset, {"asset": "X"}),
        (Invalid, {"reason": " "}),
        (Invalid, {"amount": "0"}),
    ],
)
def test_what_can_t_be_proposed(
    holder: int, pair: tuple[User, User], refusal: type[Refusal], change: dict[str, str]
) -> None:
    with pytest.raises(refusal):
        proposed(pair[0], **change)
    assert not Proposal.objects.exists()


class TestOnThePages:
    def page(self, client: Client, url: str) -> str:
        answer = client.get(url)
        assert answer.status_code == 200
        return answer.content.decode()

    def test_one_proposes_and_another_sees_it(
        self,
        holder: int,
        pair: tuple[User, User],
        as_user: Callable[..., Client],  # noqa: F811
    ) -> None:
        balance, client = Balance.objects.get(), as_user(pair[0])
        url = f"/admin/wallets/balance/act/adjust/?row={balance.pk}"
        assert "Propose an adjustment" in self.page(client, f"/admin/wallets/balance/{balance.pk}/")
        form: dict[str, Any] = {"row": balance.pk, f"seen-{balance.pk}": "", "reason": "typing error"}
        refused = client.post(url, {**form, "amount": "1e3"}).content.decode()
        assert "is not a plain decimal number" in refused
        assert not Proposal.objects.exists()
        assert client.post(url, {**form, "amount": "-2.5"}).status_code == 302
        assert standing(holder) == (10, 0)
        proposal = Proposal.objects.get()
        assert "-2.5 USDT" in self.page(as_user(pair[1]), "/admin/core/proposal/")
        agreed(proposal, pair[1])
        assert standing(holder) == (Decimal("7.5"), 0)

    def test_who_may_not_is_not_asked(
        self,
        holder: int,
        staff: Staff,  # noqa: F811
        as_user: Callable[..., Client],  # noqa: F811
    ) -> None:
        balance, client = Balance.objects.get(), as_user(staff("han", rights.OPERATIONS))
        assert "Propose an adjustment" not in self.page(client, f"/admin/wallets/balance/{balance.pk}/")
        assert client.post(f"/admin/wallets/balance/act/adjust/?row={balance.pk}", {}).status_code == 403
        assert not Proposal.objects.exists()

    def test_what_a_member_has_none_of_yet_is_proposed_from_the_list(
        self,
        pair: tuple[User, User],
        as_user: Callable[..., Client],  # noqa: F811
    ) -> None:
        member, client = make_member("M-2"), as_user(pair[0])
        url = "/admin/wallets/balance/adjust/"
        assert url in self.page(client, "/admin/wallets/balance/")
        self.page(client, url)
        form = {"uid": "M-2", "asset": "BNB", "amount": "1.5", "reason": "never credited"}
        for field, wrong in (("uid", "M-9"), ("asset", "XXX"), ("amount", "1e3"), ("amount", "0"), ("reason", "")):
            refused = client.post(url, {**form, field: wrong})
            assert refused.status_code == 200
            assert refused.context["form"].errors.keys() == {field}
        assert not Proposal.objects.exists()
        assert client.post(url, form).status_code == 302
        assert not Balance.objects.exists()
        agreed(Proposal.objects.get(), pair[1])
        assert standing(member, "BNB") == (Decimal("1.5"), 0)

    def test_who_may_not_sees_no_such_page(
        self,
        staff: Staff,  # noqa: F811
        as_user: Callable[..., Client],  # noqa: F811
    ) -> None:
        client = as_user(staff("han", rights.OPERATIONS))
        assert "balance/adjust/" not in self.page(client, "/admin/wallets/balance/")
        assert client.post("/admin/wallets/balance/adjust/", {}).status_code == 403

"""Members, money, and how the books stand."""

import itertools
from decimal import Decimal

from aeghash.core.models import AuditRow, User
from wallets.models import Balance, Debt, SystemAccount, Transfer
from wallets.operations.post import post

Amount = Decimal | int
ONCE = itertools.count(1)


def make_member(uid: str) -> int:
    return User.objects.create_user(f"{uid}@members.example", uid=uid).pk


def give(member: int, amount: str, asset: str = "USDT", reference: str | None = None) -> int:
    return post(
        reference=reference or f"gift-{next(ONCE)}",
        asset=asset,
        amount=Decimal(amount),
        source=SystemAccount.ISSUANCE,
        target=member,
    )


def standing(member: int, asset: str = "USDT") -> tuple[Amount, Amount]:
    """What a member has, and what of it is locked."""
    return Balance.objects.values_list("amount", "locked_amount").get(user_id=member, asset_id=asset)


def debt_of(member: int, asset: str = "USDT") -> Amount:
    return Debt.objects.values_list("amount", flat=True).get(user_id=member, asset_id=asset)


def everything() -> list[list[tuple[object, ...]]]:
    """All that a posting may write: a refusal's test compares it before and after."""
    return [
        list(Balance.objects.order_by("pk").values_list("pk", "amount", "locked_amount", "updated_at")),
        list(Debt.objects.order_by("pk").values_list("pk", "amount")),
        list(Transfer.objects.order_by("pk").values_list("pk", flat=True).values_list("pk", "reference")),
        list(AuditRow.objects.order_by("pk").values_list("pk", "verb")),
    ]

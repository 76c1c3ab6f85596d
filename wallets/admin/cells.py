"""Sides and members as they stand in the money's lists."""

from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html

from aeghash.core.admin.kit import cells
from aeghash.core.models import User
from wallets.models import Balance, SystemAccount, Transfer


def linked(row: Model, text: Any) -> str:
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, text)


def member(user: User) -> str:
    """By the number that the partner knows as well."""
    return user.uid or cells.email(user.email)


def side(balance: Balance | None, system: str | None) -> str:
    if balance is not None:
        return linked(balance, member(balance.user))
    return system_label(system)


def plain_side(balance: Balance | None, system: str | None) -> str:
    return member(balance.user) if balance is not None else system_label(system)


def system_label(system: str | None) -> str:
    return str(SystemAccount(system).label) if system in SystemAccount.values else str(system)


def other_side(transfer: Transfer, balance: Balance) -> str:
    if transfer.source_id == balance.pk:
        return side(transfer.target, transfer.target_system)
    return side(transfer.source, transfer.source_system)

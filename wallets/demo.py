"""This app's part of the demo."""

from wallets.demo_crypto import seed_wallets
from wallets.demo_ledger import seed_balances


def seed() -> list[str]:
    return [*seed_balances(), *seed_wallets()]

"""This app's part of the demo."""

from wallets.demo_crypto import seed_wallets


def seed() -> list[str]:
    return seed_wallets()

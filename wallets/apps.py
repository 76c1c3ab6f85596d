from typing import ClassVar

from django.apps import AppConfig


class WalletsConfig(AppConfig):
    name = "wallets"
    # The only writers of balances, debts and transfers.
    application_functions: ClassVar[tuple[str, ...]] = (
        "ledger_put",
        "ledger_resolve",
        "ledger_collect",
        "ledger_post_many",
    )

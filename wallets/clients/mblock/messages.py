"""What MBlock says when it refuses, by what that means for money: the contract's closed lists, letter by letter."""

from typing import Final

# Checked before anything is sent. The key's own troubles pass once somebody has seen to them; the others never do.
PASSING: Final = frozenset(
    {
        "Not Found API Key",
        "Invalid API Key",
        "Invalid access from an unauthorized IP Address",
        "No API Permission",
    }
)
LASTING: Final = frozenset(
    {
        "Invalid Wallet Key",
        "Unsupported token symbol",
        "Transfer volume is required",
        "Contract address is incorrect",
        "Wallet address is incorrect",
        "Wallet address has expired",
        "Invalid Configuration",
    }
)
# Refusals only where the balance itself says so.
SHORT_OF_MONEY: Final = frozenset({"Not enough balance", "Request volume is zero or not enough balance"})
NO_RECEIPT: Final = frozenset({"Transaction receipt not found", "Transaction Logs not found"})

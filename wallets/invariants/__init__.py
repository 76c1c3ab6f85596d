"""This app's entries of the catalogue: the ledger's, and those of the wallets at MBlock."""

from wallets.invariants import crypto, ledger

__all__ = ["crypto", "ledger"]

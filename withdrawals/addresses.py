"""What an address to be paid to looks like, per kind of remote."""

import re
from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Invalid
from withdrawals.keccak import keccak_256
from withdrawals.models import Channel

ON_BNB_CHAIN: Final = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
NOBODYS: Final = "0x" + "0" * 40
OF_A_COIN: Final = re.compile(r"[!-~]{20,128}", re.ASCII)


def written_alike(channel: str, address: str) -> str:
    """Addresses on BNB chain are the same in either case."""
    return address.lower() if channel == Channel.MBLOCK else address


def checked(channel: str, address: str) -> str:
    """As it is kept. Refuses (`validation_error`) what can't be one, and a mixture of cases that isn't its checksum: a
    mistake in a digit would send the money to nobody.
    """
    if channel != Channel.MBLOCK:
        if not OF_A_COIN.fullmatch(address):
            raise Invalid(field="address", reason=_("has 20 to 128 letters, digits and signs, and no spaces."))
        return address
    if not ON_BNB_CHAIN.fullmatch(address) or address.lower() == NOBODYS:
        raise Invalid(field="address", reason=_("is 0x and 40 hexadecimal digits."))
    digits = address[2:]
    if digits not in (digits.lower(), digits.upper(), checksummed(digits)):
        raise Invalid(field="address", reason=_("has a wrong checksum: a character is mistyped."))
    return address.lower()


def checksummed(digits: str) -> str:
    """EIP-55: a letter is a capital where the hash of the address has a digit of 8 or more."""
    marks = keccak_256(digits.lower().encode()).hex()
    return "".join(
        letter.upper() if int(mark, 16) >= 8 else letter for letter, mark in zip(digits.lower(), marks, strict=False)
    )

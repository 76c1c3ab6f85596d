"""IP addresses, networks and payout addresses, each in the one way of writing it that comparisons use."""

import ipaddress
import re
from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Invalid

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST_PAYOUT_ADDRESS: Final = 128
PAYOUT_ADDRESS: Final = re.compile(r"[!-~]{1,128}", re.ASCII)
HEXADECIMAL: Final = re.compile(r"0[xX][0-9a-fA-F]{40}", re.ASCII)
# Of the kind that may be written in capitals or in small letters alone: ltc1…, LTC1….
BECH32: Final = re.compile(r"[a-z]{1,10}1[ac-hj-np-z02-9]{6,90}", re.ASCII)
MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")


def parsed_ip(text: str) -> IP | None:
    """An IPv4 address that came through an IPv6 socket is the IPv4 address; None for what is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.scope_id is not None:  # means something on one machine only
        return None
    return address.ipv4_mapped or address


def parsed_network(text: str) -> Network:
    """An address or a CIDR. Raises Invalid, also for host bits behind the prefix, which would be a slip."""
    try:
        network = ipaddress.ip_network(text.strip())
    except ValueError:
        raise Invalid(field="value", reason=_("is no IP address or CIDR such as 203.0.113.0/24.")) from None
    if isinstance(network, ipaddress.IPv4Network):
        return network
    if network.network_address.scope_id is not None:
        raise Invalid(field="value", reason=_("is no IP address or CIDR such as 203.0.113.0/24."))
    if network.subnet_of(MAPPED):
        mapped = network.network_address.ipv4_mapped
        return ipaddress.IPv4Network((str(mapped), network.prefixlen - MAPPED.prefixlen))
    if network.supernet_of(MAPPED):
        # Those are compared as IPv4: the entry would seem to hold them, and would not.
        raise Invalid(field="value", reason=_("would hold all of IPv4 as well: say 0.0.0.0/0 if that is meant."))
    return network


def canonical_payout_address(text: str) -> str:
    """The same for every spelling of one address. Raises Invalid for what can't be one."""
    text = text.strip()
    if not PAYOUT_ADDRESS.fullmatch(text):
        raise Invalid(field="value", reason=_("is no payout address."))
    if HEXADECIMAL.fullmatch(text):
        return text.lower()
    is_one_case = text in (text.lower(), text.upper())
    return text.lower() if is_one_case and BECH32.fullmatch(text.lower()) else text

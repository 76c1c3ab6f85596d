"""The kinds of writing calls: how each is read, and by which operation it is done."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from aeghash.core.api.parsers import StrictJsonParser
from aeghash.core.api.serializers import StrictSerializer
from partners.api import serializers
from partners.inbound import Inbound, register
from partners.operations.add_address import add_address
from partners.operations.ask_withdrawal import ask_withdrawal, take_withdrawal_back
from partners.operations.bring_member import bring_member
from partners.operations.take_hash_power import take_hash_power
from partners.operations.take_order import take_order
from partners.operations.take_refund import take_refund


def reader(serializer: type[StrictSerializer]) -> Callable[[bytes], dict[str, Any]]:
    """An empty body is an empty object; what is null is left out."""

    def read(body: bytes) -> dict[str, Any]:
        given = serializer(data=StrictJsonParser().parse(BytesIO(body)) if body else {})
        given.is_valid(raise_exception=True)
        return {name: value for name, value in given.validated_data.items() if value is not None}

    return read


MEMBERS = register(Inbound("members", reader(serializers.Bringing), bring_member))
HASH_POWER = register(Inbound("hashpower", reader(serializers.Crediting), take_hash_power))
ORDERS = register(Inbound("orders", reader(serializers.Ordering), take_order))
REFUNDS = register(Inbound("refund", reader(serializers.Refunding), take_refund))
WITHDRAWALS = register(Inbound("withdrawals", reader(serializers.Withdrawing), ask_withdrawal))
CANCELLATIONS = register(Inbound("cancel", reader(serializers.TakingBack), take_withdrawal_back))
ADDRESSES = register(Inbound("addresses", reader(serializers.AddingAddress), add_address))

"""What the calls answer, for the API's description of itself."""

from typing import Final

from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from aeghash.core.api.fields import AmountField, InstantField, TextField
from bonus.models import BonusType, EntryState

IDEMPOTENCY_KEY: Final = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True, description="1 to 255 printable ASCII characters."
)
DAY: Final = OpenApiParameter("day", str, description="Such as 2026-11-21; today where it is left out.")


class Pong(serializers.Serializer[object]):
    partner = TextField(max_length=64)
    key_id = TextField(max_length=64)
    time = InstantField()


class MemberPlace(serializers.Serializer[object]):
    parent_uid = TextField(max_length=255, allow_null=True)
    depth = serializers.IntegerField()
    side = TextField(max_length=1, allow_null=True)
    spilled_over = serializers.BooleanField()


class BalanceAnswer(serializers.Serializer[object]):
    asset = TextField(max_length=10)
    amount = AmountField()
    locked = AmountField()
    available = AmountField()
    pending_bonus = AmountField()


class MemberAnswer(serializers.Serializer[object]):
    uid = TextField(max_length=255)
    referral_code = TextField(max_length=16)
    sponsor_uid = TextField(max_length=255, allow_null=True)
    rank = TextField(max_length=4)
    unilevel = MemberPlace()
    binary = MemberPlace()


class MemberWithHoldings(MemberAnswer):
    hash_power = AmountField()
    balances = BalanceAnswer(many=True)


class BonusAnswer(serializers.Serializer[object]):
    id = serializers.IntegerField()
    type = serializers.ChoiceField(choices=BonusType.choices)
    level = serializers.IntegerField()
    order_id = TextField(max_length=255, allow_null=True)
    pv = AmountField()
    percentage = AmountField()
    amount = AmountField()
    status = serializers.ChoiceField(choices=EntryState.choices)
    created_at = InstantField()


class GrantAnswer(serializers.Serializer[object]):
    grant_id = serializers.IntegerField()
    uid = TextField(max_length=255)
    hash = AmountField()
    direction = TextField(max_length=6)
    hash_power = AmountField()


class OrderTaken(serializers.Serializer[object]):
    order_id = TextField(max_length=255)
    status = TextField(max_length=8)
    bonuses_created = serializers.IntegerField()
    bonus_total = AmountField()


class OrderRefunded(serializers.Serializer[object]):
    order_id = TextField(max_length=255)
    status = TextField(max_length=8)
    bonuses_reversed = serializers.IntegerField()
    clawback_total = AmountField()


class ReviewAnswer(serializers.Serializer[object]):
    """Beyond the day's limit: kept, and done once staff have looked at it."""

    status = TextField(max_length=8)
    event = serializers.IntegerField()


class BonusOfOrder(serializers.Serializer[object]):
    type = TextField(max_length=15)
    level = serializers.IntegerField()
    uid = TextField(max_length=255, allow_null=True)
    percentage = AmountField()
    amount = AmountField()
    status = TextField(max_length=9)


class OrderAnswer(serializers.Serializer[object]):
    order_id = TextField(max_length=255)
    status = TextField(max_length=8)
    uid = TextField(max_length=255)
    total_amount = AmountField()
    pv_amount = AmountField()
    channel = TextField(max_length=10)
    center_uid = TextField(max_length=255, allow_null=True)
    paid_at = InstantField()
    metadata = serializers.DictField()
    bonuses = BonusOfOrder(many=True)


class WithdrawalAnswer(serializers.Serializer[object]):
    id = serializers.IntegerField()
    status = TextField(max_length=16)
    uid = TextField(max_length=255)
    asset = TextField(max_length=10)
    amount = AmountField()
    fee = AmountField()
    address = TextField(max_length=255, allow_null=True)
    channel = TextField(max_length=10)
    reference_id = TextField(max_length=255)
    reason = TextField(max_length=2000)
    requested_at = InstantField()
    updated_at = InstantField()


class AddressAnswer(serializers.Serializer[object]):
    id = serializers.IntegerField()
    asset = TextField(max_length=10)
    address = TextField(max_length=255)
    label = TextField(max_length=100)  # type: ignore[assignment]  # the contract's word
    usable_from = InstantField()


class TotalsAnswer(serializers.Serializer[object]):
    day = serializers.DateField()
    members = serializers.IntegerField()
    orders = inline_serializer(
        "OrderTotals", {"count": serializers.IntegerField(), "total_amount": AmountField(), "pv_amount": AmountField()}
    )
    refunds = inline_serializer("RefundTotals", {"count": serializers.IntegerField(), "total_amount": AmountField()})
    hash_power = inline_serializer(
        "HashPowerTotals", {"count": serializers.IntegerField(), "credited": AmountField(), "debited": AmountField()}
    )
    withdrawals = serializers.ListField(child=serializers.DictField())

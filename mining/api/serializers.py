"""How the pool's facts, and what we make of them, are shown to staff's programs."""

from rest_framework import serializers

from aeghash.core.api.fields import AmountField, DayField, TextField
from aeghash.core.api.serializers import RowSerializer, StrictSerializer
from aeghash.core.models import Proposal
from aeghash.core.money import MOST_PLACES
from mining.models import (
    CoinFacts,
    DayFacts,
    Direction,
    Grant,
    HashBalance,
    MiningWithdrawal,
    PoolCharge,
    PoolHolding,
    PoolSwap,
)


class HashBalanceSerializer(RowSerializer):
    credit = AmountField()
    power = AmountField()

    class Meta:
        model = HashBalance
        fields = ("id", "day", "credit", "power", "read_at")


class HashRateSerializer(RowSerializer):
    hash_rate = AmountField(allow_null=True)
    hash_rate_mega = AmountField(allow_null=True)
    efficiency = AmountField(allow_null=True)
    reject = AmountField(allow_null=True)

    class Meta:
        model = DayFacts
        fields = ("id", "day", "version", "hash_rate", "hash_rate_mega", "efficiency", "reject", "flaw", "read_at")


class ProfitSerializer(RowSerializer):
    day = serializers.DateField(source="facts.day")
    version = serializers.IntegerField(source="facts.version")
    total = AmountField()
    per_mega = AmountField()
    price = AmountField()

    class Meta:
        model = CoinFacts
        fields = ("id", "day", "version", "coin", "total", "per_mega", "price")


class HoldingSerializer(RowSerializer):
    balance = AmountField()
    available = AmountField()
    locked = AmountField(allow_null=True)

    class Meta:
        model = PoolHolding
        fields = ("id", "day", "coin", "balance", "available", "locked", "read_at")


class PoolPayoutSerializer(RowSerializer):
    amount = AmountField()
    fee = AmountField(allow_null=True)

    class Meta:
        model = MiningWithdrawal
        fields = (
            "id", "reference", "coin", "amount", "fee", "status", "reason", "remote_id", "created_at", "called_at",
            "settled_at",
        )  # fmt: skip


class ChargeSerializer(RowSerializer):
    amount = AmountField()
    price = AmountField()
    credit = AmountField(allow_null=True)

    class Meta:
        model = PoolCharge
        fields = ("id", "remote_id", "amount", "price", "coin", "credit", "status", "made_at", "changed_at")


class SwapSerializer(RowSerializer):
    amount = AmountField()
    credit = AmountField(allow_null=True)
    power = AmountField(allow_null=True)

    class Meta:
        model = PoolSwap
        fields = (
            "id", "remote_id", "amount", "credit", "power", "starts_on", "ends_on", "period", "status", "made_at",
            "changed_at",
        )  # fmt: skip


class GrantSerializer(RowSerializer):
    uid = serializers.CharField(source="user.uid", allow_null=True)
    hash = AmountField()

    class Meta:
        model = Grant
        fields = (
            "id", "user", "uid", "direction", "hash", "source", "event_id", "app", "reason", "starts_on", "ends_on",
            "created_at",
        )  # fmt: skip


class NewGrant(StrictSerializer):
    uid = TextField(max_length=255)
    hash = AmountField()
    direction = serializers.ChoiceField(choices=Direction.choices, default=Direction.CREDIT)
    reason = TextField(max_length=2000)
    event_id = TextField(max_length=255, required=False)
    starts_on = DayField(required=False)
    ends_on = DayField(required=False)


class NewOrder(StrictSerializer):
    """What two people are to agree on."""

    amount = AmountField(places=MOST_PLACES)
    reason = TextField(max_length=1000)


class ProposalSerializer(RowSerializer):
    class Meta:
        model = Proposal
        fields = ("id", "kind", "content", "digest", "status", "expires_at")

"""What the bodies of partners' calls may hold."""

from rest_framework import serializers

from aeghash.core.api.fields import AmountField, DayField, InstantField, TextField
from aeghash.core.api.serializers import StrictSerializer
from aeghash.core.money import Sign
from mining.models import Direction
from organization.models import Channel, Side
from organization.operations.record_order import PAID_PLACES, PV_PLACES

LONGEST = 255


class Bringing(StrictSerializer):
    uid = TextField(max_length=LONGEST)
    email = serializers.EmailField(required=False, allow_null=True, max_length=254)
    name = TextField(max_length=150, required=False, allow_blank=True)
    sponsor_uid = TextField(max_length=LONGEST, required=False, allow_null=True)
    side = serializers.ChoiceField(choices=Side.choices, required=False, allow_null=True)


class Crediting(StrictSerializer):
    uid = TextField(max_length=LONGEST)
    hash = AmountField()
    direction = serializers.ChoiceField(choices=Direction.choices, required=False)
    app = TextField(max_length=100, required=False, allow_blank=True)
    event_id = TextField(max_length=LONGEST, required=False, allow_null=True)
    starts_on = DayField(required=False, allow_null=True)
    ends_on = DayField(required=False, allow_null=True)


class Ordering(StrictSerializer):
    order_id = TextField(max_length=LONGEST)
    uid = TextField(max_length=LONGEST)
    total_amount = AmountField(places=PAID_PLACES, sign=Sign.NOT_NEGATIVE)
    pv_amount = AmountField(places=PV_PLACES, sign=Sign.NOT_NEGATIVE)
    channel = serializers.ChoiceField(choices=Channel.choices)
    paid_at = InstantField(required=False, allow_null=True)
    center_uid = TextField(max_length=LONGEST, required=False, allow_null=True)
    metadata = serializers.JSONField(required=False, allow_null=True, help_text="An object of at most 8 KiB.")

    def validate_metadata(self, value: object) -> object:
        if value is not None and not isinstance(value, dict):
            raise serializers.ValidationError("This is not an object.", code="not_an_object")
        return value


class Refunding(StrictSerializer):
    reason = TextField(max_length=500, required=False, allow_blank=True)


class Withdrawing(StrictSerializer):
    uid = TextField(max_length=LONGEST)
    asset = TextField(max_length=10)
    amount = AmountField()
    address = TextField(max_length=LONGEST, required=False, allow_null=True)
    reference_id = TextField(max_length=LONGEST, required=False, allow_blank=True)
    ip = serializers.IPAddressField(required=False, allow_null=True)
    device_id = TextField(max_length=LONGEST, required=False, allow_blank=True)


class AddingAddress(StrictSerializer):
    asset = TextField(max_length=10)
    address = TextField(max_length=LONGEST)
    label = TextField(max_length=100, required=False, allow_blank=True)  # type: ignore[assignment]  # the contract's word


class TakingBack(StrictSerializer):
    reason = TextField(max_length=1000, required=False, allow_blank=True)

import re
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aeghash.core import rights
from aeghash.core.api.fields import AmountField, TextField, WholeNumberField
from aeghash.core.api.serializers import RowSerializer, StrictSerializer
from aeghash.core.audit.masking import partly_masked
from withdrawals.models import Approval, Withdrawal, WithdrawalAttempt, WithdrawalLog
from withdrawals.operations.resolve_withdrawal import RESOLUTIONS


@extend_schema_field({"type": ["string", "null"]})
class MaskedAddress(serializers.Field[str | None, Any, str | None, Any]):
    """In full for those who may see it; otherwise both ends, as on the pages."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def to_representation(self, value: str | None) -> str | None:
        user = self.context["request"].user
        return value if value is None or user.has_perm(rights.SEE_PERSONAL_DATA) else partly_masked(value)


@extend_schema_field({"type": "array", "items": {"type": "object"}})
class MaskedEvidence(serializers.Field[Any, Any, Any, Any]):
    """What the remotes show, without the member's address for those who may not see it."""

    def __init__(self, *, address: str, **options: Any) -> None:
        self.address = address
        super().__init__(read_only=True, **options)

    def get_attribute(self, instance: Any) -> Any:
        address = instance
        for name in self.address.split("."):
            address = getattr(address, name)
        return super().get_attribute(instance), address

    def to_representation(self, value: tuple[Any, str | None]) -> Any:
        found, address = value
        user = self.context["request"].user
        return found if not address or user.has_perm(rights.SEE_PERSONAL_DATA) else _without(found, address)


def _without(found: Any, address: str) -> Any:
    if isinstance(found, dict):
        return {name: _without(item, address) for name, item in found.items()}
    if isinstance(found, list):
        return [_without(item, address) for item in found]
    return (
        re.sub(re.escape(address), partly_masked(address), found, flags=re.IGNORECASE)
        if isinstance(found, str)
        else found
    )


class WithdrawalSerializer(RowSerializer):
    asset = serializers.CharField(source="asset_id")
    uid = serializers.CharField(source="user.uid", allow_null=True)
    amount = AmountField()
    fee = AmountField()
    address = MaskedAddress()

    class Meta:
        model = Withdrawal
        fields = (
            "id", "status", "version", "asset", "amount", "fee", "address", "channel", "uid", "is_flagged", "reason",
            "source", "reference_id", "retry_of", "remote_id", "requested_at", "moved_at",
        )  # fmt: skip


class ApprovalSerializer(RowSerializer):
    class Meta:
        model = Approval
        fields = ("stage", "round", "approver", "version", "notes", "approved_at", "expires_at")


class AttemptSerializer(RowSerializer):
    evidence = MaskedEvidence(address="withdrawal.address")

    class Meta:
        model = WithdrawalAttempt
        fields = (
            "number",
            "round",
            "started_at",
            "result",
            "remote_id",
            "reason",
            "answered_at",
            "evidence",
            "closed_at",
        )


class WithdrawalDetailSerializer(WithdrawalSerializer):
    findings = MaskedEvidence(address="address", help_text="What risk found, rule by rule.")
    approvals = ApprovalSerializer(many=True)
    attempts = AttemptSerializer(many=True, source="tries")

    class Meta:
        model = Withdrawal
        fields = (*WithdrawalSerializer.Meta.fields, "digest", "forwarding_txid", "findings", "approvals", "attempts")


class LogSerializer(RowSerializer):
    details = MaskedEvidence(address="withdrawal.address")
    findings = MaskedEvidence(address="withdrawal.address")

    class Meta:
        model = WithdrawalLog
        fields = (
            "id", "at", "action", "status", "version", "actor_kind", "actor_id", "actor_label", "reason", "findings",
            "details",
        )  # fmt: skip


class Asking(StrictSerializer):
    uid = TextField(max_length=255)
    asset = TextField(max_length=10)
    amount = AmountField()
    address = TextField(max_length=255, required=False)
    reference_id = TextField(max_length=255, required=False, default="")


class Approving(StrictSerializer):
    version = WholeNumberField(min_value=1)
    otp = TextField(max_length=12, required=False, default="")
    notes = TextField(max_length=1000, required=False, default="", allow_blank=True)


class Rejecting(StrictSerializer):
    reason = TextField(max_length=1000)
    version = WholeNumberField(min_value=1, required=False)


class Cancelling(StrictSerializer):
    reason = TextField(max_length=1000, required=False, default="", allow_blank=True)


class Resolving(StrictSerializer):
    """The same words by a second person carry it out."""

    resolution = serializers.ChoiceField(choices=sorted(RESOLUTIONS))
    reason = TextField(max_length=1000)
    remote_id = TextField(max_length=255, required=False, default="")
    otp = TextField(max_length=12, required=False, default="")


class Forwarding(StrictSerializer):
    """With `txid` it is recorded; with `version`, and by another person, confirmed."""

    txid = TextField(max_length=255, required=False)
    version = WholeNumberField(min_value=1, required=False)
    otp = TextField(max_length=12, required=False, default="")

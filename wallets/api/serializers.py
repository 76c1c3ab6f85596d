"""How balances and transfers are shown to staff."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from aeghash.core.api.fields import AmountField
from aeghash.core.api.serializers import RowSerializer
from aeghash.core.audit.masking import partly_masked_email
from aeghash.core.models import User
from aeghash.core.rights import SEE_PERSONAL_DATA
from wallets.models import Balance, Transfer


class HolderSerializer(serializers.Serializer[User]):
    id = serializers.IntegerField()
    uid = serializers.CharField(allow_null=True)
    email = serializers.SerializerMethodField(help_text="Masked for those who may not see personal data.")

    def get_email(self, user: User) -> str:
        request: Request = self.context["request"]
        return user.email if request.user.has_perm(SEE_PERSONAL_DATA) else partly_masked_email(user.email)


class BalanceSerializer(RowSerializer):
    member = HolderSerializer(source="user")
    amount = AmountField()
    locked_amount = AmountField()
    available_amount = AmountField()

    class Meta:
        model = Balance
        fields = ("id", "member", "asset", "amount", "locked_amount", "available_amount", "updated_at")


class SideSerializer(serializers.Serializer[Any]):
    """A member's balance, or one of the company's accounts."""

    balance = serializers.IntegerField(allow_null=True)
    member = HolderSerializer(allow_null=True)
    system = serializers.CharField(allow_null=True)


class TransferSerializer(RowSerializer):
    amount = AmountField()
    source = serializers.SerializerMethodField()  # type: ignore[assignment]  # a field's own word, and the transfer's
    target = serializers.SerializerMethodField()

    class Meta:
        model = Transfer
        fields = ("id", "kind", "reference", "asset", "amount", "source", "target", "resolves", "at")

    @extend_schema_field(SideSerializer)
    def get_source(self, row: Transfer) -> dict[str, Any]:
        return self.side(row.source, row.source_system)

    @extend_schema_field(SideSerializer)
    def get_target(self, row: Transfer) -> dict[str, Any]:
        return self.side(row.target, row.target_system)

    def side(self, balance: Balance | None, system: str | None) -> dict[str, Any]:
        member = balance.user if balance else None
        shown = {"balance": balance.pk if balance else None, "member": member, "system": system}
        return dict(SideSerializer(shown, context=self.context).data)

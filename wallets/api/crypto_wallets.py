"""/api/v1/wallets/: issued, looked at, and told to move what they hold, which takes two people."""

from typing import Any
from uuid import UUID

from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.api.fields import AmountField, InstantField, TextField
from aeghash.core.api.filters import FilterSet
from aeghash.core.api.serializers import RowSerializer, StrictSerializer, given
from aeghash.core.api.views import ApiView, DetailView, ListView
from aeghash.core.errors import NotFound
from aeghash.core.models import Proposal, User
from aeghash.core.money import format_amount
from aeghash.core.rights import CONFIGURE_WALLETS, ISSUE_WALLETS, TRANSFER_TOKENS
from wallets.clients.mblock.live_balances import LiveBalance, live_balances
from wallets.models import CryptoWallet, WalletState
from wallets.operations.issue_wallet import issue_wallet
from wallets.operations.move_tokens import propose_transfer, propose_transit
from wallets.operations.refresh_wallet_key import refresh_wallet_key


class WalletSerializer(RowSerializer):
    member = serializers.CharField(source="user.uid", allow_null=True, default=None)

    class Meta:
        model = CryptoWallet
        fields = ("id", "member", "label", "address", "state", "key_since", "frozen_reason", "created_at")


class WalletFilter(FilterSet):
    state = ChoiceFilter(choices=WalletState.choices)
    member = CharFilter(field_name="user__uid", max_length=255)
    address = CharFilter(max_length=42)


class Issuing(StrictSerializer):
    """Of a member, by the member's number; without one it is the company's."""

    member = TextField(max_length=255, required=False)
    label = TextField(max_length=60, required=False)  # type: ignore[assignment]  # every field has a label of its own


class Moving(StrictSerializer):
    asset = TextField(max_length=10)
    to = TextField(max_length=42)
    amount = AmountField()
    reason = TextField(max_length=1000)


class ProposedSerializer(RowSerializer):
    """What waits for a second person."""

    class Meta:
        model = Proposal
        fields = ("id", "kind", "content", "digest", "reason", "status", "proposed_at", "expires_at")


class LiveBalanceSerializer(serializers.Serializer[LiveBalance]):
    asset = serializers.CharField()
    amount = AmountField()
    read_at = InstantField()


def wallets() -> Any:
    return CryptoWallet.objects.select_related("user")


class WalletList(ListView):
    """The wallets that MBlock keeps for members and for the company."""

    rights = {"GET": (ISSUE_WALLETS,), "POST": (ISSUE_WALLETS,)}
    queryset = wallets()
    page_by = "address"  # its primary key tells no order
    serializer_class = WalletSerializer
    filterset_class = WalletFilter

    @extend_schema(operation_id="wallets_issue", request=Issuing, responses={201: WalletSerializer})
    def post(self, request: Request) -> Response:
        """A new address at MBlock. 409 `wallet_exists` if the member has one, 503 `mblock_unavailable`."""
        values = given(Issuing, request)
        wallet = issue_wallet(user=member_of(values), label=values.get("label", ""))
        return Response(WalletSerializer(wallet).data, status=201)


class WalletDetail(DetailView):
    """One wallet. Its key is shown to nobody."""

    rights = {"GET": (ISSUE_WALLETS,)}
    queryset = wallets()
    lookup_url_kwarg = "wallet_id"
    serializer_class = WalletSerializer


class WalletBalance(ApiView):
    """What the chain says it holds, now: each token, and BNB. 503 `mblock_unavailable`."""

    rights = {"GET": (ISSUE_WALLETS,)}

    @extend_schema(operation_id="wallets_balance", responses=LiveBalanceSerializer(many=True))
    def get(self, request: Request, wallet_id: UUID) -> Response:
        return Response([LiveBalanceSerializer(each).data for each in live_balances(found_wallet(wallet_id))])


class TransferTokens(ApiView):
    """Asks for a transfer; nothing is sent until another person has agreed. 409 `wallet_not_active`."""

    rights = {"POST": (TRANSFER_TOKENS,)}

    @extend_schema(operation_id="wallets_transfer", request=Moving, responses={202: ProposedSerializer})
    def post(self, request: Request, wallet_id: UUID) -> Response:
        return Response(
            ProposedSerializer(propose_transfer(**moving(request, wallet_id, self.caller))).data, status=202
        )


class TransitTokens(ApiView):
    """The same as a transit: the fee wallet pays the gas, and MBlock calls back."""

    rights = {"POST": (TRANSFER_TOKENS,)}

    @extend_schema(operation_id="wallets_transit", request=Moving, responses={202: ProposedSerializer})
    def post(self, request: Request, wallet_id: UUID) -> Response:
        return Response(ProposedSerializer(propose_transit(**moving(request, wallet_id, self.caller))).data, status=202)


class RefreshKey(ApiView):
    """A new key at once. 409 `wallet_frozen` if MBlock's answer was lost: then nobody knows the key that works."""

    rights = {"POST": (CONFIGURE_WALLETS,)}

    @extend_schema(operation_id="wallets_refresh_key", request=None, responses=WalletSerializer)
    def post(self, request: Request, wallet_id: UUID) -> Response:
        given(StrictSerializer, request)
        return Response(WalletSerializer(refresh_wallet_key(wallet_id=wallet_id)).data)


def member_of(values: dict[str, Any]) -> User | None:
    if "member" not in values:
        return None
    user = User.objects.filter(uid=values["member"]).first()
    if user is None:
        raise NotFound
    return user


def found_wallet(wallet_id: UUID) -> CryptoWallet:
    wallet = CryptoWallet.objects.filter(pk=wallet_id).first()
    if wallet is None:
        raise NotFound
    return wallet


def moving(request: Request, wallet_id: UUID, by: User) -> dict[str, Any]:
    values = given(Moving, request)
    return {**values, "amount": format_amount(values["amount"], 0), "wallet_id": str(wallet_id), "by": by}

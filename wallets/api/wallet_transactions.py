"""/api/v1/wallets/transactions/: what left the wallets, and what people settle of it; and how transits are carried out."""

from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.api.fields import AmountField, TextField, WholeNumberField
from aeghash.core.api.filters import FilterSet, InstantFilter
from aeghash.core.api.serializers import RowSerializer, StrictSerializer, given
from aeghash.core.api.views import ApiView, DetailView, ListView
from aeghash.core.rights import CONFIGURE_WALLETS, ISSUE_WALLETS, RESOLVE_WITHDRAWALS, TRANSFER_TOKENS
from wallets.api.crypto_wallets import ProposedSerializer
from wallets.clients.mblock import client
from wallets.models import TransactionKind, TransactionStatus, TransitConfig, WalletTransaction
from wallets.operations.check_transaction import check_transaction
from wallets.operations.move_tokens import propose_again
from wallets.operations.resolve_manual_review import propose_as_not_sent, propose_as_sent
from wallets.operations.set_transit_config import reset_transit_config, set_transit_config


class TransactionSerializer(RowSerializer):
    from_address = serializers.CharField(source="wallet.address")
    amount = AmountField()

    class Meta:
        model = WalletTransaction
        fields = (
            "id", "kind", "origin", "wallet", "from_address", "to_address", "asset", "amount", "status", "attempts",
            "txid", "reason", "evidence", "retry_of", "created_at", "updated_at", "finished_at",
        )  # fmt: skip


class TransactionFilter(FilterSet):
    status = ChoiceFilter(choices=TransactionStatus.choices)
    kind = ChoiceFilter(choices=TransactionKind.choices)
    txid = CharFilter(max_length=200)
    to_address = CharFilter(max_length=42)
    created_since = InstantFilter(field_name="created_at", lookup_expr="gte")
    created_before = InstantFilter(field_name="created_at", lookup_expr="lt")


class Saying(StrictSerializer):
    reason = TextField(max_length=1000)


class Settling(StrictSerializer):
    """With a `txid` it was sent; without one, it was not."""

    txid = TextField(max_length=200, required=False)
    reason = TextField(max_length=1000)


class Configuring(StrictSerializer):
    fee = AmountField(required=False)
    delay = WholeNumberField(min_value=1, max_value=3600)
    count = WholeNumberField(min_value=1, max_value=1000)


class ConfigSerializer(RowSerializer):
    fee = AmountField(allow_null=True)

    class Meta:
        model = TransitConfig
        fields = ("fee", "delay", "count", "is_stored", "changed_at")


STORED = inline_serializer(
    "StoredTransitConfig",
    {
        "fee": serializers.CharField(),
        "delay": serializers.CharField(),
        "count": serializers.CharField(),
        "has_fee_wallet": serializers.BooleanField(),
        "has_callback": serializers.BooleanField(),
    },
)


class TransactionList(ListView):
    """Token transfers and transits, of staff and of payouts."""

    rights = {"GET": (ISSUE_WALLETS,)}
    queryset = WalletTransaction.objects.select_related("wallet")
    serializer_class = TransactionSerializer
    filterset_class = TransactionFilter


class TransactionDetail(DetailView):
    """One token transfer or transit."""

    rights = {"GET": (ISSUE_WALLETS,)}
    queryset = WalletTransaction.objects.select_related("wallet")
    lookup_url_kwarg = "transaction_id"
    serializer_class = TransactionSerializer


class CheckReceipt(ApiView):
    """Looks on the chain now. Nothing but a receipt that is ours moves it on."""

    rights = {"POST": (ISSUE_WALLETS,)}

    @extend_schema(operation_id="wallets_check_receipt", request=None, responses=TransactionSerializer)
    def post(self, request: Request, transaction_id: int) -> Response:
        given(StrictSerializer, request)
        return Response(TransactionSerializer(check_transaction(transaction_id=transaction_id)).data)


class AskAgain(ApiView):
    """Asks for a failed one anew, in its place; another person must agree. 409 `invalid_state` for any other."""

    rights = {"POST": (TRANSFER_TOKENS,)}

    @extend_schema(operation_id="wallets_ask_again", request=Saying, responses={202: ProposedSerializer})
    def post(self, request: Request, transaction_id: int) -> Response:
        reason = given(Saying, request)["reason"]
        proposal = propose_again(transaction_id=transaction_id, reason=reason, by=self.caller)
        return Response(ProposedSerializer(proposal).data, status=202)


class ResolveReview(ApiView):
    """Proposes how a manual review is settled; another person must agree. 409 `receipt_differs`, `invalid_state`."""

    rights = {"POST": (RESOLVE_WITHDRAWALS,)}

    @extend_schema(operation_id="wallets_resolve", request=Settling, responses={202: ProposedSerializer})
    def post(self, request: Request, transaction_id: int) -> Response:
        said = given(Settling, request)
        known = {"transaction_id": transaction_id, "reason": said["reason"], "by": self.caller}
        proposal = propose_as_sent(txid=said["txid"], **known) if "txid" in said else propose_as_not_sent(**known)
        return Response(ProposedSerializer(proposal).data, status=202)


class Config(ApiView):
    """How transits are carried out."""

    rights = {"GET": (ISSUE_WALLETS,), "PUT": (CONFIGURE_WALLETS,), "DELETE": (CONFIGURE_WALLETS,)}

    @extend_schema(operation_id="wallets_transit_config", responses=ConfigSerializer)
    def get(self, request: Request) -> Response:
        return Response(ConfigSerializer(TransitConfig.objects.get()).data)

    @extend_schema(operation_id="wallets_set_transit_config", request=Configuring, responses=ConfigSerializer)
    def put(self, request: Request) -> Response:
        """Here and at MBlock; fee wallet and callback come from the environment."""
        values = given(Configuring, request)
        return Response(ConfigSerializer(set_transit_config(**{"fee": None, **values})).data)

    @extend_schema(operation_id="wallets_reset_transit_config", responses=ConfigSerializer)
    def delete(self, request: Request) -> Response:
        """MBlock forgets what it has stored, and the usual figures hold again. 503 `mblock_unavailable`."""
        given(StrictSerializer, request)
        return Response(ConfigSerializer(reset_transit_config()).data)


class StoredConfig(ApiView):
    """What MBlock has stored, read now; of secrets, only that they are there. 503 `mblock_unavailable`."""

    rights = {"GET": (ISSUE_WALLETS,)}

    @extend_schema(operation_id="wallets_stored_transit_config", responses=STORED)
    def get(self, request: Request) -> Response:
        stored = client.transit_config()
        numbers = {"fee": stored.fee, "delay": stored.delay, "count": stored.count}
        has = {"has_fee_wallet": stored.has_fee_wallet, "has_callback": bool(stored.callback.reveal())}
        return Response(numbers | has)

"""/api/v1/withdrawals/: requests for payouts, and what staff decide about them."""

from typing import Any

from django.db.models import QuerySet
from django_filters import BooleanFilter, CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.api.filters import FilterSet, InstantFilter
from aeghash.core.api.serializers import StrictSerializer, given
from aeghash.core.api.views import ApiView, DetailView, ListView
from aeghash.core.errors import Invalid
from withdrawals.api.serializers import (
    Approving,
    Asking,
    Cancelling,
    Forwarding,
    LogSerializer,
    Rejecting,
    Resolving,
    WithdrawalDetailSerializer,
    WithdrawalSerializer,
)
from withdrawals.models import Channel, Status, Withdrawal, WithdrawalLog
from withdrawals.operations.approve_withdrawal import approve_withdrawal
from withdrawals.operations.file_withdrawal import file_withdrawal, take_back_withdrawal
from withdrawals.operations.forward_withdrawal import confirm_forwarding, record_forwarding
from withdrawals.operations.reject_withdrawal import reject_withdrawal
from withdrawals.operations.resolve_withdrawal import resolve_withdrawal
from withdrawals.operations.retry_withdrawal import retry_withdrawal
from withdrawals.operations.step import WithdrawalNotFound
from withdrawals.rights import APPROVE, CONFIRM, FILE, RECORD, REJECT, RESOLVE, VIEW

ROWS = Withdrawal.objects.select_related("user")


class WithdrawalFilter(FilterSet):
    status = ChoiceFilter(choices=Status.choices)
    asset = CharFilter(field_name="asset_id", max_length=10)
    channel = ChoiceFilter(choices=Channel.choices)
    uid = CharFilter(field_name="user__uid", max_length=255)
    is_flagged = BooleanFilter()
    requested_since = InstantFilter(field_name="requested_at", lookup_expr="gte")
    requested_before = InstantFilter(field_name="requested_at", lookup_expr="lt")


class WithdrawalView(ApiView):
    """Answers with the request as it stands after the act."""

    def answer(self, withdrawal: Withdrawal, status: int = 200) -> Response:
        row = ROWS.get(pk=withdrawal.pk)
        return Response(WithdrawalSerializer(row, context={"request": self.request}).data, status=status)


class WithdrawalList(ListView, WithdrawalView):
    """All requests for payouts."""

    rights = {"GET": (VIEW,), "POST": (FILE,)}
    queryset = ROWS
    serializer_class = WithdrawalSerializer
    filterset_class = WithdrawalFilter

    @extend_schema(request=Asking, responses={201: WithdrawalSerializer})
    def post(self, request: Request) -> Response:
        """Files a request for a member. 422 `risk_blocked` names the request that was cancelled; 409 `reference_used` the
        one that is under way or paid under the same `reference_id` already.
        """
        return self.answer(file_withdrawal(by=self.caller, **given(Asking, request)), 201)


class WithdrawalDetail(DetailView):
    """One request, with what risk found, its approvals and attempts."""

    rights = {"GET": (VIEW,)}
    queryset = ROWS.prefetch_related("approvals", "tries")
    lookup_url_kwarg = "withdrawal_id"
    serializer_class = WithdrawalDetailSerializer


class ApproveWithdrawal(WithdrawalView):
    """202 `approved_pending` for the first approval, 200 `approved` for the last one needed."""

    rights = {"POST": (APPROVE,)}

    @extend_schema(
        operation_id="withdrawals_approve",
        request=Approving,
        responses={200: WithdrawalSerializer, 202: WithdrawalSerializer},
    )
    def post(self, request: Request, withdrawal_id: int) -> Response:
        said = given(Approving, request)
        approved = approve_withdrawal(
            withdrawal_id=withdrawal_id, by=self.caller, version=said["version"], code=said["otp"], notes=said["notes"]
        )
        return self.answer(approved, 202 if approved.status == Status.APPROVED_PENDING else 200)


class RejectWithdrawal(WithdrawalView):
    """Not to be paid; the money is the member's to use again."""

    rights = {"POST": (REJECT,)}

    @extend_schema(operation_id="withdrawals_reject", request=Rejecting, responses=WithdrawalSerializer)
    def post(self, request: Request, withdrawal_id: int) -> Response:
        return self.answer(reject_withdrawal(withdrawal_id=withdrawal_id, by=self.caller, **given(Rejecting, request)))


class CancelWithdrawal(WithdrawalView):
    """Taken back for the member; again is no fault. 409 `invalid_state` once it is approved."""

    rights = {"POST": (FILE,)}

    @extend_schema(operation_id="withdrawals_cancel", request=Cancelling, responses=WithdrawalSerializer)
    def post(self, request: Request, withdrawal_id: int) -> Response:
        reason = given(Cancelling, request)["reason"]
        return self.answer(take_back_withdrawal(withdrawal_id=withdrawal_id, by=self.caller, reason=reason))


class RetryWithdrawal(WithdrawalView):
    """A new request for one that failed, which it names in `retry_of`."""

    rights = {"POST": (FILE,)}

    @extend_schema(operation_id="withdrawals_retry", request=None, responses={201: WithdrawalSerializer})
    def post(self, request: Request, withdrawal_id: int) -> Response:
        given(StrictSerializer, request)
        return self.answer(retry_withdrawal(withdrawal_id=withdrawal_id, by=self.caller), 201)


class ResolveWithdrawal(WithdrawalView):
    """Manual review: 202 for the first person's word, 200 when a second one says the same and it is carried out."""

    rights = {"POST": (RESOLVE,)}

    @extend_schema(
        operation_id="withdrawals_resolve",
        request=Resolving,
        responses={200: WithdrawalSerializer, 202: WithdrawalSerializer},
    )
    def post(self, request: Request, withdrawal_id: int) -> Response:
        said = given(Resolving, request)
        said["code"] = said.pop("otp")
        withdrawal, is_done = resolve_withdrawal(withdrawal_id=withdrawal_id, by=self.caller, **said)
        return self.answer(withdrawal, 200 if is_done else 202)


class ForwardWithdrawal(WithdrawalView):
    """With `txid`: 202, recorded. With `version`, by another person: 200, completed."""

    rights = {"POST": (RECORD, CONFIRM)}

    @extend_schema(
        operation_id="withdrawals_forward",
        request=Forwarding,
        responses={200: WithdrawalSerializer, 202: WithdrawalSerializer},
    )
    def post(self, request: Request, withdrawal_id: int) -> Response:
        said = given(Forwarding, request)
        if ("txid" in said) == ("version" in said):
            raise Invalid(field="txid", reason="Give either txid, to record, or version, to confirm.")
        if "txid" in said:
            return self.answer(record_forwarding(withdrawal_id=withdrawal_id, by=self.caller, txid=said["txid"]), 202)
        confirmed = confirm_forwarding(
            withdrawal_id=withdrawal_id, by=self.caller, version=said["version"], code=said["otp"]
        )
        return self.answer(confirmed)


class WithdrawalAudit(ListView):
    """Every step of one request, newest first."""

    rights = {"GET": (VIEW,)}
    queryset = WithdrawalLog.objects.none()
    serializer_class = LogSerializer

    def get_queryset(self) -> QuerySet[WithdrawalLog]:
        return WithdrawalLog.objects.select_related("withdrawal").filter(withdrawal=self.kwargs.get("withdrawal_id"))

    def get(self, request: Request, **_: Any) -> Response:
        if not Withdrawal.objects.filter(pk=self.kwargs["withdrawal_id"]).exists():
            raise WithdrawalNotFound
        return self.list(request)

"""What moves at the pool, and members' hash power."""

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.actors import acting_as, person
from aeghash.core.api.fields import LARGEST
from aeghash.core.api.filters import FilterSet
from aeghash.core.api.serializers import StrictSerializer, given
from aeghash.core.api.views import ApiView, DetailView, ListView
from aeghash.core.errors import NotFound
from aeghash.core.models import User
from aeghash.core.operations.propose import propose
from aeghash.core.rights import permission
from mining.api.facts import VIEW_MINING
from mining.api.serializers import (
    ChargeSerializer,
    GrantSerializer,
    NewGrant,
    NewOrder,
    PoolPayoutSerializer,
    ProposalSerializer,
    SwapSerializer,
)
from mining.models import Direction, Grant, MiningWithdrawal, OrderKind, PoolCharge, PoolSwap, Status
from mining.operations.credit_hash_power import STAFF, credit_hash_power
from mining.operations.order_power import ACTS, content_of
from mining.operations.reconcile_payouts import reconcile_payout

MANAGE_GRANTS = permission("manage_grants")
CHARGE_MINING = permission("charge_mining")
WORK = permission("work_jobs")

CHARGES = "Proposes to buy credit at the pool. 202 with the proposal: another person must agree."
SWAPS = "Proposes to turn credit into power. 202 with the proposal; 422 `insufficient_credit` for more than there is."
GRANTS = (
    "Gives or takes hash power. 404 `not_found` for an unknown member, 409 `insufficient_hash_power` for a debit of more"
    " than there is, 409 `event_conflict` for an event with another content."
)


class WithdrawalFilter(FilterSet):
    status = django_filters.ChoiceFilter(choices=Status.choices)
    coin = django_filters.CharFilter(max_length=10)


class WithdrawalList(ListView):
    """Every attempt at paying coins out."""

    rights = {"GET": (VIEW_MINING,)}
    queryset = MiningWithdrawal.objects.all()
    serializer_class = PoolPayoutSerializer
    filterset_class = WithdrawalFilter


class WithdrawalDetail(DetailView):
    """One attempt."""

    rights = {"GET": (VIEW_MINING,)}
    queryset = MiningWithdrawal.objects.all()
    lookup_url_kwarg = "payout_id"
    serializer_class = PoolPayoutSerializer


class ReconcileWithdrawal(ApiView):
    """Looks in the pool's history now. What it finds is in the answer; finding nothing changes nothing."""

    rights = {"POST": (WORK,)}

    @extend_schema(operation_id="mining_withdrawals_reconcile", request=None, responses=PoolPayoutSerializer)
    def post(self, request: Request, payout_id: int) -> Response:
        given(StrictSerializer, request)
        row = MiningWithdrawal.objects.filter(pk=payout_id).first()
        if row is None:
            raise NotFound
        with acting_as(person(self.caller)):
            reconcile_payout(row=row)
        row.refresh_from_db()
        return Response(PoolPayoutSerializer(row).data)


class Orders(ListView):
    kind: OrderKind

    def propose(self, request: Request) -> Response:
        values = given(NewOrder, request)
        content = content_of(self.kind, values["amount"])
        proposal = propose(act=ACTS[self.kind], content=content, by=self.caller, reason=values["reason"])
        return Response(ProposalSerializer(proposal).data, status=202)


class CreditCharges(Orders):
    """The pool's history of credit charges."""

    rights = {"GET": (VIEW_MINING,), "POST": (CHARGE_MINING,)}
    queryset = PoolCharge.objects.all()
    serializer_class = ChargeSerializer
    kind = OrderKind.CHARGE

    @extend_schema(
        operation_id="mining_credit_charges_propose",
        description=CHARGES,
        request=NewOrder,
        responses={202: ProposalSerializer},
    )
    def post(self, request: Request) -> Response:
        return self.propose(request)


class PowerSwaps(Orders):
    """The pool's history of power swaps."""

    rights = {"GET": (VIEW_MINING,), "POST": (CHARGE_MINING,)}
    queryset = PoolSwap.objects.all()
    serializer_class = SwapSerializer
    kind = OrderKind.SWAP

    @extend_schema(
        operation_id="mining_power_swaps_propose",
        description=SWAPS,
        request=NewOrder,
        responses={202: ProposalSerializer},
    )
    def post(self, request: Request) -> Response:
        return self.propose(request)


class GrantFilter(FilterSet):
    user = django_filters.NumberFilter(field_name="user_id", min_value=0, max_value=LARGEST)
    uid = django_filters.CharFilter(field_name="user__uid", max_length=255)
    direction = django_filters.ChoiceFilter(choices=Direction.choices)


class GrantList(ListView):
    """Hash power given and taken."""

    rights = {"GET": (VIEW_MINING,), "POST": (MANAGE_GRANTS,)}
    queryset = Grant.objects.select_related("user")
    serializer_class = GrantSerializer
    filterset_class = GrantFilter

    @extend_schema(
        operation_id="mining_grants_create", description=GRANTS, request=NewGrant, responses={201: GrantSerializer}
    )
    def post(self, request: Request) -> Response:
        values = given(NewGrant, request)
        user = User.objects.filter(uid=values.pop("uid")).first()
        if user is None:
            raise NotFound
        values["direction"] = Direction(values["direction"])
        with acting_as(person(self.caller)):
            grant = credit_hash_power(user=user, source=STAFF, **values)
        return Response(GrantSerializer(grant).data, status=201)

"""/api/aegmall/v1/: what partners call."""

from typing import Any, Final

from django.http import HttpResponse
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core import clock
from aeghash.core.api import pages
from aeghash.core.api.fields import day_of
from aeghash.core.api.filters import FilterSet
from aeghash.core.errors import Invalid
from bonus.models import BonusType, Entry, EntryState
from partners.api import answers, calls, serializers
from partners.api.signed import SignedView
from partners.queries.control_totals import control_totals
from partners.queries.owned import own_member, own_order, own_withdrawal
from partners.queries.shown import (
    address_document,
    balances,
    bonus_document,
    member_with_holdings,
    moment,
    order_document,
    withdrawal_document,
)
from withdrawals.models import PayoutAddress

MEMBERS, ORDERS, HASH_POWER, WITHDRAWALS = "members", "orders", "hashpower", "withdrawals"
TAG: Final = ["partners' API"]


class Ping(SignedView):
    """The signed test call: says who called, or what was hashed here if the signature isn't right."""

    scopes = {"POST": ""}
    diagnoses = True

    @extend_schema(operation_id="partner_ping", request=None, responses=answers.Pong, tags=TAG)
    def post(self, _request: Request) -> Response:
        now = moment(clock.now())
        return Response({"partner": self.partner.slug, "key_id": self.caller.key.key_id, "time": now})


class Members(SignedView):
    """A customer becomes a member, placed in both trees."""

    scopes = {"POST": "members:write"}

    @extend_schema(
        operation_id="partner_member_create",
        request=serializers.Bringing,
        responses={201: answers.MemberAnswer},
        tags=TAG,
        parameters=[answers.IDEMPOTENCY_KEY],
    )
    def post(self, _request: Request) -> HttpResponse:
        return self.answer(calls.MEMBERS)


class MemberView(SignedView):
    """A member, with its hash power and balances."""

    scopes = {"GET": "members:read"}

    @extend_schema(operation_id="partner_member", responses=answers.MemberWithHoldings, tags=TAG)
    def get(self, _request: Request, uid: str) -> Response:
        return Response(member_with_holdings(self.partner, own_member(self.partner, uid)))


class Balances(SignedView):
    """One row an asset."""

    scopes = {"GET": "members:read"}

    @extend_schema(operation_id="partner_member_balances", responses=answers.BalanceAnswer(many=True), tags=TAG)
    def get(self, _request: Request, uid: str) -> Response:
        return Response(balances(own_member(self.partner, uid)))


class BonusFilter(FilterSet):
    status = ChoiceFilter(choices=EntryState.choices)
    type = ChoiceFilter(choices=BonusType.choices)


class Bonuses(SignedView, GenericAPIView[Any]):
    """A member's bonuses, newest first."""

    scopes = {"GET": "members:read"}
    parameters = pages.PARAMETERS | {"status", "type"}
    filterset_class = BonusFilter
    queryset = Entry.objects.none()
    serializer_class = answers.BonusAnswer

    @extend_schema(operation_id="partner_member_bonuses", responses=answers.BonusAnswer(many=True), tags=TAG)
    def get(self, request: Request, uid: str) -> Response:
        entries = Entry.objects.filter(beneficiary=own_member(self.partner, uid)).select_related("order")
        chosen = BonusFilter(request.query_params, entries)
        if not chosen.is_valid():
            field = next(iter(chosen.errors))
            raise Invalid(field=field, reason="This is none that we know.")
        page = self.paginate_queryset(chosen.qs) or []
        return self.get_paginated_response([bonus_document(entry, self.partner) for entry in page])


class HashPower(SignedView):
    """Hash power that a member bought; an event counts once, for ever."""

    scopes = {"POST": "hashpower:write"}

    @extend_schema(
        operation_id="partner_hash_power",
        request=serializers.Crediting,
        responses={201: answers.GrantAnswer, 200: answers.GrantAnswer, 202: answers.ReviewAnswer},
        tags=TAG,
        parameters=[answers.IDEMPOTENCY_KEY],
    )
    def post(self, _request: Request) -> HttpResponse:
        return self.answer(calls.HASH_POWER)


class Orders(SignedView):
    """A paid order; an order counts once, for ever."""

    scopes = {"POST": "orders:write"}

    @extend_schema(
        operation_id="partner_order_create",
        request=serializers.Ordering,
        responses={201: answers.OrderTaken, 200: answers.OrderTaken, 202: answers.ReviewAnswer},
        tags=TAG,
        parameters=[answers.IDEMPOTENCY_KEY],
    )
    def post(self, _request: Request) -> HttpResponse:
        return self.answer(calls.ORDERS)


class OrderView(SignedView):
    """An order, and who has what of it."""

    scopes = {"GET": "orders:read"}

    @extend_schema(operation_id="partner_order", responses=answers.OrderAnswer, tags=TAG)
    def get(self, _request: Request, order_id: str) -> Response:
        return Response(order_document(self.partner, own_order(self.partner, order_id)))


class RefundView(SignedView):
    """Takes an order back, as a whole; again, it changes nothing."""

    scopes = {"POST": "orders:write"}

    @extend_schema(
        operation_id="partner_order_refund",
        request=serializers.Refunding,
        responses=answers.OrderRefunded,
        tags=TAG,
        parameters=[answers.IDEMPOTENCY_KEY],
    )
    def post(self, _request: Request, order_id: str) -> HttpResponse:
        return self.answer(calls.REFUNDS, order_id=order_id)


class Withdrawals(SignedView):
    """Asks for a member's payout; 422 `risk_blocked` has the id of the cancelled request."""

    scopes = {"POST": "withdrawals:write"}

    @extend_schema(
        operation_id="partner_withdrawal_create",
        request=serializers.Withdrawing,
        responses={201: answers.WithdrawalAnswer},
        tags=TAG,
        parameters=[answers.IDEMPOTENCY_KEY],
    )
    def post(self, _request: Request) -> HttpResponse:
        return self.answer(calls.WITHDRAWALS)


class WithdrawalView(SignedView):
    """A withdrawal, as it stands."""

    scopes = {"GET": "withdrawals:read"}

    @extend_schema(operation_id="partner_withdrawal", responses=answers.WithdrawalAnswer, tags=TAG)
    def get(self, _request: Request, withdrawal_id: int) -> Response:
        return Response(withdrawal_document(own_withdrawal(self.partner, withdrawal_id)))


class CancelWithdrawal(SignedView):
    """Takes a withdrawal back; 409 `invalid_state` once it is approved."""

    scopes = {"POST": "withdrawals:write"}

    @extend_schema(
        operation_id="partner_withdrawal_cancel",
        request=serializers.TakingBack,
        responses=answers.WithdrawalAnswer,
        tags=TAG,
        parameters=[answers.IDEMPOTENCY_KEY],
    )
    def post(self, _request: Request, withdrawal_id: int) -> HttpResponse:
        return self.answer(calls.CANCELLATIONS, withdrawal_id=str(withdrawal_id))


class Addresses(SignedView):
    """A member's payout addresses, the newest first, each with the time from which it can be used."""

    scopes = {"GET": "members:read", "POST": "members:write"}

    @extend_schema(operation_id="partner_addresses", responses=answers.AddressAnswer(many=True), tags=TAG)
    def get(self, _request: Request, uid: str) -> Response:
        member = own_member(self.partner, uid)
        found = PayoutAddress.objects.filter(user_id=member.pk).order_by("-pk")
        return Response([address_document(address) for address in found])

    @extend_schema(
        operation_id="partner_address_add",
        request=serializers.AddingAddress,
        responses={201: answers.AddressAnswer, 200: answers.AddressAnswer},
        tags=TAG,
        parameters=[answers.IDEMPOTENCY_KEY],
    )
    def post(self, _request: Request, uid: str) -> HttpResponse:
        """A new payout address, which can be used once its cooling time is over."""
        return self.answer(calls.ADDRESSES, uid=uid)


class Totals(SignedView):
    """What we have of one day (UTC; `?day=`, today): to be held against the mall's own books."""

    scopes = {"GET": "orders:read"}
    parameters = frozenset({"day"})

    @extend_schema(operation_id="partner_totals", responses=answers.TotalsAnswer, tags=TAG, parameters=[answers.DAY])
    def get(self, request: Request) -> Response:
        given = request.query_params.get("day")
        day = clock.today() if given is None else day_of(given)
        if day is None:
            raise Invalid(field="day", reason="This is not a day such as 2026-11-21.")
        return Response(control_totals(self.partner, day))


class Nowhere(SignedView):
    """Whatever else stands under our address: who isn't let in learns nothing of what is there."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound("There is no such address.")

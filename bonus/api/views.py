"""/api/v1/bonus/"""

from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.api.filters import FilterSet
from aeghash.core.api.paths import LARGEST_ID
from aeghash.core.api.serializers import given
from aeghash.core.api.views import ApiView, DetailView, ListView
from aeghash.core.errors import NotFound
from aeghash.core.money import format_amount
from aeghash.core.operations.propose import propose
from bonus.api import serializers as shown
from bonus.models import BonusType, Closing, ClosingMember, ClosingState, CreditState, Entry, EntryState, Rule
from bonus.operations.change_rules import CHANGE_RULES, new_version
from bonus.operations.draft_closing import draft_closing
from bonus.queries.canonical import differences
from bonus.queries.why import explanation
from bonus.rights import DRAFT_CLOSINGS, PROPOSE_RULES, VIEW_BONUS
from organization.api.histories import IdFilter
from organization.models import Order
from organization.queries.members import member_by_uid


class EntryFilter(FilterSet):
    order = IdFilter(min_value=1, max_value=LARGEST_ID)
    closing = IdFilter(min_value=1, max_value=LARGEST_ID)
    beneficiary_uid = CharFilter(field_name="beneficiary__user__uid", max_length=255)
    type = ChoiceFilter(choices=BonusType.choices)
    status = ChoiceFilter(choices=EntryState.choices)


class EntryList(ListView):
    """Bonuses, one a beneficiary and level."""

    rights = {"GET": (VIEW_BONUS,)}
    queryset = Entry.objects.select_related("beneficiary__user")
    serializer_class = shown.EntrySerializer
    filterset_class = EntryFilter


class RuleList(ListView):
    """Every version of the plan, with its lines."""

    rights = {"GET": (VIEW_BONUS,), "POST": (PROPOSE_RULES,)}
    queryset = Rule.objects.prefetch_related("lines")
    serializer_class = shown.RuleSerializer

    @extend_schema(
        operation_id="bonus_rules_propose", request=shown.NewRules, responses={202: shown.ProposedRulesSerializer}
    )
    def post(self, request: Request) -> Response:
        """Proposes another version of the plan, to which another person must agree. Paid orders keep theirs."""
        asked = given(shown.NewRules, request)
        lines = [{**line, "percentage": format_amount(line["percentage"], 0)} for line in asked["lines"]]
        content = new_version(
            lines=lines,
            valid_from=asked["valid_from"],
            valid_until=asked.get("valid_until"),
            reason=asked["reason"],
        )
        proposal = propose(act=CHANGE_RULES, content=content, by=self.caller, reason=asked["reason"])
        return Response(shown.ProposedRulesSerializer(proposal).data, status=202)


class ClosingFilter(FilterSet):
    status = ChoiceFilter(choices=ClosingState.choices)


class ClosingList(ListView):
    """Closings, the newest first."""

    rights = {"GET": (VIEW_BONUS,), "POST": (DRAFT_CLOSINGS,)}
    queryset = Closing.objects.all()
    serializer_class = shown.ClosingSerializer
    filterset_class = ClosingFilter

    @extend_schema(
        operation_id="bonus_closings_draft", request=shown.Drafting, responses={201: shown.ClosingSerializer}
    )
    def post(self, request: Request) -> Response:
        """Counts what the last period comes to. Nothing is paid before two people have confirmed it."""
        closing = draft_closing(as_of=given(shown.Drafting, request).get("as_of"))
        return Response(shown.ClosingSerializer(closing).data, status=201)


class ClosingDetail(DetailView):
    """One closing."""

    rights = {"GET": (VIEW_BONUS,)}
    queryset = Closing.objects.all()
    lookup_url_kwarg = "closing_id"
    serializer_class = shown.ClosingSerializer


class CreditFilter(FilterSet):
    status = ChoiceFilter(choices=CreditState.choices)


class CreditList(ListView):
    """What a closing came to, member by member."""

    rights = {"GET": (VIEW_BONUS,)}
    queryset = ClosingMember.objects.select_related("member__user")
    serializer_class = shown.CreditSerializer
    filterset_class = CreditFilter

    def get(self, request: Request, **_: object) -> Response:
        self.queryset = self.queryset.filter(closing=self.kwargs.get("closing_id"))
        return self.list(request)


class Verification(ApiView):
    """Whether a closed period still is what it was; what differs, entry by entry."""

    rights = {"GET": (VIEW_BONUS,)}

    @extend_schema(operation_id="bonus_closings_verify", responses=shown.VerificationSerializer)
    def get(self, request: Request, closing_id: int) -> Response:
        found = {"closing": closing_id, "differences": differences(closing_id)}
        return Response(shown.VerificationSerializer(found).data)


class Why(ApiView):
    """Why an order's bonuses went where they went; with `uid`, why that member was paid, or wasn't."""

    rights = {"GET": (VIEW_BONUS,)}

    def known_parameters(self) -> frozenset[str]:
        return frozenset({"uid"})

    @extend_schema(
        operation_id="bonus_orders_why",
        parameters=[OpenApiParameter("uid", str, description="A member's number.")],
        responses=shown.WhySerializer,
    )
    def get(self, request: Request, order_id: int) -> Response:
        order = Order.objects.filter(pk=order_id).select_related("buyer").first()
        uid = request.query_params.get("uid")
        found = explanation(order=order, member=member_by_uid(uid) if uid is not None else None) if order else None
        if found is None:
            raise NotFound
        return Response(shown.WhySerializer(found, context={"request": request}).data)

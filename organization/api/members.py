"""/api/v1/organization/members/"""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django_filters import BooleanFilter, CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.api.fields import TextField
from aeghash.core.api.filters import FilterSet
from aeghash.core.api.serializers import RowSerializer, StrictSerializer, given
from aeghash.core.api.views import DetailView, ListView
from organization.api.shown import email_for, may_see_all, uid_for
from organization.models import Member, Node, Rank, Side
from organization.operations.join_member import join_member
from organization.queries.found_members import LONGEST, found_members
from organization.queries.members import member_by_uid
from organization.rights import PLACE_MEMBERS, VIEW_ORGANIZATION

ROWS = Member.objects.select_related("user", "sponsor__user").prefetch_related(
    Prefetch("nodes", Node.objects.select_related("parent__member__user"))
)


class PlaceSerializer(serializers.Serializer[Any]):
    tree = serializers.CharField()
    node = serializers.IntegerField(help_text="What `nodes/{id}/tree/` and `nodes/{id}/kpi/` take.")
    parent_uid = serializers.CharField(allow_null=True)
    depth = serializers.IntegerField()
    side = serializers.ChoiceField(Side.choices, allow_null=True)
    asked_side = serializers.ChoiceField(Side.choices, allow_null=True)
    spilled_over = serializers.BooleanField(help_text="Not directly under the sponsor.")


class MemberSerializer(RowSerializer):
    """E-mails, and member numbers that are e-mails, are masked for those who may not see personal data."""

    id = serializers.IntegerField(source="pk")
    uid = serializers.SerializerMethodField()
    email = serializers.SerializerMethodField()
    name = serializers.CharField(source="user.name")
    sponsor_uid = serializers.SerializerMethodField()
    places = serializers.SerializerMethodField()

    class Meta:
        model = Member
        fields = (
            "id", "uid", "email", "name", "referral_code", "sponsor_uid", "rank", "is_center", "is_active", "places",
            "created_at",
        )  # fmt: skip

    @property
    def caller(self) -> Any:
        return self.context["request"].user

    def get_uid(self, row: Member) -> str | None:
        return uid_for(self.caller, row.user.uid)

    def get_email(self, row: Member) -> str:
        return email_for(self.caller, row.user.email)

    def get_sponsor_uid(self, row: Member) -> str | None:
        return uid_for(self.caller, row.sponsor.user.uid) if row.sponsor else None

    @extend_schema_field(PlaceSerializer(many=True))
    def get_places(self, row: Member) -> list[dict[str, Any]]:
        nodes = sorted(row.nodes.all(), key=lambda node: node.tree)
        return [place(self.caller, row, node) for node in nodes]


def place(caller: Any, member: Member, node: Node) -> dict[str, Any]:
    parent = node.parent.member if node.parent else None
    return {
        "tree": node.tree,
        "node": node.pk,
        "parent_uid": uid_for(caller, parent.user.uid) if parent else None,
        "depth": node.depth,
        "side": node.side,
        "asked_side": node.asked_side,
        "spilled_over": parent is not None and parent.pk != member.sponsor_id,
    }


class MemberFilter(FilterSet):
    search = CharFilter(
        method="found",
        max_length=LONGEST,
        help_text="The beginning of a member number, a code or an e-mail; of a name any part.",
    )
    rank = ChoiceFilter(choices=Rank.choices)
    is_center = BooleanFilter()
    is_active = BooleanFilter()

    def found(self, rows: QuerySet[Member], _name: str, text: str) -> QuerySet[Member]:
        return found_members(rows, text, in_full=may_see_all(self.request.user))


class Joining(StrictSerializer):
    uid = TextField(max_length=255)
    email = TextField(max_length=254, required=False, allow_blank=True, default="")
    name = TextField(max_length=150, required=False, allow_blank=True, default="")
    sponsor_uid = TextField(max_length=255)
    side = serializers.ChoiceField(Side.choices, required=False, allow_null=True, default=None)


class MemberList(ListView):
    """Members, newest first. Without the right to see personal data, an e-mail or a number is found by the whole of it."""

    rights = {"GET": (VIEW_ORGANIZATION,), "POST": (PLACE_MEMBERS,)}
    queryset = ROWS
    serializer_class = MemberSerializer
    filterset_class = MemberFilter

    @extend_schema(operation_id="organization_members_join", request=Joining, responses={201: MemberSerializer})
    def post(self, request: Request) -> Response:
        """A new member joins under a sponsor and gets a place in both trees.

        409 `member_exists` for a number that is taken, 404 `member_not_found` for a sponsor nobody knows.
        """
        values = given(Joining, request)
        sponsor = member_by_uid(values["sponsor_uid"])
        member = join_member(
            uid=values["uid"], email=values["email"] or None, name=values["name"], sponsor=sponsor, side=values["side"]
        )
        return Response(MemberSerializer(ROWS.get(pk=member.pk), context={"request": request}).data, status=201)


class MemberDetail(DetailView):
    """One member, with the places in both trees."""

    rights = {"GET": (VIEW_ORGANIZATION,)}
    queryset = ROWS
    lookup_url_kwarg = "member_id"
    serializer_class = MemberSerializer

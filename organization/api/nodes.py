"""/api/v1/organization/nodes/{id}/: a part of a tree, and the figures of one place in it."""

import re
from typing import Any, Final

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.api.fields import AmountField, InstantField
from aeghash.core.api.paths import LARGEST_ID
from aeghash.core.api.views import ApiView
from aeghash.core.money import format_amount
from organization.api.shown import uid_for, with_uids_for
from organization.models import Node, Rank, Side, Tree
from organization.queries.kpis import MOST_DAYS, Figures, counted_until, daily_figures, kpis
from organization.queries.tree_part import MOST_LEVELS, VOLUMES, TreePart, tree_part
from organization.rights import VIEW_ORGANIZATION

DIGITS: Final = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
ROWS: Final = Node.objects.select_related("member__user")


class NodeName(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    member = serializers.IntegerField()
    uid = serializers.CharField(allow_null=True)
    name = serializers.CharField()


class Below(serializers.Serializer[Any]):
    children = serializers.IntegerField()
    left = serializers.IntegerField()
    right = serializers.IntegerField()
    all = serializers.IntegerField()
    is_exact = serializers.BooleanField(help_text="If not, there are at least so many: the tree is too large to count.")


class TreeNode(NodeName):
    parent = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]  # the framework's own word too
    side = serializers.ChoiceField(Side.choices, allow_null=True)
    depth = serializers.IntegerField()
    referral_code = serializers.CharField()
    rank = serializers.ChoiceField(Rank.choices)
    is_center = serializers.BooleanField()
    is_active = serializers.BooleanField()
    personal_volume = AmountField()
    group_volume = AmountField()
    volume_left = AmountField()
    volume_right = AmountField()
    below = Below()


class TreeSerializer(serializers.Serializer[Any]):
    tree = serializers.ChoiceField(Tree.choices)
    root = serializers.IntegerField()  # type: ignore[assignment]
    depth = serializers.IntegerField(help_text="How many levels below the root were asked for.")
    days = serializers.IntegerField(help_text="The volumes are those of the last so many days.")
    cut_by_depth = serializers.BooleanField(help_text="Members stand below the last level shown.")
    cut_by_count = serializers.BooleanField(
        help_text="There was no room for all: ask for the nodes whose children are fewer here than `below.children`."
    )
    above = NodeName(many=True, help_text="The way up to the top, from the top down; at most 30.")
    nodes = TreeNode(many=True, help_text="Level by level; left before right, then by age.")


class FiguresSerializer(serializers.Serializer[Any]):
    """Volumes in PV; new members are those below."""

    personal_volume = AmountField()
    group_volume = AmountField()
    volume_left = AmountField()
    volume_right = AmountField()
    orders_count = serializers.IntegerField()
    new_members = serializers.IntegerField()
    new_left = serializers.IntegerField()
    new_right = serializers.IntegerField()


class DaySerializer(FiguresSerializer):
    day = serializers.DateField()


class KpiSerializer(FiguresSerializer):
    node = serializers.IntegerField()
    uid = serializers.CharField(allow_null=True)
    rank = serializers.ChoiceField(Rank.choices)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    spillovers = serializers.IntegerField(help_text="Members this one sponsored whose place is further down.")
    rank_mix = serializers.DictField(child=serializers.IntegerField(), help_text="How many below hold each rank now.")
    counted_until = InstantField(allow_null=True, help_text="When the figures were last brought up to date.")
    days = DaySerializer(many=True, help_text="A row a day, oldest first; the company's days, which begin in Seoul.")


def shown_figures(figures: Figures) -> dict[str, Any]:
    return {
        "personal_volume": figures.personal,
        "group_volume": figures.group,
        "volume_left": figures.left,
        "volume_right": figures.right,
        "orders_count": figures.orders,
        "new_members": figures.new_members,
        "new_left": figures.new_left,
        "new_right": figures.new_right,
    }


def parameter(name: str, most: int, default: int | None, description: str) -> OpenApiParameter:
    schema = {"type": "integer", "minimum": 1, "maximum": most} | ({"default": default} if default else {})
    return OpenApiParameter(name, schema, description=description)


def number(request: Request, name: str, most: int, default: int | None = None) -> Any:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not DIGITS.fullmatch(text) or int(text) > most:
        raise ValidationError({name: [f"This is not a whole number from 1 to {most}."]})
    return int(text)


class TreeView(ApiView):
    """A node and so many levels below it: at most 5,000 nodes, at most 100 children of one; `after` gives the next ones.

    The answer says what was cut off, and how many stand below each node.
    """

    rights = {"GET": (VIEW_ORGANIZATION,)}

    def known_parameters(self) -> frozenset[str]:
        return frozenset({"depth", "days", "after"})

    @extend_schema(
        operation_id="organization_nodes_tree",
        responses=TreeSerializer,
        parameters=[
            parameter("depth", MOST_LEVELS, 3, "How many levels below the node."),
            parameter("days", MOST_DAYS, 30, "Over how many days the volumes are added up."),
            parameter("after", LARGEST_ID, None, "Only the node's children behind this one, and what is below them."),
        ],
    )
    def get(self, request: Request, node_id: int) -> Response:
        root = get_object_or_404(ROWS, pk=node_id)
        levels, days = number(request, "depth", MOST_LEVELS, 3), number(request, "days", MOST_DAYS, 30)
        part = tree_part(root=root, levels=levels, days=days, after=number(request, "after", LARGEST_ID))
        return Response(self.shown(part, days))

    def shown(self, part: TreePart, days: int) -> dict[str, Any]:
        """By hand: a serializer would take longer for five thousand rows than all the rest."""
        for row in part.nodes:
            row.update({name: format_amount(row[name], 0) for name in VOLUMES})
            row["below"] = vars(row["below"])
        return {
            "tree": part.root.tree,
            "root": part.root.pk,
            "depth": part.levels,
            "days": days,
            "cut_by_depth": part.is_cut_by_depth,
            "cut_by_count": part.is_cut_by_count,
            "above": with_uids_for(self.caller, part.above),
            "nodes": with_uids_for(self.caller, part.nodes),
        }


class KpiView(ApiView):
    """The volumes of one member: sums, and each day's."""

    rights = {"GET": (VIEW_ORGANIZATION,)}

    def known_parameters(self) -> frozenset[str]:
        return frozenset({"days"})

    @extend_schema(
        operation_id="organization_nodes_kpi",
        responses=KpiSerializer,
        parameters=[parameter("days", MOST_DAYS, 7, "How many days, today's included.")],
    )
    def get(self, request: Request, node_id: int) -> Response:
        node = get_object_or_404(ROWS, pk=node_id)
        days = number(request, "days", MOST_DAYS, 7)
        found = kpis(member=node.member, days=days)
        shown = {
            "node": node.pk,
            "uid": uid_for(self.caller, node.member.user.uid),
            "rank": node.member.rank,
            "first_day": found.first_day,
            "last_day": found.last_day,
            "spillovers": found.spillovers,
            "rank_mix": found.rank_mix,
            "counted_until": counted_until(),
            "days": [
                {"day": day, **shown_figures(figures)}
                for day, figures in daily_figures(member=node.member, days=days).items()
            ],
            **shown_figures(found.figures),
        }
        return Response(KpiSerializer(shown).data)

"""The tree viewer: a page of its own where other screens have their list."""

import json
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aeghash.core.admin.kit.screens import Screen
from aeghash.core.admin.page import page
from organization.admin.areas import ORGANIZATION
from organization.admin.why_here import why_here
from organization.models import Node, Rank, RankCause, Tree
from organization.rights import VIEW_ORGANIZATION

# In this order: each needs those before it.
D3: Final = (
    "selection",
    "dispatch",
    "timer",
    "ease",
    "color",
    "interpolate",
    "drag",
    "transition",
    "zoom",
    "hierarchy",
)
SPANS: Final = (7, 30, 90)
USUAL_SPAN: Final = 30
LONGEST_ID: Final = 18


def tree_url(node: Node | int) -> str:
    return f"{reverse('admin:organization_node_changelist')}?node={node if isinstance(node, int) else node.pk}"


@admin.register(Node)
class TreeScreen(Screen[Node]):
    area = ORGANIZATION
    place = 20
    may_view = VIEW_ORGANIZATION

    def label(self) -> str:
        return _("Tree viewer")

    @method_decorator(require_safe)
    def list_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        node = asked_for(request, "node") or Node.objects.filter(tree=Tree.BINARY, parent=None).first()
        context: dict[str, Any] = {
            "node": node,
            "select": select.pk if (select := asked_for(request, "select")) else "",
            "scripts": [f"organization/d3/d3-{name}.min.js" for name in D3],
            "words": json.dumps(words(), ensure_ascii=False),
            "addresses": json.dumps(addresses()),
            "ranks": Rank.values,
            "shown_days": span_asked_for(request),
            "spans": [(days, ngettext("%(count)s day", "%(count)s days", days) % {"count": days}) for days in SPANS],
        }
        return page(request, "admin/organization/tree.html", self.label(), **context)

    def more_urls(self) -> list[URLPattern]:
        return [path("<int:node_id>/why/", self.admin_site.private(self.why_view), name=f"{self.name}_why")]  # type: ignore[attr-defined]

    @method_decorator(require_safe)
    def why_view(self, request: HttpRequest, node_id: int) -> JsonResponse:
        """The sentences of the member's page, for the panel."""
        node = self.found(request, str(node_id))
        return JsonResponse({"why": [str(sentence) for sentence in why_here(node.member, node)]})

    @method_decorator(require_safe)
    def detail_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A place's page is the tree that begins there."""
        return HttpResponseRedirect(tree_url(self.found(request, object_id)))


def asked_for(request: HttpRequest, name: str) -> Node | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    node = (
        Node.objects.filter(pk=int(text)).first()
        if text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID
        else None
    )
    if node is None:
        raise Http404
    return node


def span_asked_for(request: HttpRequest) -> int:
    return next((days for days in SPANS if str(days) == request.GET.get("days")), USUAL_SPAN)


def addresses() -> dict[str, str]:
    api = "/api/v1/organization"
    return {
        "nodes": f"{api}/nodes/",
        "members": f"{api}/members/",
        "ranks": f"{api}/rank-changes/",
        "member": reverse("admin:organization_member_change", args=[0]),
        "why": reverse("admin:organization_node_why", args=[0]),
    }


def words() -> dict[str, Any]:
    """What the scripts say; %s is a number they put in."""
    return {
        "language": get_language(),
        "left": _("Left"),
        "right": _("Right"),
        "open_left": _("Left is free"),
        "open_right": _("Right is free"),
        "personal": _("Own"),
        "group": _("Group"),
        "below": _("Below"),
        "people": _("%s people"),
        "center": _("Center"),
        "inactive": _("Inactive"),
        "uid": _("Member number"),
        "code": _("Referral code"),
        "depth": _("Depth"),
        "personal_volume": _("Personal volume"),
        "group_volume": _("Group volume"),
        "volume_left": _("Left volume"),
        "volume_right": _("Right volume"),
        "orders": _("Orders"),
        "new_members": _("New members"),
        "spillovers": _("Spillovers"),
        "chart": _("Volumes per day"),
        RankCause.RULE.value: str(RankCause.RULE.label),
        RankCause.BY_HAND.value: str(RankCause.BY_HAND.label),
        "more": _("Show more (%s not shown yet)"),
        "nobody_found": _("Nobody found"),
        "too_many": _("More can't be shown at once: begin further down."),
        "all_shown": _("%s members, everybody below."),
        "all_cut": _("%s members; what is further down is opened card by card."),
        "failed": _("This can't be shown right now. Please try again shortly."),
    }

"""/api/v1/organization/"""

from django.urls import path

from organization.api import histories, members, nodes

urlpatterns = [
    path("members/", members.MemberList.as_view()),
    path("members/<id:member_id>/", members.MemberDetail.as_view()),
    path("nodes/<id:node_id>/tree/", nodes.TreeView.as_view(), name="organization-tree"),
    path("nodes/<id:node_id>/kpi/", nodes.KpiView.as_view()),
    path("orders/", histories.OrderList.as_view()),
    path("spillovers/", histories.SpilloverList.as_view()),
    path("rank-changes/", histories.RankChangeList.as_view()),
]

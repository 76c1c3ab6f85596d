"""/api/aegmall/: without slashes at the ends, as the contract has it."""

from django.urls import path

from partners.api import schema, views

__all__ = ["schema", "urlpatterns"]  # the first makes itself known by being imported

urlpatterns = [
    path("v1/ping", views.Ping.as_view()),
    path("v1/totals", views.Totals.as_view()),
    path("v1/members", views.Members.as_view()),
    path("v1/members/<path:uid>/balances", views.Balances.as_view()),
    path("v1/members/<path:uid>/bonuses", views.Bonuses.as_view()),
    path("v1/members/<path:uid>/addresses", views.Addresses.as_view()),
    path("v1/members/<path:uid>", views.MemberView.as_view()),
    path("v1/hashpower", views.HashPower.as_view()),
    path("v1/orders", views.Orders.as_view()),
    path("v1/orders/<path:order_id>/refund", views.RefundView.as_view()),
    path("v1/orders/<path:order_id>", views.OrderView.as_view()),
    path("v1/withdrawals", views.Withdrawals.as_view()),
    path("v1/withdrawals/<id:withdrawal_id>", views.WithdrawalView.as_view()),
    path("v1/withdrawals/<id:withdrawal_id>/cancel", views.CancelWithdrawal.as_view()),
    path("<path:anything>", views.Nowhere.as_view()),
]

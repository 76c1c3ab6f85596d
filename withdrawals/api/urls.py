"""/api/v1/withdrawals/"""

from django.urls import path

from withdrawals.api import views

urlpatterns = [
    path("", views.WithdrawalList.as_view()),
    path("<id:withdrawal_id>/", views.WithdrawalDetail.as_view()),
    path("<id:withdrawal_id>/approve/", views.ApproveWithdrawal.as_view()),
    path("<id:withdrawal_id>/reject/", views.RejectWithdrawal.as_view()),
    path("<id:withdrawal_id>/cancel/", views.CancelWithdrawal.as_view()),
    path("<id:withdrawal_id>/retry/", views.RetryWithdrawal.as_view()),
    path("<id:withdrawal_id>/resolve/", views.ResolveWithdrawal.as_view()),
    path("<id:withdrawal_id>/forward/", views.ForwardWithdrawal.as_view()),
    path("<id:withdrawal_id>/audit/", views.WithdrawalAudit.as_view()),
]

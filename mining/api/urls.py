"""/api/v1/mining/."""

from django.urls import path

from mining.api import facts, moves

urlpatterns = [
    path("hash-balance/", facts.HashBalanceList.as_view()),
    path("hash-rates/", facts.HashRateList.as_view()),
    path("profits/", facts.ProfitList.as_view()),
    path("assets/", facts.AssetList.as_view()),
    path("withdrawals/", moves.WithdrawalList.as_view()),
    path("withdrawals/<id:payout_id>/", moves.WithdrawalDetail.as_view()),
    path("withdrawals/<id:payout_id>/reconcile/", moves.ReconcileWithdrawal.as_view()),
    path("credit-charges/", moves.CreditCharges.as_view()),
    path("power-swaps/", moves.PowerSwaps.as_view()),
    path("grants/", moves.GrantList.as_view()),
]

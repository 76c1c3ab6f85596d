"""/api/v1/, the wallets' part of it."""

from django.urls import path

from wallets.api import ledger

urlpatterns = [
    path("balances/", ledger.BalanceList.as_view()),
    path("transfers/", ledger.TransferList.as_view()),
    path("transfers/<id:transfer_id>/", ledger.TransferDetail.as_view()),
]

"""/api/v1/wallets/"""

from django.urls import path

from wallets.api import crypto_wallets as wallets
from wallets.api import wallet_transactions as transactions

urlpatterns = [
    path("wallets/", wallets.WalletList.as_view()),
    path("wallets/transactions/", transactions.TransactionList.as_view()),
    path("wallets/transactions/<id:transaction_id>/", transactions.TransactionDetail.as_view()),
    path("wallets/transactions/<id:transaction_id>/check/", transactions.CheckReceipt.as_view()),
    path("wallets/transactions/<id:transaction_id>/retry/", transactions.AskAgain.as_view()),
    path("wallets/transactions/<id:transaction_id>/resolve/", transactions.ResolveReview.as_view()),
    path("wallets/transit-config/", transactions.Config.as_view()),
    path("wallets/transit-config/stored/", transactions.StoredConfig.as_view()),
    path("wallets/<uuid:wallet_id>/", wallets.WalletDetail.as_view()),
    path("wallets/<uuid:wallet_id>/balance/", wallets.WalletBalance.as_view()),
    path("wallets/<uuid:wallet_id>/transfer/", wallets.TransferTokens.as_view()),
    path("wallets/<uuid:wallet_id>/transit/", wallets.TransitTokens.as_view()),
    path("wallets/<uuid:wallet_id>/refresh-key/", wallets.RefreshKey.as_view()),
]

from django.contrib import admin
from django.urls import include, path

from aeghash.core import health
from aeghash.core.api.schema import DocsView, SchemaView
from partners.api.legacy import legacy
from wallets.api.callback import callback

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("admin/", admin.site.urls),
    path("api/schema/", SchemaView.as_view(), name="api-schema"),
    path("api/docs/", DocsView.as_view()),
    path("api/v1/", include("aeghash.core.api.urls")),
    path("api/v1/risk/", include("risk.api.urls")),
    path("api/v1/", include("wallets.api.crypto_urls")),
    path("api/mblock/callback/<str:secret>/", callback),
    path("api/v1/", include("wallets.api.urls")),
    path("api/v1/mining/", include("mining.api.urls")),
    path("api/v1/organization/", include("organization.api.urls")),
    path("api/v1/bonus/", include("bonus.api.urls")),
    path("api/v1/withdrawals/", include("withdrawals.api.urls")),
    path("api/v1/partners/", include("partners.api.staff_urls")),
    path("api/aegmall/", include("partners.api.urls")),
    path("api/from/", legacy),
]

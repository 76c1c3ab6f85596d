from django.contrib import admin
from django.urls import include, path

from aeghash.core import health
from aeghash.core.api.schema import DocsView, SchemaView

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("admin/", admin.site.urls),
    path("api/schema/", SchemaView.as_view(), name="api-schema"),
    path("api/docs/", DocsView.as_view()),
    path("api/v1/", include("aeghash.core.api.urls")),
    path("api/v1/organization/", include("organization.api.urls")),
]

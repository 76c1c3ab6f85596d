"""/api/v1/, the ground's part of it."""

from django.urls import path, register_converter

from aeghash.core.api import alerts, audit, jobs, users
from aeghash.core.api.paths import IdConverter

register_converter(IdConverter, "id")

urlpatterns = [
    path("users/me/", users.MeView.as_view()),
    path("jobs/", jobs.JobList.as_view()),
    path("jobs/<id:job_id>/", jobs.JobDetail.as_view()),
    path("jobs/<id:job_id>/retry/", jobs.RetryJob.as_view()),
    path("jobs/<id:job_id>/give-up/", jobs.GiveUpJob.as_view()),
    path("alerts/", alerts.AlertList.as_view()),
    path("alerts/<id:alert_id>/", alerts.AlertDetail.as_view()),
    path("alerts/<id:alert_id>/acknowledge/", alerts.AcknowledgeAlert.as_view()),
    path("audit/", audit.AuditList.as_view()),
]

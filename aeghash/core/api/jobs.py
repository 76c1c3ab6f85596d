"""/api/v1/jobs/: the durable jobs, and what people do with those that failed."""

from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.api.fields import TextField
from aeghash.core.api.filters import FilterSet, InstantFilter
from aeghash.core.api.serializers import RowSerializer, StrictSerializer, given
from aeghash.core.api.views import ApiView, DetailView, ListView
from aeghash.core.models import Job, JobState
from aeghash.core.operations.give_up_job import give_up_job
from aeghash.core.operations.retry_job import retry_job
from aeghash.core.rights import VIEW_JOBS, WORK_JOBS


class JobSerializer(RowSerializer):
    class Meta:
        model = Job
        fields = (
            "id", "kind", "arguments", "state", "attempts", "most_attempts", "due_at", "lease_until", "last_error",
            "schedule", "occurrence_at", "created_at", "finished_at",
        )  # fmt: skip


class JobFilter(FilterSet):
    state = ChoiceFilter(choices=JobState.choices)
    kind = CharFilter(max_length=100)
    created_since = InstantFilter(field_name="created_at", lookup_expr="gte")
    created_before = InstantFilter(field_name="created_at", lookup_expr="lt")


class GivingUp(StrictSerializer):
    reason = TextField(max_length=1000)


class JobList(ListView):
    """All durable jobs that are still remembered."""

    rights = {"GET": (VIEW_JOBS,)}
    queryset = Job.objects.all()
    serializer_class = JobSerializer
    filterset_class = JobFilter


class JobDetail(DetailView):
    """One durable job."""

    rights = {"GET": (VIEW_JOBS,)}
    queryset = Job.objects.all()
    lookup_url_kwarg = "job_id"
    serializer_class = JobSerializer


class RetryJob(ApiView):
    """Due now, with as many attempts as before. 409 `invalid_state` for a job that is done or running."""

    rights = {"POST": (WORK_JOBS,)}

    @extend_schema(operation_id="jobs_retry", request=None, responses=JobSerializer)
    def post(self, request: Request, job_id: int) -> Response:
        given(StrictSerializer, request)
        return Response(JobSerializer(retry_job(job_id=job_id, by=self.caller)).data)


class GiveUpJob(ApiView):
    """Not tried again unless somebody retries it. 409 `invalid_state` for a job that is running or over."""

    rights = {"POST": (WORK_JOBS,)}

    @extend_schema(operation_id="jobs_give_up", request=GivingUp, responses=JobSerializer)
    def post(self, request: Request, job_id: int) -> Response:
        reason = given(GivingUp, request)["reason"]
        return Response(JobSerializer(give_up_job(job_id=job_id, by=self.caller, reason=reason)).data)

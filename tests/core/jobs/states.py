"""What tests ask of a job."""

from aeghash.core.models import Job


def state_of(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state

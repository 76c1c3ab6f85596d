"""What the `api/` rooms of all apps are made from, and the ground's own part of the API.

A view says who may call it, what it takes, and which operation it stands for; everything else holds for all of them:

    class GivingUp(StrictSerializer):
        reason = TextField(max_length=1000)

    class GiveUpJob(ApiView):
        rights = {"POST": (WORK_JOBS,)}

        @extend_schema(operation_id="jobs_give_up", request=GivingUp, responses=JobSerializer)
        def post(self, request: Request, job_id: int) -> Response:
            reason = given(GivingUp, request)["reason"]
            return Response(JobSerializer(give_up_job(job_id=job_id, by=self.caller, reason=reason)).data)

Its docstring is its description in the schema. Its address takes ids as `<id:job_id>`, and its line in
`tests/security/tables/` says who gets what.
"""

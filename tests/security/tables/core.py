"""Of the core: its pages, its part of the API, and what answers without anybody."""

from collections.abc import Callable
from typing import Any, Final

from aeghash.core import clock, ids
from aeghash.core.models import AuditRow, KillSwitch, Proposal, Schedule, User
from tests.api.test_alerts import make_alert
from tests.api.test_jobs import make_job

TABLE: Final = """
                                                         anon none   oper fina supp sysa
GET  healthz                                             200  200   200  200  200  200
GET  readyz                                              200  200   200  200  200  200
GET  metrics                                             403  200   200  200  200  200

GET  admin/                                              302  200   200  200  200  200
GET  admin/login/                                        200  302   302  302  302  302
GET  admin/login/code/                                   302  302   302  302  302  302
GET  admin/login/authenticator/                          302  302   302  302  302  302
GET  admin/logout/                                       405  405   405  405  405  405
GET  admin/preferences/                                  405  405   405  405  405  405
GET  admin/me/authenticator/                             302  200   200  200  200  200
GET  admin/me/log-ins/                                   302  200   200  200  200  200
GET  admin/me/password/                                  302  200   200  200  200  200
GET  admin/me/recovery-codes/                            302  200   200  200  200  200
GET  admin/me/tokens/                                    302  200   200  200  200  200
GET  admin/core/alert/                                   302  403   200  200  200  200
GET  admin/core/alert/<path:object_id>/                  302  403   200  200  200  200
GET  admin/core/alert/act/<slug:name>/                   302  403   302  302  403  302
GET  admin/core/alert/export/<slug:kind>/                302  405   405  405  405  405
GET  admin/core/auditrow/                                302  403   200  200  200  200
GET  admin/core/auditrow/<path:object_id>/               302  403   200  200  404  200
GET  admin/core/auditrow/act/<slug:name>/                302  404   404  404  404  404
GET  admin/core/auditrow/export/<slug:kind>/             302  405   405  405  405  405
GET  admin/core/auditrow/verify/                         302  405   405  405  405  405
GET  admin/core/job/                                     302  403   200  200  200  200
GET  admin/core/job/<path:object_id>/                    302  403   200  200  200  200
GET  admin/core/job/act/<slug:name>/                     302  403   302  302  403  302
GET  admin/core/job/export/<slug:kind>/                  302  405   405  405  405  405
GET  admin/core/killswitch/                              302  302   302  302  302  302
GET  admin/core/killswitch/<path:object_id>/             302  403   200  200  200  200
GET  admin/core/killswitch/act/<slug:name>/              302  403   302  302  403  302
GET  admin/core/killswitch/export/<slug:kind>/           302  405   405  405  405  405
GET  admin/core/proposal/                                302  200   200  200  200  200
GET  admin/core/proposal/<path:object_id>/               302  404   404  404  404  200
GET  admin/core/proposal/act/<slug:name>/                302  302   302  302  302  302
GET  admin/core/proposal/export/<slug:kind>/             302  405   405  405  405  405
GET  admin/core/schedule/                                302  403   200  200  200  200
GET  admin/core/schedule/<path:object_id>/               302  403   200  200  200  200
GET  admin/core/schedule/act/<slug:name>/                302  403   403  403  403  302
GET  admin/core/schedule/export/<slug:kind>/             302  405   405  405  405  405
GET  admin/core/user/                                    302  403   403  403  403  200
GET  admin/core/user/<path:object_id>/                   302  403   403  403  403  200
GET  admin/core/user/act/<slug:name>/                    302  403   403  403  403  302
GET  admin/core/user/export/<slug:kind>/                 302  405   405  405  405  405
GET  admin/core/user/new/                                302  403   403  403  403  200
GET  admin/<url>                                         302  404   404  404  404  404

GET  api/schema/                                         401  200   200  200  200  200
GET  api/docs/                                           401  200   200  200  200  200

GET  api/v1/users/me/                                    401  200   200  200  200  200
GET  api/v1/jobs/                                        401  403   200  200  200  200
GET  api/v1/jobs/<id:job_id>/                            401  403   200  200  200  200
POST api/v1/jobs/<id:job_id>/retry/                      401  403   200  200  403  200
POST api/v1/jobs/<id:job_id>/give-up/                    401  403   200  200  403  200
GET  api/v1/alerts/                                      401  403   200  200  200  200
GET  api/v1/alerts/<id:alert_id>/                        401  403   200  200  200  200
POST api/v1/alerts/<id:alert_id>/acknowledge/            401  403   200  200  403  200
GET  api/v1/audit/                                       401  403   200  200  200  200
"""


def make_proposal() -> Proposal:
    user = User.objects.latest("pk")
    content = {"email": user.email, "groups": [], "is_active": True}
    return Proposal.objects.create(
        kind="roles.change", content=content, digest="x", reason="y", proposed_by=user, expires_at=clock.now()
    )


SAMPLES: Final[dict[str, Callable[[], Any]]] = {
    "admin/<url>": lambda: "nothing",
    "export/<slug:kind>": lambda: "csv",
    "admin/core/alert/act/<slug:name>": lambda: "acknowledge",
    "admin/core/alert/<path:object_id>": lambda: make_alert(ids.request_id()).pk,
    "admin/core/auditrow/act/<slug:name>": lambda: "nothing",
    "admin/core/auditrow/<path:object_id>": lambda: AuditRow.objects.latest("pk").pk,
    "admin/core/job/act/<slug:name>": lambda: "retry",
    "admin/core/job/<path:object_id>": lambda: make_job(kind="core.purge_jobs").pk,
    "admin/core/killswitch/act/<slug:name>": lambda: "engage",
    "admin/core/killswitch/<path:object_id>": lambda: KillSwitch.objects.get().pk,
    "admin/core/proposal/act/<slug:name>": lambda: "approve",
    "admin/core/proposal/<path:object_id>": lambda: make_proposal().pk,
    "admin/core/schedule/act/<slug:name>": lambda: "change",
    "admin/core/schedule/<path:object_id>": lambda: Schedule.objects.earliest("pk").pk,
    "admin/core/user/act/<slug:name>": lambda: "roles",
    "admin/core/user/<path:object_id>": lambda: User.objects.latest("pk").pk,
    "jobs/<id:job_id>": lambda: make_job(kind="core.purge_jobs").pk,
    "alerts/<id:alert_id>": lambda: make_alert(ids.request_id()).pk,
}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "POST api/v1/jobs/<id:job_id>/give-up/": {"reason": "not needed any more"},
}

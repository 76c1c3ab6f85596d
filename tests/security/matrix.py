"""Who gets what from every address of the product.

A line an address and method, a column a caller: nobody logged in; staff without any group; staff in one group. The figures
are the statuses they get, calling from outside of the trusted networks. An address that isn't here fails the build: add
its lines where it belongs, with what each caller *should* get.

What an address takes in its path comes from `SAMPLES`, by that piece of the address; what a body must hold, from `BODIES`.
"""

from collections.abc import Callable
from typing import Any, Final

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType

from aeghash.core import ids
from tests.api.test_alerts import make_alert
from tests.api.test_jobs import make_job

CALLERS: Final = ("anonymous", "no_group", "operations", "finance", "support", "sysadmin")

TABLE: Final = """
                                                         anon none   oper fina supp sysa
GET  healthz                                             200  200   200  200  200  200
GET  readyz                                              200  200   200  200  200  200
GET  metrics                                             403  200   200  200  200  200

GET  admin/                                              302  200   200  200  200  200
GET  admin/<app_label>/                                  302  404   404  404  404  404
GET  admin/<url>                                         302  404   404  404  404  404
GET  admin/auth/group/                                   302  403   403  403  403  403
GET  admin/auth/group/<path:object_id>/                  302  302   302  302  302  302
GET  admin/auth/group/<path:object_id>/change/           302  403   403  403  403  403
GET  admin/auth/group/<path:object_id>/delete/           302  403   403  403  403  403
GET  admin/auth/group/<path:object_id>/history/          302  403   403  403  403  403
GET  admin/auth/group/add/                               302  403   403  403  403  403
GET  admin/autocomplete/                                 302  403   403  403  403  403
GET  admin/jsi18n/                                       302  200   200  200  200  200
GET  admin/login/                                        200  302   302  302  302  302
GET  admin/logout/                                       302  405   405  405  405  405
GET  admin/password_change/                              302  200   200  200  200  200
GET  admin/password_change/done/                         302  200   200  200  200  200
GET  admin/r/<path:content_type_id>/<path:object_id>/    302  404   404  404  404  404

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

SAMPLES: Final[dict[str, Callable[[], Any]]] = {
    "admin/<app_label>": lambda: "auth",
    "admin/<url>": lambda: "nothing",
    "admin/auth/group/<path:object_id>": lambda: Group.objects.earliest("pk").pk,
    "admin/r/<path:content_type_id>/<path:object_id>": lambda: f"{ContentType.objects.get_for_model(Group).pk}/1",
    "jobs/<id:job_id>": lambda: make_job(kind="core.purge_jobs").pk,
    "alerts/<id:alert_id>": lambda: make_alert(ids.request_id()).pk,
}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "POST api/v1/jobs/<id:job_id>/give-up/": {"reason": "not needed any more"},
}

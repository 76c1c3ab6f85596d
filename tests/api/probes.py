"""Views of the tests' own, under /api/probe/: each does one thing that real ones do, or must survive."""

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.api.fields import AmountField, DayField, InstantField, TextField, WholeNumberField, YesNoField
from aeghash.core.api.filters import FilterSet, InstantFilter
from aeghash.core.api.permissions import ANY_STAFF
from aeghash.core.api.serializers import RowSerializer, StrictSerializer, given
from aeghash.core.api.views import ApiView, DetailView, ListView
from aeghash.core.errors import Conflict, Invalid, Refusal, TemporarilyUnavailable
from aeghash.core.models import Heartbeat, User
from aeghash.core.money import Sign

SECRET = "canary-7f31"


class Inner(StrictSerializer):
    amount = AmountField(places=2)


class Order(StrictSerializer):
    amount = AmountField(places=6)
    fee = AmountField(places=6, sign=Sign.NOT_NEGATIVE, required=False)
    label = TextField(max_length=20, required=False)  # type: ignore[assignment]  # fields have a label themselves
    count = WholeNumberField(required=False)
    urgent = YesNoField(required=False)
    at = InstantField(required=False)
    day = DayField(required=False)
    items = Inner(many=True, required=False)


class Echo(ApiView):
    rights = {"GET": ANY_STAFF, "POST": ANY_STAFF}

    def get(self, _request: Request) -> Response:
        return Response({"said": str(_("Operations"))})

    def post(self, request: Request) -> Response:
        values = given(Order, request)
        return Response(Order(values).data)


class Nothing(ApiView):
    """Takes no fields."""

    rights = {"POST": ANY_STAFF}

    def post(self, request: Request) -> Response:
        given(StrictSerializer, request)
        return Response({})


class Forgotten(ApiView):
    """Its author has named no right."""

    def get(self, _request: Request) -> Response:
        raise AssertionError("nobody may come here")


def refuse() -> None:
    raise Conflict


class KeptAnyway(Refusal):
    code = "kept_anyway"
    sentence = "It is kept as %(id)s, and refused."
    members = ("id", "manual")


def refuse_and_keep() -> None:
    raise KeptAnyway(id=7, manual=False, secret=SECRET)


def refuse_value() -> None:
    raise Invalid(field="asset", reason="is not known.", reason_code="unknown_asset")


def wait_for_a_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '20ms'")
        cursor.execute("SELECT pg_sleep(1)")


def lose_the_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def write_wrong_sql() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT '{SECRET}' FROM no_such_table")


def write_twice() -> None:
    User.objects.create(email="twice@example.com")
    User.objects.create(email="twice@example.com")


def fail() -> None:
    password = SECRET
    raise RuntimeError(f"could not connect with {password}")


def raising(exception: Exception) -> Any:
    def raise_it() -> None:
        raise exception

    return raise_it


FAULTS = {
    "refusal": refuse,
    "kept": refuse_and_keep,
    "value": refuse_value,
    "away": raising(TemporarilyUnavailable()),
    "no_row": lambda: Heartbeat.objects.get(pk=1),
    "time_out": wait_for_a_lock,
    "lost_connection": lose_the_connection,
    "sql": write_wrong_sql,
    "duplicate": write_twice,
    "bug": fail,
    "http404": raising(Http404(SECRET)),
    "forbidden": raising(PermissionDenied(SECRET)),
    "suspicious": raising(SuspiciousOperation(SECRET)),
}


class Faulty(ApiView):
    rights = {"GET": ANY_STAFF}

    def get(self, _request: Request, fault: str) -> Response:
        FAULTS[fault]()
        return Response({})


@csrf_exempt
def plain(_request: HttpRequest, fault: str) -> HttpResponse:
    FAULTS[fault]()
    return HttpResponse()


def guarded(_request: HttpRequest) -> HttpResponse:
    raise AssertionError("without a CSRF token nobody comes here")


def page_of_an_error(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<h1>{SECRET}</h1>", status=418)


class HeartbeatSerializer(RowSerializer):
    class Meta:
        model = Heartbeat
        fields = ("id", "name", "beaten_at")


class HeartbeatFilter(FilterSet):
    since = InstantFilter(field_name="beaten_at", lookup_expr="gte")


class Heartbeats(ListView):
    rights = {"GET": ANY_STAFF}
    queryset = Heartbeat.objects.all()
    serializer_class = HeartbeatSerializer
    filterset_class = HeartbeatFilter


class OneHeartbeat(DetailView):
    rights = {"GET": ANY_STAFF}
    queryset = Heartbeat.objects.all()
    serializer_class = HeartbeatSerializer


urlpatterns = [
    path("", include("aeghash.urls")),
    path("api/probe/echo/", Echo.as_view()),
    path("api/probe/nothing/", Nothing.as_view()),
    path("api/probe/forgotten/", Forgotten.as_view()),
    path("api/probe/faults/<slug:fault>/", Faulty.as_view()),
    path("api/probe/plain/<slug:fault>/", plain),
    path("api/probe/guarded/", guarded),
    path("api/probe/page/", page_of_an_error),
    path("api/probe/heartbeats/", Heartbeats.as_view()),
    path("api/probe/heartbeats/<id:pk>/", OneHeartbeat.as_view()),
]

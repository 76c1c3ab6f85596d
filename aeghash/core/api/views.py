"""What every view of the API is made from."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import generics, mixins
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from aeghash.core.api import pages
from aeghash.core.api.filters import FilterSet, check_query
from aeghash.core.api.throttles import Allowance, count_failure
from aeghash.core.models import User


class ApiView(APIView):
    """Says in `rights` who may use which method; takes no query parameters but those it names."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    rights: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    allowance: Allowance | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        check_query(request, self.known_parameters())

    def known_parameters(self) -> frozenset[str]:
        return frozenset()

    @property
    def caller(self) -> User:
        assert isinstance(self.request.user, User), "the permissions let nobody else in"
        return self.request.user

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, NotAuthenticated | AuthenticationFailed):
            try:
                count_failure(self.request)
            except Throttled as throttled:
                exc = throttled
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        if self.allowance:
            self.allowance.tell(final)
        return final


class ListView(mixins.ListModelMixin, generics.GenericAPIView[Any], ApiView):
    """Rows in pages, newest first, filtered by what its `filterset_class` names."""

    filterset_class: ClassVar[type[FilterSet] | None] = None

    def known_parameters(self) -> frozenset[str]:
        return pages.PARAMETERS.union(self.filterset_class.base_filters if self.filterset_class else ())

    def get(self, request: Request) -> Response:
        return self.list(request)


class DetailView(mixins.RetrieveModelMixin, generics.GenericAPIView[Any], ApiView):
    """One row, by the id in its address."""

    def get(self, request: Request, **_: Any) -> Response:
        return self.retrieve(request)

"""Who may call what."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from aeghash.core.sources import is_trusted

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module

ANY_STAFF: Final[tuple[str, ...]] = ()


class HasRight(BasePermission):
    """The view names, method by method, the rights of which one is needed: `rights = {"GET": (VIEW_JOBS,)}`.

    What it doesn't name, nobody may: a right that was forgotten closes the door.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.user.is_staff:
            return False
        rights: Mapping[str, tuple[str, ...]] = getattr(view, "rights", {})
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in rights:
            raise MethodNotAllowed(method)
        return rights[method] == ANY_STAFF or any(map(request.user.has_perm, rights[method]))


class TrustedOrStaff(BasePermission):
    def has_permission(self, request: Request, view: "APIView") -> bool:
        return is_trusted(request._request) or request.user.is_staff

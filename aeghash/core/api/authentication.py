"""Who calls: staff, by a bearer token or by the cookie of their log-in."""

from typing import Final

from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from aeghash.core.models import User
from aeghash.core.operations.authenticate_token import authenticate_token
from aeghash.core.second_factor import is_shown

SCHEME: Final = "bearer"


class BearerAuthentication(authentication.BaseAuthentication):
    """First of the two, so that a bad token is refused even where a good cookie comes along."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME:
            return None
        user = authenticate_token(token.strip())
        if user is None:
            raise AuthenticationFailed("This token is not valid, or not any more.")
        return user, None

    def authenticate_header(self, _request: Request) -> str:
        return 'Bearer realm="AEG Hash"'


class SessionAuthentication(authentication.SessionAuthentication):
    """A log-in counts once its second factor was shown. What changes anything needs the page's CSRF token too."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        found: tuple[User, None] | None = super().authenticate(request)
        if found and not is_shown(request._request):
            raise PermissionDenied("This log-in has not shown its second factor.")
        return found

    def enforce_csrf(self, request: Request) -> None:
        """On the plain request: the framework's own would read the body, before anybody knows who sends it."""
        super().enforce_csrf(request._request)  # type: ignore[arg-type]

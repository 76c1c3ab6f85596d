"""Whose bearer token is this."""

from datetime import timedelta
from typing import Final

from aeghash.core import clock
from aeghash.core.models import ApiToken, User
from aeghash.core.operations.issue_api_token import digest_of

USE_NOTED_EVERY: Final = timedelta(minutes=1)


def authenticate_token(text: str) -> User | None:
    """The user, if the token lives and its owner may still log in. Notes its use, once a minute at most.

    The look-up is by digest, so its time tells nothing about a token.
    """
    token = ApiToken.objects.select_related("user").filter(digest=digest_of(text)).first()
    if token is None or not token.is_live or not (token.user.is_active and token.user.is_admin):
        return None
    now = clock.now()
    if token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.user

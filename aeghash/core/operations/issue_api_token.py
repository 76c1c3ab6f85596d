"""Give a person a bearer token for the API."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction

from aeghash.core import clock
from aeghash.core.errors import NotAllowed
from aeghash.core.models import ApiToken, User
from aeghash.core.models.tokens import LASTS
from aeghash.core.operations.record import record

PREFIX = "aeg"


@transaction.atomic
def issue_api_token(*, user: User, lasts: timedelta = LASTS) -> str:
    """The token's text, which is shown this once. Refuses somebody who may not log in."""
    if not (user.is_active and user.is_admin):
        raise NotAllowed
    public_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    text = f"{PREFIX}_{public_id}_{secret}"
    now = clock.now()
    token = ApiToken.objects.create(
        user=user, public_id=public_id, digest=digest_of(text), created_at=now, expires_at=now + lasts
    )
    record("api_token.issued", of=token, after={"user": user.email, "expires_at": token.expires_at})
    return text


def digest_of(text: str) -> str:
    """Plain SHA-256: the secret has 256 random bits, so there is nothing to stretch."""
    return hashlib.sha256(text.encode()).hexdigest()

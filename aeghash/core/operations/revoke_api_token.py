"""End a bearer token at once."""

from django.db import transaction

from aeghash.core import clock
from aeghash.core.errors import NotFound
from aeghash.core.models import ApiToken
from aeghash.core.operations.record import record


@transaction.atomic
def revoke_api_token(*, public_id: str) -> ApiToken:
    """Revoking it again changes nothing. Refuses an unknown one (`not_found`)."""
    token = ApiToken.objects.select_for_update().filter(public_id=public_id).first()
    if token is None:
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        record("api_token.revoked", of=token, after={"revoked_at": token.revoked_at})
    return token

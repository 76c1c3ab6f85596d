"""Why a call isn't let in, in the order in which it is asked; and what stands in its way afterwards."""

from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Invalid, NotFound, Refusal


class InvalidKey(Refusal):
    code = "invalid_key"
    status = 401
    sentence = _("This key isn't known, or doesn't work any more.")


class AddressNotAllowed(Refusal):
    code = "ip_not_allowed"
    status = 403
    sentence = _("Calls with this key aren't taken from this address.")


class StaleTimestamp(Refusal):
    code = "stale_timestamp"
    status = 401
    sentence = _("X-AEG-Timestamp is missing, or more than 300 seconds off: Unix seconds are wanted.")


class InvalidSignature(Refusal):
    code = "invalid_signature"
    status = 401
    sentence = _("The signature isn't right. A signed POST to /api/aegmall/v1/ping says what was hashed here.")


class DiagnosedSignature(InvalidSignature):
    """What `ping` answers."""

    sentence = _("The signature isn't right. %(hint)s")
    members = ("string_to_sign", "body_sha256")


class ReplayedNonce(Refusal):
    code = "replayed_nonce"
    status = 401
    sentence = _("This nonce has been used before with this key.")


class ScopeMissing(Refusal):
    code = "scope_missing"
    status = 403
    sentence = _("The key lacks the scope %(scope)s.")


class RateLimited(Refusal):
    code = "rate_limited"
    status = 429
    sentence = _("Too many calls with this key. The next one is taken in %(retry_after)s s.")


class IdempotencyKeyMissing(Refusal):
    code = "idempotency_key_missing"
    status = 400
    sentence = _("This call takes an Idempotency-Key.")


class IdempotencyKeyInvalid(Refusal):
    code = "idempotency_key_invalid"
    status = 400
    sentence = _("An Idempotency-Key is 1 to 255 printable ASCII characters.")


class InProgress(Refusal):
    code = "idempotency_in_progress"
    status = 409
    sentence = _("A call with this Idempotency-Key is running still.")
    members = ("state",)

    def __init__(self) -> None:
        super().__init__(state="PENDING", retry_after=1)


class IdempotencyConflict(Refusal):
    code = "idempotency_conflict"
    status = 409
    sentence = _("This Idempotency-Key belongs to another call, or to another body.")


class OrderNotFound(NotFound):
    code = "order_not_found"
    sentence = _("There is no order %(order_id)s.")


class UnknownPartner(NotFound):
    code = "partner_not_found"
    sentence = _("There is no partner %(slug)s.")


class UnknownKey(NotFound):
    code = "key_not_found"
    sentence = _("There is no key %(key_id)s.")


def unknown_asset() -> Invalid:
    return Invalid(field="asset", reason=_("is none that we know."), reason_code="unknown_asset")

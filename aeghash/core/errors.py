"""Refusals: what an operation says when it does nothing.

Each class carries a stable code, an HTTP status and its parameters; one handler turns them into problem documents, pages
and exit statuses. An app's own refusals stand beside the operation that raises them.
"""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    sentence: ClassVar[str | Promise] = _("This can't be done.")  # may name parameters: %(amount)s

    def __init__(self, **parameters: Any) -> None:
        super().__init__(parameters)
        self.parameters = parameters

    def __str__(self) -> str:
        return str(self.sentence) % self.parameters


class Invalid(Refusal):
    """A value that can't be accepted; `field` names it."""

    code = "validation_error"
    status = 400
    sentence = _("%(field)s: %(reason)s")

    def __init__(self, *, field: str, reason: str | Promise, **parameters: Any) -> None:
        super().__init__(field=field, reason=reason, **parameters)


class NotFound(Refusal):
    code = "not_found"
    status = 404
    sentence = _("There is no such object.")


class Duplicate(Refusal):
    code = "duplicate"
    status = 409
    sentence = _("It exists already.")


class Conflict(Refusal):
    code = "conflict"
    status = 409
    sentence = _("It has changed in the meantime.")


class NotAllowed(Refusal):
    code = "permission_denied"
    status = 403
    sentence = _("You are not allowed to do this.")


class TemporarilyUnavailable(Refusal):
    """A database or service that is away: the same request may succeed later."""

    code = "temporarily_unavailable"
    status = 503
    sentence = _("This can't be done right now. Please try again shortly.")

"""Refusals: what an operation says when it does nothing.

Each class carries a stable code, an HTTP status and its parameters; one handler turns them into problem documents, pages
and exit statuses. An app's own refusals stand beside the operation that raises them.
"""

from typing import Any, ClassVar, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What every problem document (RFC 9457) of ours says itself.
DOCUMENT: Final = frozenset({"type", "title", "status", "detail", "instance", "code", "request_id", "errors"})


class Refusal(Exception):
    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    sentence: ClassVar[str | Promise] = _("This can't be done.")  # may name parameters: %(amount)s
    # Parameters that programs need, beside the sentence for people: members of the problem document under their own names.
    members: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        if hidden := DOCUMENT.intersection(cls.members):
            raise TypeError(f"{cls.__name__}: every problem document has its own {', '.join(sorted(hidden))}")

    def __init__(self, **parameters: Any) -> None:
        if missing := set(self.members) - parameters.keys():
            raise TypeError(f"{type(self).__name__} must be told its {', '.join(sorted(missing))}")
        super().__init__(parameters)
        self.parameters = parameters

    def __str__(self) -> str:
        return str(self.sentence) % self.parameters

    def extension(self) -> dict[str, Any]:
        return {name: self.parameters[name] for name in self.members}


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

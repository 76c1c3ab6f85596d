"""Who acts: a person, a partner's key, a job, or the system itself. Whatever is recorded names one of them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from aeghash.core.audit.masking import partly_masked_email


class ActorKind(TextChoices):
    PERSON = "person", _("person")
    PARTNER = "partner", _("partner")
    JOB = "job", _("job")
    SYSTEM = "system", _("system")


@dataclass(frozen=True)
class Actor:
    kind: ActorKind
    id: str
    label: str = ""


class NobodyActs(RuntimeError):
    """Something is to be recorded, and nobody has said in whose name: a mistake in our code."""


_find: ContextVar[Callable[[], Actor | None]] = ContextVar("find_actor", default=lambda: None)


def person(user: AbstractBaseUser) -> Actor:
    return Actor(ActorKind.PERSON, str(user.pk), partly_masked_email(user.get_username()))


def partner(key_id: str, label: str = "") -> Actor:
    return Actor(ActorKind.PARTNER, key_id, label)


def job(name: str) -> Actor:
    return Actor(ActorKind.JOB, name)


def command(name: str) -> Actor:
    """Somebody with a shell on the server, of whom nothing else is known."""
    return Actor(ActorKind.SYSTEM, f"manage.py {name}")


def current_actor() -> Actor:
    actor = _find.get()()
    if actor is None:
        raise NobodyActs("wrap the act in `acting_as(...)`")
    return actor


def acting_as(actor: Actor) -> AbstractContextManager[None]:
    return acting_as_found_by(lambda: actor)


@contextmanager
def acting_as_found_by(find: Callable[[], Actor | None]) -> Iterator[None]:
    """For callers who know it only later: a request's user may be named by its token, deep in the view."""
    token = _find.set(find)
    try:
        yield
    finally:
        _find.reset(token)

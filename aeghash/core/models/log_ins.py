import re
from typing import Final

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock

# In this order: each browser also claims to be those after it.
BROWSERS: Final = (("Edg", "Edge"), ("Whale", "Whale"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
                   ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
SYSTEMS: Final = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
                  ("Mac OS X", "macOS"), ("Linux", "Linux"))  # fmt: skip


class LogInQuerySet(models.QuerySet["LogIn"]):
    def active(self) -> "LogInQuerySet":
        """Whose session can still be used."""
        session = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=clock.now())
        return self.filter(Exists(session), ended_at=None)


class LogIn(models.Model):
    """Somebody logged in, from somewhere, with something. The session itself is Django's."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="log_ins", verbose_name=_("user"))
    session_key = models.CharField(max_length=40, unique=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=300, blank=True)
    began_at = models.DateTimeField(_("logged in"), default=clock.now)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = LogInQuerySet.as_manager()

    class Meta:
        db_table = "log_ins"
        verbose_name = _("log-in")
        verbose_name_plural = _("log-ins")
        indexes = (models.Index(fields=["-began_at", "-id"], name="log_ins_newest"),)

    def __str__(self) -> str:
        return f"{self.device} {self.address or ''}".strip()

    @property
    def device(self) -> str:
        """What a person calls it. A browser may claim anything, so this is for recognising, not for deciding."""
        browser, system = _named(BROWSERS, self.user_agent), _named(SYSTEMS, self.user_agent)
        return " · ".join(filter(None, (browser, system))) or re.split(r"[\s/]", self.user_agent, maxsplit=1)[0]


def _named(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in names if mark in user_agent), "")

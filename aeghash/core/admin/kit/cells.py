"""Values as they stand in lists and on pages. Whatever comes from outside is escaped here."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aeghash.core import clock
from aeghash.core.admin.kit import viewer
from aeghash.core.audit.masking import partly_masked, partly_masked_email
from aeghash.core.models import User

Tone = str  # "", info, ok, warn, bad
NOTHING: Final = "–"
SHOWN_OF_ADDRESS: Final = (8, 6)
MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


def badge(text: str | Promise, tone: Tone = "") -> SafeString:
    return format_html('<span class="badge {}">{}</span>', tone, text)


def money(amount: Decimal | None, unit: str = "") -> SafeString | str:
    """All its places, as they are booked: a rounded amount can't be compared with another."""
    if amount is None:
        return NOTHING
    sign = " minus" if amount < 0 else ""
    return format_html('<span class="money{}">{}<span class="unit">{}</span></span>', sign, grouped(amount), unit)


def grouped(amount: Decimal) -> str:
    return format(amount, ",f").replace("-", "−")


def address(text: str | None) -> SafeString | str:
    """Both ends, which is what people compare; the whole of it on copying, for those who may see it."""
    if not text:
        return NOTHING
    if not viewer.sees_personal_data():
        return partly_masked(text)
    head, tail = SHOWN_OF_ADDRESS
    short = f"{text[:head]}…{text[-tail:]}" if len(text) > head + tail + 2 else text
    return format_html(
        '<span class="address"><span class="code" title="{}">{}</span>{}</span>', text, short, copy_button(text)
    )


def copy_button(text: str) -> SafeString:
    return format_html(
        '<button type="button" class="copy no-print" data-copy="{}" data-done="{}">{}</button>',
        text, _("Copied"), _("Copy"),
    )  # fmt: skip


def email(text: str | None) -> str:
    if not text:
        return NOTHING
    return text if viewer.sees_personal_data() else partly_masked_email(text)


def person(user: User | None) -> str:
    """Colleagues know each other by name."""
    if user is None:
        return NOTHING
    return user.name or email(user.email)


def moment(time: datetime | None) -> SafeString | str:
    """In the staff's zone, to the second: the order of things matters here."""
    if time is None:
        return NOTHING
    local = timezone.localtime(time)
    shown = f"{local:%Y-%m-%d %H:%M:%S}"
    return format_html('<time class="nowrap" datetime="{}">{}</time>', local.isoformat(), shown)


def short_moment(time: datetime) -> SafeString:
    """Where the hour says enough: today's is shown without its date."""
    local, today = timezone.localtime(time), timezone.localtime(clock.now()).date()
    shown = f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d %H:%M}"
    return format_html('<time class="nowrap" datetime="{}">{}</time>', local.isoformat(), shown)


def until(time: datetime | None) -> SafeString | str:
    """A time that is yet to come, with how far off it is."""
    if time is None:
        return NOTHING
    return format_html('{} <span class="muted nowrap">{}</span>', moment(time), distance(time))


def distance(time: datetime) -> str:
    seconds = round((time - clock.now()).total_seconds())
    if seconds <= 0:
        return _("overdue")
    if seconds < 120:
        return _("in %(count)s s") % {"count": seconds}
    if seconds < 2 * 3600:
        return _("in %(count)s min") % {"count": seconds // 60}
    if seconds < 2 * 86400:
        return _("in %(count)s h") % {"count": seconds // 3600}
    return _("in %(count)s days") % {"count": seconds // 86400}


def age(since: datetime) -> str:
    return lasting(max(0, int((clock.now() - since).total_seconds())))


def lasting(seconds: int) -> str:
    if seconds < HOUR:
        return _("%(count)s min") % {"count": seconds // MINUTE}
    if seconds < 2 * DAY:
        return _("%(count)s h") % {"count": seconds // HOUR}
    return ngettext("%(count)s day", "%(count)s days", seconds // DAY) % {"count": seconds // DAY}


def words(value: Any) -> str:
    """Any value on one line, as people say it."""
    match value:
        case None | "" | []:
            return NOTHING
        case bool():
            return _("yes") if value else _("no")
        case list():
            return ", ".join(map(str, value))
        case dict():
            return json.dumps(value, ensure_ascii=False, default=str)
        case SafeString():
            return value
    return str(value)


def text(value: Any) -> str:
    return NOTHING if value in (None, "") else str(value)

"""The words that rules and entries share."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BonusType(models.TextChoices):
    REFERRAL = "referral", _("referral")
    SPONSOR = "sponsor", _("sponsor")
    SHARE = "share", _("share of the pool")
    CENTER = "center", _("center")
    CENTER_REFERRAL = "center_referral", _("center's referrer")
    CLAWBACK = "clawback", _("clawback")

"""Who belongs to the organisation, and how far they have come in it."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.database_rights import CHANGEABLE
from aeghash.core.models import AppendOnlyModel, TimestampedModel, TransactionStampedModel
from aeghash.core.models.append_only import RefuseChange


class Rank(models.TextChoices):
    """Ordered: a later one is the higher one (`Rank.values.index`)."""

    FREE = "FREE", "FREE"
    D0 = "D0", "D0"
    D1 = "D1", "D1"
    D2 = "D2", "D2"
    D3 = "D3", "D3"
    D4 = "D4", "D4"
    D5 = "D5", "D5"


class KeepMembers(RefuseChange):
    name = "keep_members"
    operation = pgtrigger.Delete | pgtrigger.Truncate


class KeepSponsor(RefuseChange):
    """Who brought whom is never rewritten: places, bonuses and ranks rest on it."""

    name = "keep_sponsor"
    level = pgtrigger.Row
    operation = pgtrigger.Update
    condition = pgtrigger.AnyChange("user", "sponsor", "referral_code")


class Member(TimestampedModel, TransactionStampedModel):
    """A user's membership: its number is the user's, so that apps which know only users know members too.

    Whoever leaves is made inactive and keeps the places; no member is ever removed or moved. `xid` is the transaction of the
    joining, by which volumes and ranks count who is new. The rules raise no member whose rank is held: staff lowered it.
    """

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="member", verbose_name=_("user")
    )
    referral_code = models.CharField(_("referral code"), max_length=16, unique=True)
    sponsor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="referrals", verbose_name=_("sponsor")
    )
    rank = models.CharField(_("rank"), max_length=4, choices=Rank.choices, default=Rank.FREE)
    is_rank_held = models.BooleanField(_("rank held by hand"), default=False, db_default=False)
    is_center = models.BooleanField(_("center"), default=False)
    center_referrer = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="referred_centers", verbose_name=_("referred by")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        db_table = "organization_members"
        verbose_name = _("member")
        verbose_name_plural = _("members")
        triggers = (KeepMembers(), KeepSponsor())
        constraints = (
            models.CheckConstraint(condition=models.Q(rank__in=Rank.values), name="organization_members_known_rank"),
            models.CheckConstraint(
                condition=models.Q(center_referrer__isnull=True) | models.Q(is_center=True),
                name="organization_members_referrer_of_a_center",
            ),
            models.CheckConstraint(
                condition=~models.Q(sponsor=models.F("user")) | models.Q(sponsor__isnull=True),
                name="organization_members_own_sponsor",
            ),
        )

    def __str__(self) -> str:
        return self.referral_code


class RankCause(models.TextChoices):
    RULE = "rule", _("by the rules")
    BY_HAND = "by_hand", _("by hand")


class RankChange(AppendOnlyModel, TransactionStampedModel):
    """One step of a member's rank, with the figures or the word it rests on."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="rank_changes", verbose_name=_("member"))
    before = models.CharField(_("before"), max_length=4, choices=Rank.choices)
    after = models.CharField(_("after"), max_length=4, choices=Rank.choices)
    cause = models.CharField(_("cause"), max_length=10, choices=RankCause.choices)
    reason = models.JSONField(_("reason"), default=dict)
    changed_at = models.DateTimeField(_("time"), default=clock.now)

    class Meta(AppendOnlyModel.Meta):
        db_table = "organization_rank_history"
        verbose_name = _("rank change")
        verbose_name_plural = _("rank history")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(before__in=Rank.values) & models.Q(after__in=Rank.values),
                name="organization_rank_history_known_ranks",
            ),
            models.CheckConstraint(
                condition=~models.Q(before=models.F("after")), name="organization_rank_history_moves"
            ),
        )

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"

"""What is counted, per member and day, of a member and everybody below. Only the roll-up writes here.

Both tables are derived and can be counted again, so they do without what a source of truth needs: no foreign key to the
member (each row would lock the member's, which placements and orders want too), no number of their own.
"""

from typing import ClassVar, Final

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from aeghash.core.database_rights import CHANGEABLE
from aeghash.core.money import MoneyField
from organization.models.members import Member, Rank

ROLL_UP: Final = "organization.volumes"  # the watermark up to which both are counted


class DailyVolume(models.Model):
    """What was bought on a day, refunds taken back on theirs, and who joined. What is the member's own is in
    `personal_volume` and `orders_count`; the group is everybody below in the unilevel tree, the sides are the binary one's.
    """

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    pk = models.CompositePrimaryKey("member_id", "day")
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="volumes", verbose_name=_("member"), db_constraint=False, db_index=False
    )
    day = models.DateField(_("day"))
    personal_volume = MoneyField(_("personal volume"), default=0)
    group_volume = MoneyField(_("group volume"), default=0)
    volume_left = MoneyField(_("left volume"), default=0)
    volume_right = MoneyField(_("right volume"), default=0)
    orders_count = models.IntegerField(_("orders"), default=0)
    group_joined = models.IntegerField(_("joined the group"), default=0)
    joined_left = models.IntegerField(_("joined on the left"), default=0)
    joined_right = models.IntegerField(_("joined on the right"), default=0)

    class Meta:
        db_table = "organization_metrics_daily"
        # A day's rows were written together, so blocks are told apart by it at next to no cost; a tree of days and members
        # would make each roll-up write another one.
        indexes = (BrinIndex(fields=("day",), autosummarize=True, name="organization_volumes_by_day"),)
        verbose_name = _("volumes of a day")
        verbose_name_plural = _("volumes per day")

    def __str__(self) -> str:
        return f"{self.member_id} {self.day}"


class GroupRank(models.Model):
    """How many below a member in the unilevel tree hold a rank."""

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    pk = models.CompositePrimaryKey("member_id", "rank")
    member = models.ForeignKey(
        Member,
        models.PROTECT,
        related_name="group_ranks",
        verbose_name=_("member"),
        db_constraint=False,
        db_index=False,
    )
    rank = models.CharField(_("rank"), max_length=4, choices=Rank.choices)
    members = models.IntegerField(_("members"))

    class Meta:
        db_table = "organization_group_ranks"
        verbose_name = _("ranks of a group")
        verbose_name_plural = _("ranks of groups")

    def __str__(self) -> str:
        return f"{self.member_id} {self.rank}"

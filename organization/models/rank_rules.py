"""What a rank takes, as data: each figure with the time from which it holds."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import AppendOnlyModel
from aeghash.core.money import MoneyField
from organization.models.members import Rank


class RankRule(AppendOnlyModel):
    """Any one of the figures suffices; one that is left out is no way to the rank. The newest rule that holds already
    counts, so a change is a new row, and old ranks can still be explained.
    """

    rank = models.CharField(_("rank"), max_length=4, choices=Rank.choices)
    valid_from = models.DateTimeField(_("valid from"))
    direct_referrals = models.IntegerField(_("direct referrals"), null=True, blank=True)
    own_sales = MoneyField(_("own sales (USD)"), null=True, blank=True)
    referrals_of_rank_below = models.IntegerField(_("direct referrals of the rank below"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    class Meta(AppendOnlyModel.Meta):
        db_table = "organization_rank_rules"
        verbose_name = _("rule of a rank")
        verbose_name_plural = _("rules of ranks")
        constraints = (
            models.UniqueConstraint(fields=("rank", "valid_from"), name="organization_rank_rules_once_at_a_time"),
            models.CheckConstraint(
                condition=models.Q(rank__in=Rank.values[1:]), name="organization_rank_rules_known_rank"
            ),
            models.CheckConstraint(
                condition=(models.Q(direct_referrals__isnull=True) | models.Q(direct_referrals__gt=0))
                & (models.Q(own_sales__isnull=True) | models.Q(own_sales__gt=0))
                & (models.Q(referrals_of_rank_below__isnull=True) | models.Q(referrals_of_rank_below__gt=0)),
                name="organization_rank_rules_positive",
            ),
        )

    def __str__(self) -> str:
        return f"{self.rank} {self.valid_from:%Y-%m-%d}"

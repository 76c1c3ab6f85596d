"""The two trees. A place is taken once and never left."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.database_rights import CHANGEABLE
from aeghash.core.models import AppendOnlyModel
from aeghash.core.models.append_only import RefuseChange
from organization.models.members import Member


class Tree(models.TextChoices):
    UNILEVEL = "unilevel", _("Unilevel")
    BINARY = "binary", _("Binary")


class Side(models.TextChoices):
    LEFT = "L", _("left")
    RIGHT = "R", _("right")


class KeepPlaces(RefuseChange):
    """Whoever is placed stays there. Of a place only `min_open` ever changes."""

    name = "keep_places"
    operation = (
        pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]  # the library has no types
            "id", "tree", "member_id", "parent_id", "side", "depth", "asked_side", "looked_at", "created_at"
        )
        | pgtrigger.Delete
        | pgtrigger.Truncate
    )


class Node(models.Model):
    """A member's place in one tree, and the record of how it was found.

    `min_open` (binary): the depth of the shallowest free slot in this subtree. `looked_at` counts the slots that the search
    looked at on its way down from the sponsor.
    """

    application_rights: ClassVar[tuple[str, ...]] = CHANGEABLE

    tree = models.CharField(_("tree"), max_length=8, choices=Tree.choices)
    # No indexes of their own: the constraints below begin with these columns.
    member = models.ForeignKey(Member, models.PROTECT, related_name="nodes", db_index=False, verbose_name=_("member"))
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        db_index=False,
        verbose_name=_("parent"),
    )
    side = models.CharField(_("side"), max_length=1, choices=Side.choices, null=True, blank=True)  # noqa: DJ001 - no side
    depth = models.IntegerField(_("depth"))
    min_open = models.IntegerField(_("shallowest free slot"), null=True, blank=True)
    asked_side = models.CharField(  # noqa: DJ001 - none was asked for
        _("side asked for"), max_length=1, choices=Side.choices, null=True, blank=True
    )
    looked_at = models.IntegerField(_("slots looked at"), default=0)
    created_at = models.DateTimeField(_("placed"), default=clock.now, editable=False)

    class Meta:
        db_table = "organization_nodes"
        verbose_name = _("place")
        verbose_name_plural = _("places")
        triggers = (KeepPlaces(),)
        constraints = (
            models.UniqueConstraint(fields=("member", "tree"), name="organization_nodes_once_per_tree"),
            models.UniqueConstraint(fields=("parent", "side"), name="organization_nodes_one_per_side"),
            models.UniqueConstraint(
                fields=("tree",), condition=models.Q(parent__isnull=True), name="organization_nodes_one_root"
            ),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True, depth=0) | models.Q(parent__isnull=False, depth__gt=0),
                name="organization_nodes_depth",
            ),
            models.CheckConstraint(
                condition=models.Q(tree=Tree.UNILEVEL, side__isnull=True, min_open__isnull=True)
                | models.Q(tree=Tree.BINARY, min_open__gt=models.F("depth"))
                & (
                    models.Q(parent__isnull=True, side__isnull=True)
                    | models.Q(parent__isnull=False, side__in=Side.values)
                ),
                name="organization_nodes_sides",
            ),
        )

    def __str__(self) -> str:
        return f"{self.tree} #{self.pk}"


class Spillover(AppendOnlyModel):
    """A binary place whose parent isn't the sponsor. `level` counts from the sponsor: 2 is a child of a child."""

    sponsor = models.ForeignKey(Member, models.PROTECT, related_name="spillovers", verbose_name=_("sponsor"))
    member = models.OneToOneField(Member, models.PROTECT, related_name="spillover", verbose_name=_("member"))
    parent = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False, verbose_name=_("parent"))
    side = models.CharField(_("side"), max_length=1, choices=Side.choices)
    level = models.IntegerField(_("level"))
    created_at = models.DateTimeField(_("placed"), default=clock.now, editable=False)

    class Meta(AppendOnlyModel.Meta):
        db_table = "organization_spillovers"
        verbose_name = _("spillover")
        verbose_name_plural = _("spillovers")
        constraints = (
            models.CheckConstraint(condition=models.Q(level__gt=1), name="organization_spillovers_level"),
            models.CheckConstraint(condition=models.Q(side__in=Side.values), name="organization_spillovers_side"),
        )
        indexes = (models.Index(fields=("sponsor", "created_at"), name="organization_spillovers_by_day"),)

    def __str__(self) -> str:
        return f"{self.member_id} under {self.parent_id}"

"""What was sent to us, and what we answered."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from partners.models.partners import Partner, PartnerKey


class Call(models.Model):
    """One call, refused or not; and by its unique pair, each nonce once per key.

    The nonce of a call whose signature wasn't good is not kept: else anybody could use up another's.
    """

    key = models.ForeignKey(PartnerKey, models.PROTECT, null=True, related_name="calls", verbose_name=_("key"))
    key_given = models.CharField(_("key as given"), max_length=64, blank=True)
    nonce = models.CharField(_("nonce"), max_length=64, null=True)  # noqa: DJ001 - NULLs are never equal
    method = models.CharField(_("method"), max_length=8)
    path = models.CharField(_("path"), max_length=500)
    status = models.PositiveSmallIntegerField(_("status"))
    code = models.CharField(_("refused for"), max_length=64, blank=True)
    address = models.GenericIPAddressField(_("IP address"), null=True)
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    at = models.DateTimeField(_("time"), default=clock.now)

    class Meta:
        db_table = "partner_calls"
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints = (models.UniqueConstraint(fields=["key", "nonce"], name="partner_calls_nonce_once"),)
        indexes = (
            models.Index(fields=["at"], name="partner_calls_by_time"),
            models.Index(fields=["-id"], condition=~Q(code=""), name="partner_calls_refused"),
        )

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class RecordState(models.TextChoices):
    PENDING = "PENDING", _("running")
    SUCCEEDED = "SUCCEEDED", _("done")
    REFUSED = "REFUSED", _("refused")
    FAILED = "FAILED", _("failed")
    FAILED_CONFLICT = "FAILED_CONFLICT", _("other contents under the same key")


class IdempotencyRecord(models.Model):
    """What was answered under a key, committed with the work. `resource` names what the work made: `order:17`."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="records", verbose_name=_("partner"))
    key = models.CharField(_("key"), max_length=300)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    call = models.CharField(_("call"), max_length=40)
    path = models.CharField(_("path"), max_length=500)
    state = models.CharField(_("state"), max_length=16, choices=RecordState.choices)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    answer = models.TextField(_("answer"), blank=True)
    resource_type = models.CharField(_("kind of resource"), max_length=16, blank=True)
    resource_id = models.BigIntegerField(_("resource"), null=True)
    is_current = models.BooleanField(default=True)
    created_at = models.DateTimeField(_("created"), default=clock.now)

    class Meta:
        db_table = "idempotency_keys"
        verbose_name = _("idempotency record")
        verbose_name_plural = _("idempotency records")
        constraints = (
            models.UniqueConstraint(
                fields=["partner", "key"], condition=Q(is_current=True), name="idempotency_keys_one_current"
            ),
            models.CheckConstraint(condition=Q(state__in=RecordState.values), name="idempotency_keys_known_state"),
            # Only what other transactions can't see is running: a committed one would outlive its work.
            models.CheckConstraint(condition=~Q(state=RecordState.PENDING), name="idempotency_keys_never_pending"),
            models.CheckConstraint(
                condition=~Q(state=RecordState.FAILED_CONFLICT, is_current=True),
                name="idempotency_keys_conflicts_aside",
            ),
            models.CheckConstraint(
                condition=~Q(state=RecordState.SUCCEEDED)
                | Q(resource_id__isnull=False, status__isnull=False) & ~Q(resource_type=""),
                name="idempotency_keys_succeeded_with_a_resource",
            ),
        )
        indexes = (models.Index(fields=["created_at"], name="idempotency_keys_by_age"),)

    def __str__(self) -> str:
        return self.key


class EventState(models.TextChoices):
    FAILED = "failed", _("failed")
    REVIEW = "review", _("waiting for review")
    DONE = "done", _("done")
    DROPPED = "dropped", _("set aside")


class InboundEvent(models.Model):
    """A call whose work isn't done: it failed for a passing reason, or a day's limit wants a person to look at it."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="events", verbose_name=_("partner"))
    key = models.ForeignKey(PartnerKey, models.PROTECT, related_name="+", verbose_name=_("key"))
    idempotency_key = models.CharField(_("idempotency key"), max_length=300)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    call = models.CharField(_("call"), max_length=40)
    path = models.CharField(_("path"), max_length=500)
    arguments = models.JSONField(_("of the address"), default=dict)
    body = models.BinaryField(_("body"))
    state = models.CharField(_("state"), max_length=8, choices=EventState.choices)
    reason = models.CharField(_("reason"), max_length=200)
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    answer = models.TextField(_("answer"), blank=True)
    created_at = models.DateTimeField(_("created"), default=clock.now)
    settled_at = models.DateTimeField(_("settled"), null=True)

    class Meta:
        db_table = "partner_events"
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=EventState.values), name="partner_events_known_state"),
            models.UniqueConstraint(
                fields=["partner", "idempotency_key", "fingerprint"],
                condition=Q(state__in=("failed", "review")),
                name="partner_events_one_open",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

import hashlib
from base64 import b32encode
from typing import Final
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from aeghash.core import clock, ids
from aeghash.core.crypto import EncryptedTextField

ISSUER: Final = "AEG Hash"
STEP: Final = 30
TOLERANCE: Final = 1  # a code of the step before or after: clocks of phones differ


class TotpDevice(ThrottlingMixin, Device):  # type: ignore[misc]
    """A person's authenticator. A wrong code makes the next try wait, twice as long each time."""

    id = models.UUIDField(primary_key=True, default=ids.new_uuid, editable=False)
    key = EncryptedTextField()
    last_step = models.BigIntegerField(default=-1)
    created_at = models.DateTimeField(_("created"), default=clock.now)

    class Meta:
        db_table = "totp_devices"
        verbose_name = _("authenticator")
        verbose_name_plural = _("authenticators")
        constraints = (
            models.UniqueConstraint(fields=["user"], condition=models.Q(confirmed=True), name="one_authenticator_each"),
        )

    def __str__(self) -> str:
        return str(self.name)

    def get_throttle_factor(self) -> int:
        return 1

    def verify_token(self, token: str) -> bool:
        """Counts a code once: the steps up to it are used up. Call with the row locked."""
        allowed, _why = self.verify_is_allowed()
        if not allowed:
            return False
        step = self._step_of(token)
        if step is None:
            self.throttle_increment(commit=True)
            return False
        self.last_step = step
        self.throttle_reset(commit=False)
        self.save()
        return True

    def url(self) -> str:
        """What the QR code says: an authenticator reads account, issuer and key from it."""
        label = quote(f"{ISSUER}:{self.user.email}")
        words = {"secret": self.secret_text(), "issuer": ISSUER, "period": STEP, "digits": 6, "algorithm": "SHA1"}
        return f"otpauth://totp/{label}?{urlencode(words)}"

    def secret_text(self) -> str:
        return b32encode(self._key()).decode()

    def _key(self) -> bytes:
        return bytes.fromhex(self.key.reveal())

    def _step_of(self, token: str) -> int | None:
        if not (len(token) == 6 and token.isascii() and token.isdigit()):
            return None
        totp = TOTP(self._key(), step=STEP)
        totp.time = int(clock.now().timestamp())
        if not totp.verify(int(token), TOLERANCE, self.last_step + 1):
            return None
        return int(totp.t())


class RecoveryCode(models.Model):
    """Logs in once where the authenticator is lost. 50 random bits, so a plain digest keeps it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recovery_codes"
        constraints = (models.UniqueConstraint(fields=["user", "digest"], name="recovery_codes_differ"),)

    def __str__(self) -> str:
        return f"#{self.pk}"

    @staticmethod
    def digest_of(code: str) -> str:
        return hashlib.sha256(code.replace("-", "").replace(" ", "").upper().encode()).hexdigest()

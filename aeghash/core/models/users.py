from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from aeghash.core.models.base import TimestampedModel


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_admin=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin, TimestampedModel):  # type: ignore[django-manager-missing]  # django-otp has no types
    """Somebody who may log in: staff, or the owner of a member's balances."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    uid = models.CharField(
        _("member number"),
        max_length=255,
        unique=True,
        null=True,
        blank=True,
        help_text=_("What the partner who brought the member calls it."),
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_admin = models.BooleanField(_("staff"), default=False, help_text=_("May log in to these pages."))
    is_verified = models.BooleanField(_("verified"), default=False)
    tron_address = models.CharField(_("TRON address"), max_length=42, unique=True, null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        db_table = "users"
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = (
            models.UniqueConstraint(Lower("email"), name="users_email_in_any_case"),
            models.CheckConstraint(
                condition=models.Q(tron_address__isnull=True) | models.Q(tron_address__regex=r"^[!-~]{42}$"),
                name="users_tron_address_42_characters",
            ),
        )

    def __str__(self) -> str:
        return self.email

    @property
    def is_staff(self) -> bool:
        """Django's word for it."""
        return self.is_admin

    def has_wallet(self) -> bool:
        return bool(self.tron_address)

    def dict(self) -> dict[str, Any]:
        return {name: value for name, value in super().dict().items() if name != "password"}

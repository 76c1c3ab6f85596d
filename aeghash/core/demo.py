"""The core's part of the demo: people who can log in."""

from aeghash.core.models import User

PASSWORD = "demo-password-2026"  # noqa: S105 - of accounts that exist in demos alone
STAFF = {
    "admin@aeghash.example": "관리자",
}


def seed() -> list[str]:
    """Makes what is missing; a second run changes nothing. Returns the lines to show at the start."""
    for email, name in STAFF.items():
        if not User.objects.filter(email=email).exists():
            User.objects.create_superuser(email, PASSWORD, name=name, is_verified=True)
    return [f"log in at /admin/ as {email} with {PASSWORD}" for email in STAFF]

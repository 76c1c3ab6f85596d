"""What is installed, and what a request passes through."""

from typing import Any

from aeghash.settings.source import BASE_DIR, env

ROOT_URLCONF = "aeghash.urls"
WSGI_APPLICATION = "aeghash.wsgi.application"
AUTH_USER_MODEL = "core.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# From the ground up. Ours stand before Django's admin, whose templates the core replaces.
INSTALLED_APPS = [
    "aeghash.core",
    "aeghash.sandbox",
    "aeghash.simulation",
    "organization",
    "wallets",
    "risk",
    "mining",
    "bonus",
    "withdrawals",
    "partners",
    "aeghash.core.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "axes",
    "pgtrigger",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "aeghash.core.middleware.RequestIdMiddleware",
    "aeghash.core.headers.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "aeghash.core.api.middleware.ApiMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "aeghash.core.admin.middleware.StaffScreensMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "aeghash.core.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

STATIC_URL = "static/"
# Where `collectstatic` gathers them; development serves them from where they are.
STATIC_ROOT = BASE_DIR / "staticfiles" if env.production else None

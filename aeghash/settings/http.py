"""The web: who may ask for what host, behind which proxies, with which headers in the answer."""

from aeghash.settings.source import env

DEBUG = env.boolean("DEBUG", False)
if DEBUG and env.production:
    env.problem("DEBUG", "must not be on in production")

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ("127.0.0.1", "localhost", "[::1]"))
if "*" in ALLOWED_HOSTS and env.production:
    env.problem("ALLOWED_HOSTS", "must name the hosts in production, not allow any")

# `X-Forwarded-For` and `-Proto` count only from these; the same networks may read /metrics and the API's schema.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")

SECURE_SSL_REDIRECT = env.production
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if env.production else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.production
SECURE_HSTS_PRELOAD = env.production
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}

# Seconds: a call of the API that has waited longer for a thread is turned away (503) before anything of it is done.
WEB_LONGEST_WAIT = env.integer("WEB_LONGEST_WAIT", 2, least=1, most=60)

SESSION_COOKIE_SECURE = env.production
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SECURE = env.production
CSRF_COOKIE_HTTPONLY = True

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.production
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not env.production
WHITENOISE_AUTOREFRESH = DEBUG

"""Keys and passwords."""

import secrets
from datetime import timedelta

from aeghash.settings.source import env

SECRET_KEY = env.text("SECRET_KEY", required=True)
if SECRET_KEY and env.production and (len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5):
    env.problem("SECRET_KEY", "is too short to be safe: it takes 50 random characters")
# Without one, development gets a key for this process's own time; `manage.py` keeps one in the data folder.
SECRET_KEY = SECRET_KEY or secrets.token_urlsafe(50)

# Newest first: the first encrypts, all decrypt.
FIELD_ENCRYPTION_KEYS = env.keys("FIELD_ENCRYPTION_KEYS", required=True)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "aeghash.core.authentication.StaffBackend"]

# Tries to log in, counted in the database: by person and address together.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "aeghash.core.authentication.counted_name"
AXES_CLIENT_IP_CALLABLE = "aeghash.core.authentication.counted_address"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "password", "code", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# The log-in page itself tells of a lock-out, so no middleware needs to put another in its place.
SILENCED_SYSTEM_CHECKS = ["axes.W002"]

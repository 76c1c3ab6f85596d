"""Keys and passwords."""

import secrets

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

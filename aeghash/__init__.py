"""The roof: settings, urls, servers. It knows every app; no app knows it."""

from aeghash.celery import app as celery_app

__all__ = ["celery_app"]

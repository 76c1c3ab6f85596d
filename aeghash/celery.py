"""The Celery application. A message carries a primary key and nothing else; results are not kept."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aeghash.settings")

app = Celery("aeghash")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

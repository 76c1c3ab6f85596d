"""The Celery application. A message carries a primary key and nothing else; results are not kept."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aeghash.settings")

app = Celery("aeghash")
app.set_default()  # or every thread but this one would speak to a broker of Celery's own choosing
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

from django.db import models

from aeghash.core import clock


class Heartbeat(models.Model):
    """When a process that works in the background, or a check of the database, last gave a sign of life."""

    name = models.CharField(max_length=100, unique=True)
    beaten_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "heartbeats"

    def __str__(self) -> str:
        return self.name

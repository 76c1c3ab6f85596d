from django.db import models

from aeghash.core import clock
from aeghash.core.models.transaction_ids import TransactionIdField


class InvariantCheck(models.Model):
    """Up to where an invariant was last found to hold: for every transaction before this one."""

    invariant = models.CharField(max_length=20, primary_key=True)
    transaction_id = TransactionIdField()
    checked_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "invariant_checks"

    def __str__(self) -> str:
        return self.invariant

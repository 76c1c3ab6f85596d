from aeghash.core.models import KillSwitch


def is_on() -> bool:
    """Asked of the database each time, right before a submission: a value kept anywhere would be too late.

    A missing row counts as on: whatever took it away, nothing may be submitted until somebody has looked.
    """
    return not KillSwitch.objects.filter(is_on=False).exists()

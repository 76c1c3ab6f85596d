"""Whoever changes a closing takes turns at its row."""

from bonus.models import Closing, ClosingState


def lock_closing(closing_id: int) -> Closing:
    """Two runs of one closing wait for each other here; a refund waits for the end of a chunk."""
    return Closing.objects.select_for_update().get(pk=closing_id)


def lock_open_closings() -> dict[int, Closing]:
    """All that aren't closed, by their numbers: of two that begin at once, the second one sees that the first runs."""
    rows = Closing.objects.select_for_update().exclude(status=ClosingState.CLOSED)
    return {closing.pk: closing for closing in rows.order_by("pk")}

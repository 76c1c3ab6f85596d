"""Look whether everything in the catalogue holds, at one instant."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from aeghash.core import catalogue, clock
from aeghash.core.catalogue import Finding
from aeghash.core.errors import NotFound
from aeghash.core.models import InvariantCheck
from aeghash.core.snapshots import read_only_snapshot


class NoSuchInvariant(NotFound):
    sentence = _("There is no invariant %(id)s.")


def check_invariants(*, only: Collection[str] = (), since_watermark: bool = False) -> list[Finding]:
    """Look at all, or `only` some, in full or from where each was last found to hold; nobody is held up.

    Those that hold get a new watermark. One that doesn't keeps its old one, so that it goes on being reported.
    Refuses an id that isn't in the catalogue.
    """
    for unknown in sorted(set(only) - {invariant.id for invariant in catalogue.entries()}):
        raise NoSuchInvariant(id=unknown)
    chosen = [invariant for invariant in catalogue.entries() if not only or invariant.id in only]
    since = watermarks() if since_watermark else {}
    with read_only_snapshot() as oldest_running:
        findings = [catalogue.look(invariant, since=since.get(invariant.id)) for invariant in chosen]
    remember([finding.invariant.id for finding in findings if finding.holds], oldest_running)
    return findings


def watermarks() -> dict[str, int]:
    return dict(InvariantCheck.objects.values_list("invariant", "transaction_id"))


def remember(held: list[str], oldest_running: int) -> None:
    """After the look, not in it: a snapshot may not write. What came in between has higher transaction ids."""
    now = clock.now()
    InvariantCheck.objects.bulk_create(
        [InvariantCheck(invariant=name, transaction_id=oldest_running, checked_at=now) for name in held],
        update_conflicts=True,
        unique_fields=["invariant"],
        update_fields=["transaction_id", "checked_at"],
    )

"""Say what a decision was about, where that has its number only afterwards."""

from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Conflict, NotFound
from risk.models import RiskEvent
from risk.operations.evaluate import Subject


class OtherSubject(Conflict):
    code = "other_subject"
    sentence = _("This decision was about something else.")


def attach_subject(*, event_id: int, subject: Subject) -> None:
    """Once; the same again is a no-op. Refuses an unknown event (`not_found`), and one about something else."""
    unsaid = RiskEvent.objects.filter(pk=event_id, subject_kind="")
    if unsaid.update(subject_kind=subject.kind, subject_id=subject.id):
        return
    event = RiskEvent.objects.filter(pk=event_id).first()
    if event is None:
        raise NotFound
    if (event.subject_kind, event.subject_id) != (subject.kind, subject.id):
        raise OtherSubject

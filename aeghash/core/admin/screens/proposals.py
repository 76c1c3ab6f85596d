"""What waits for a second person: exactly what will be done, and the way to agree to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import acts, clock
from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.admin.screens.areas import OVERSIGHT
from aeghash.core.errors import Refusal
from aeghash.core.models import Proposal, User
from aeghash.core.models.proposals import ProposalStatus
from aeghash.core.operations.approve_proposal import ProposalExpired, agree
from aeghash.core.operations.withdraw_proposal import withdraw_proposal

TONES = {
    ProposalStatus.WAITING: "warn",
    ProposalStatus.EXECUTED: "ok",
    ProposalStatus.WITHDRAWN: "",
    ProposalStatus.EXPIRED: "",
}
WAITING = Q(status=ProposalStatus.WAITING)


class WithdrawForm(StaffForm):
    reason = reason_field(required=False)


def label_of(proposal: Proposal) -> str:
    """An act that this release doesn't know keeps its technical name: the row must still be shown."""
    try:
        return str(proposal.act.label)
    except KeyError:
        return proposal.kind


def description(proposal: Proposal) -> Mapping[Any, Any]:
    try:
        return proposal.act.describe(proposal.content)
    except KeyError:
        return dict(proposal.content)


def may_decide(proposal: Proposal, user: User) -> bool:
    try:
        return bool(user.has_perm(proposal.act.may_approve))
    except KeyError:
        return False


def is_waiting(proposal: Proposal) -> bool:
    return proposal.status == ProposalStatus.WAITING


def may_agree(proposal: Proposal, user: User) -> bool:
    return is_waiting(proposal) and proposal.proposed_by_id != user.pk and may_decide(proposal, user)


def may_withdraw(proposal: Proposal, user: User) -> bool:
    is_own = proposal.proposed_by_id == user.pk
    return is_waiting(proposal) and (is_own or may_decide(proposal, user))


def foreseen(proposal: Proposal) -> Refusal | None:
    return ProposalExpired() if is_waiting(proposal) and clock.now() >= proposal.expires_at else None


def shown(proposal: Proposal) -> dict[Any, Any]:
    return {
        **description(proposal),
        _("Reason"): proposal.reason,
        _("Proposed by"): cells.person(proposal.proposed_by),
        _("Digest"): digest(proposal),
    }


def digest(proposal: Proposal) -> str:
    return format_html("<code>{}</code>", proposal.digest)


def approve(proposal: Proposal, by: User, given: Given) -> object:
    return agree(proposal_id=proposal.pk, digest=given["seen"], by=by)


def withdraw(proposal: Proposal, by: User, given: Given) -> object:
    return withdraw_proposal(proposal_id=proposal.pk, by=by, reason=given["reason"])


APPROVE = RowAct[Proposal](
    name="approve",
    label=gettext_lazy("Agree and execute"),
    explains=gettext_lazy("It is done at once, exactly as it stands here, in your name and the proposer's."),
    done=gettext_lazy("Agreed to and executed."),
    carry_out=approve,
    describes=shown,
    refuses=foreseen,
    seen=lambda proposal: proposal.digest,
    offered=may_agree,
    for_many=False,
    step_up=True,
    tone="primary",
)
WITHDRAW = RowAct[Proposal](
    name="withdraw",
    label=gettext_lazy("Withdraw"),
    explains=gettext_lazy("Nothing is done. To have it done after all, it must be proposed again."),
    done=gettext_lazy("Withdrawn."),
    carry_out=withdraw,
    form=WithdrawForm,
    describes=shown,
    offered=may_withdraw,
    for_many=False,
)


@admin.register(Proposal)
class ProposalScreen(Screen[Proposal]):
    area = OVERSIGHT
    place = 10
    lead = gettext_lazy("Acts that take two people. Whoever asked for one can't agree to it.")
    empty_title = gettext_lazy("Nothing has been proposed")
    empty_text = gettext_lazy("When somebody asks for an act that takes two people, it waits here for the second.")
    tabs = (
        Tab("waiting", gettext_lazy("Waiting"), WAITING),
        Tab("decided", gettext_lazy("Settled"), ~WAITING, is_counted=False),
    )
    row_acts = (APPROVE, WITHDRAW)
    list_display = ("act", "what", "proposed_by_whom", "proposed", "expires", "state")
    list_select_related = ("proposed_by", "decided_by")
    ordering = ("-proposed_at", "-id")
    sortable_by = ()

    def has_view_permission(self, request: HttpRequest, obj: Proposal | None = None) -> bool:
        return bool(request.user.is_staff)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Proposal]:
        """One's own, and those of acts one may ask for or agree to."""
        kinds = [act.kind for act in acts.declared() if is_entitled(request.user, act)]
        mine = Q(proposed_by=request.user.pk)
        return (
            super().get_queryset(request).select_related("proposed_by", "decided_by").filter(mine | Q(kind__in=kinds))
        )

    def waiting(self) -> QuerySet[Proposal]:
        return Proposal.objects.filter(WAITING, expires_at__gt=clock.now())

    def title_of(self, row: Proposal) -> str:
        return f"{label_of(row)} #{row.pk}"

    def badge_of(self, row: Proposal) -> str:
        return self.state(row)

    def sections(self, row: Proposal) -> Sequence[Section]:
        return (
            Section(
                _("What will be done") if is_waiting(row) else _("What it was about"), list(description(row).items())
            ),
            Section(_("Who and why"), self.people_of(row)),
            Section(_("What was shown"), html=self.data_of(row), note=_("The digest covers exactly this.")),
        )

    def people_of(self, row: Proposal) -> list[tuple[str, Any]]:
        facts = [
            (_("Reason"), row.reason),
            (_("Proposed by"), cells.person(row.proposed_by)),
            (_("Proposed"), cells.moment(row.proposed_at)),
        ]
        if is_waiting(row):
            return [*facts, (_("Expires"), cells.until(row.expires_at))]
        return [*facts, (_("Decided by"), cells.person(row.decided_by)), (_("Decided"), cells.moment(row.decided_at))]

    def data_of(self, row: Proposal) -> str:
        value = {"kind": row.kind, "content": row.content, "seen": row.seen}
        shown = render_to_string("admin/kit/data.html", {"value": value, "label": _("What was shown")})
        return format_html("{}<p>{} {}</p>", shown, _("Digest"), digest(row))

    @admin.display(description=gettext_lazy("act"))
    def act(self, row: Proposal) -> str:
        return self.title_of(row)

    @admin.display(description=gettext_lazy("what"))
    def what(self, row: Proposal) -> str:
        return " · ".join(f"{name}: {cells.words(value)}" for name, value in description(row).items())

    @admin.display(description=gettext_lazy("proposed by"))
    def proposed_by_whom(self, row: Proposal) -> str:
        return cells.person(row.proposed_by)

    @admin.display(description=gettext_lazy("proposed"))
    def proposed(self, row: Proposal) -> str:
        return cells.moment(row.proposed_at)

    @admin.display(description=gettext_lazy("expires"))
    def expires(self, row: Proposal) -> str:
        return cells.until(row.expires_at) if is_waiting(row) else cells.moment(row.expires_at)

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: Proposal) -> str:
        return cells.badge(row.get_status_display(), TONES.get(ProposalStatus(row.status), ""))


def is_entitled(user: Any, act: acts.Act) -> bool:
    return bool(user.has_perm(act.may_propose) or user.has_perm(act.may_approve))

"""The figures, version by version, and the way to another: one proposes, another agrees."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import clock
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.models import Proposal, User
from aeghash.core.operations.propose import propose
from risk.admin.area import RISK
from risk.admin.events import code
from risk.admin.policy_form import PolicyForm, as_given, as_shown
from risk.figures import differences, in_words
from risk.models import Policy
from risk.operations.change_policy import CHANGE_RISK_POLICY, content_for
from risk.queries import policy_at
from risk.rights import PROPOSE_RULES, VIEW_RISK


def propose_change(_policy: Policy, by: User, given: Given) -> object:
    content = content_for(figures=as_given(given), reason=given["reason"], starts_at=given["starts_at"])
    return propose(act=CHANGE_RISK_POLICY, content=content, by=by, reason=given["reason"])


PROPOSE = RowAct[Policy](
    name="propose",
    label=gettext_lazy("Propose other figures"),
    explains=gettext_lazy(
        "Nothing changes until another person has agreed. Decisions already made keep their version."
    ),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=propose_change,
    right=PROPOSE_RULES,
    form=PolicyForm,
    initial=lambda policy: as_shown(policy.figures),
    describes=lambda policy: {_("Version"): version_cell(policy)},
    for_many=False,
    tone="primary",
)


def version_cell(policy: Policy) -> str:
    return code(f"v{policy.version}")


@admin.register(Policy)
class PolicyScreen(Screen[Policy]):
    area = RISK
    place = 40
    may_view = VIEW_RISK
    lead = gettext_lazy("The newest version whose time has come decides. A change takes two people.")
    row_acts = (PROPOSE,)
    list_display = ("version_shown", "state", "from_when", "reason_shown", "what_changed")
    ordering = ("-version",)
    sortable_by = ()

    def complete(self, rows: list[Policy]) -> None:
        """Each with the one before it, and the one in force, all at once."""
        before = Policy.objects.in_bulk([row.version - 1 for row in rows])
        in_force = policy_at(clock.now()).version
        for row in rows:
            row.before, row.in_force = before.get(row.version - 1), in_force  # type: ignore[attr-defined]

    def title_of(self, row: Policy) -> str:
        return _("Risk policy, version %(version)s") % {"version": row.version}

    def badge_of(self, row: Policy) -> str:
        self.complete([row])
        return self.state(row)

    def sections(self, row: Policy) -> Sequence[Section]:
        present = policy_at(clock.now())
        against = differences(present.read(), row.read())
        html = render_to_string("risk/differences.html", {"changes": against})
        difference = Section(_("Difference to the present version"), html=html)
        facts = [
            (_("In force from"), cells.moment(row.valid_from)),
            (_("Reason"), row.reason),
            *self.people_of(row),
        ]
        return (
            Section(_("Figures"), list(in_words(row.read()).items())),
            *(() if present == row else (difference,)),
            Section(_("Version"), facts),
        )

    def people_of(self, row: Policy) -> list[tuple[str, Any]]:
        proposals = Proposal.objects.select_related("proposed_by", "decided_by")
        proposal = proposals.filter(kind=CHANGE_RISK_POLICY.kind, result__version=row.version).first()
        if proposal is None:
            return [(_("Proposed by"), _("the first version, of the release"))]
        who = [(_("Proposed by"), proposal.proposed_by), (_("Agreed to by"), proposal.decided_by)]
        return [(label, cells.person(user)) for label, user in who]

    @admin.display(description=gettext_lazy("version"))
    def version_shown(self, row: Policy) -> str:
        return version_cell(row)

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: Policy) -> str:
        if row.version == row.in_force:  # type: ignore[attr-defined]
            return cells.badge(_("in force"), "ok")
        return cells.badge(_("to begin"), "info") if row.version > row.in_force else cells.badge(_("over"))  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("in force from"))
    def from_when(self, row: Policy) -> str:
        return cells.moment(row.valid_from)

    @admin.display(description=gettext_lazy("reason"))
    def reason_shown(self, row: Policy) -> str:
        return cells.text(row.reason)

    @admin.display(description=gettext_lazy("changes"))
    def what_changed(self, row: Policy) -> str:
        before: Policy | None = row.before  # type: ignore[attr-defined]
        changes = {} if before is None else differences(before.read(), row.read())
        return " · ".join(str(label) for label in changes) or cells.NOTHING

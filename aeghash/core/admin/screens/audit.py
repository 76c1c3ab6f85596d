"""Who did what: search, everything that happened to one object, and whether the trail is whole."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from aeghash.core import rights
from aeghash.core.actors import ActorKind
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.time_line import Event, changes, event, kind_label, time_line_of, who, with_names
from aeghash.core.admin.kit.verbs import verb_label
from aeghash.core.admin.page import page
from aeghash.core.admin.screens.areas import OVERSIGHT
from aeghash.core.models import AuditRow, AuditSeal
from aeghash.core.queries.audit_check import check_newest

SECONDS_TO_CHECK: Final = 15
MOST_FLAWS_SHOWN: Final = 100


@admin.register(AuditRow)
class AuditScreen(Screen[AuditRow]):
    area = OVERSIGHT
    place = 40
    empty_title = gettext_lazy("Nothing recorded yet")
    empty_text = gettext_lazy(
        "Every act of a person, a job or a partner is listed here, and can't be changed or removed."
    )
    filters = ("actor_kind",)
    search_fields = ("=object_id", "=actor_id", "=request_id", "verb__startswith")
    search_help_text = gettext_lazy("Object, actor, request or act, exactly")
    list_display = ("when", "act", "actor", "object", "reason_given")
    list_display_links = ("act",)
    change_list_template = "admin/audit.html"
    export = {
        gettext_lazy("Number"): lambda row: row.pk,
        gettext_lazy("When"): lambda row: row.at,
        gettext_lazy("Act"): lambda row: row.verb,
        gettext_lazy("Kind of actor"): lambda row: row.get_actor_kind_display(),
        gettext_lazy("Actor"): who,
        gettext_lazy("Kind of object"): lambda row: row.object_type,
        gettext_lazy("Object"): lambda row: row.object_id,
        gettext_lazy("Before"): lambda row: row.before or "",
        gettext_lazy("After"): lambda row: row.after or "",
        gettext_lazy("Reason"): lambda row: row.reason,
        gettext_lazy("Request"): lambda row: row.request_id,
    }
    ordering = ("-id",)
    sortable_by = ()

    def has_view_permission(self, request: HttpRequest, obj: AuditRow | None = None) -> bool:
        return request.user.has_perm(rights.VIEW_AUDIT) or request.user.has_perm(rights.VIEW_OWN_AUDIT)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditRow]:
        rows = super().get_queryset(request).defer("canonical")
        if request.user.has_perm(rights.VIEW_AUDIT):
            return rows
        return rows.filter(actor_kind=ActorKind.PERSON, actor_id=str(request.user.pk))

    def complete(self, rows: list[AuditRow]) -> None:
        with_names(rows)

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().list_context(request), "may_verify": request.user.has_perm(rights.VIEW_AUDIT)}

    def more_urls(self) -> list[URLPattern]:
        private = self.admin_site.private  # type: ignore[attr-defined]
        return [path("verify/", private(self.verify), name=f"{self.name}_verify")]

    @method_decorator(require_POST)
    def verify(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(rights.VIEW_AUDIT):
            raise PermissionDenied
        check = check_newest(seconds=SECONDS_TO_CHECK)
        crumbs = [(self.label(), self.list_url())]
        return page(
            request, "admin/audit_check.html", _("Is the audit trail whole?"), crumbs=crumbs, check=check,
            flaws=check.flaws[:MOST_FLAWS_SHOWN],
        )  # fmt: skip

    def title_of(self, row: AuditRow) -> str:
        return verb_label(row.verb)

    def sections(self, row: AuditRow) -> Sequence[Section]:
        with_names([row])
        facts = [
            (_("When"), cells.moment(row.at)),
            (_("Actor"), self.actor(row)),
            (_("Act"), format_html("<code>{}</code>", row.verb)),
            (_("Object"), self.object(row)),
            (_("Reason"), cells.text(row.reason)),
            (_("Request"), format_html("<code>{}</code>", row.request_id or cells.NOTHING)),
        ]
        changed = render_to_string("admin/kit/changes.html", {"changes": changes(row)})
        sections = [Section(_("Act"), facts), Section(_("Seal"), self.seal_of(row))]
        return [sections[0], Section(_("What changed"), html=changed), sections[1]] if changed.strip() else sections

    def seal_of(self, row: AuditRow) -> list[tuple[str, Any]]:
        seal = AuditSeal.objects.filter(audit_id=row.pk).first()
        if seal is None:
            return [(_("Number"), _("not yet sealed"))]
        return [
            (_("Number"), seal.number),
            (_("Hash"), format_html("<code>{}</code>", bytes(seal.hash).hex())),
            (_("Sealed"), cells.moment(seal.sealed_at)),
        ]

    def time_line(self, row: AuditRow) -> list[Event]:
        """Of the object, not of this row: what came before it, and after."""
        return time_line_of(row.object_type, row.object_id) if row.object_type else [event(row)]

    @admin.display(description=gettext_lazy("when"))
    def when(self, row: AuditRow) -> str:
        return cells.moment(row.at)

    @admin.display(description=gettext_lazy("act"))
    def act(self, row: AuditRow) -> str:
        return verb_label(row.verb)

    @admin.display(description=gettext_lazy("actor"))
    def actor(self, row: AuditRow) -> str:
        if row.actor_kind == ActorKind.PERSON:
            return who(row)
        return format_html('{} <span class="muted">{}</span>', who(row), row.get_actor_kind_display())

    @admin.display(description=gettext_lazy("object"))
    def object(self, row: AuditRow) -> str:
        """With the way to everything that happened to it."""
        if not row.object_type:
            return cells.NOTHING
        query = urlencode({"object_type": row.object_type, "object_id": row.object_id})
        return format_html(
            '<a href="{}?{}">{} #{}</a>', self.list_url(), query, kind_label(row.object_type), row.object_id
        )

    @admin.display(description=gettext_lazy("reason"))
    def reason_given(self, row: AuditRow) -> str:
        return cells.text(row.reason)

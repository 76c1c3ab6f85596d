"""The base of every list and of the page of one row. Nothing is written here: whatever changes a row is a `RowAct`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aeghash.core import rights
from aeghash.core.admin.kit import exports
from aeghash.core.admin.kit.act_pages import act_page, person_of
from aeghash.core.admin.kit.counting import BoundedPaginator
from aeghash.core.admin.kit.row_acts import RowAct
from aeghash.core.admin.kit.tabs import Tab, TabFilter, shown_tabs
from aeghash.core.admin.kit.time_line import Event, time_line
from aeghash.core.admin.navigation import Area
from aeghash.core.errors import Refusal
from aeghash.core.operations.record import record

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:
    TypedAdmin = ModelAdmin
else:

    class TypedAdmin(ModelAdmin, Generic[M]):
        """Django's own is generic for the type checker only."""


@dataclass(frozen=True)
class Section:
    """A part of the page of one row: facts by label, or any piece of HTML a template made."""

    title: str | Promise
    facts: Sequence[tuple[str | Promise, Any]] = ()
    html: str = ""
    note: str | Promise = ""


class ScreenList(ChangeList):
    """One page of the list, whose rows the screen may complete together."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: Any = list(self.result_list)
        screen: Any = self.model_admin
        screen.complete(self.result_list)

    def url_for_result(self, result: Any) -> str:
        return str(self.model_admin.row_url(result))  # type: ignore[attr-defined]


class Screen(TypedAdmin[M]):
    area: ClassVar[Area]
    place: ClassVar[int] = 0
    may_view: ClassVar[str]
    lead: ClassVar[str | Promise] = ""
    tabs: ClassVar[Sequence[Tab]] = ()
    filters: ClassVar[Sequence[Any]] = ()
    row_acts: ClassVar[Sequence[RowAct[Any]]] = ()
    export: ClassVar[exports.Columns] = {}
    empty_title: ClassVar[str | Promise] = ""
    empty_text: ClassVar[str | Promise] = ""

    actions = None
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    paginator = BoundedPaginator
    change_list_template = "admin/kit/list.html"
    detail_template = "admin/kit/detail.html"
    empty_value_display = "–"

    # What a row looks like

    def complete(self, rows: list[M]) -> None:
        """What the rows of a page need from elsewhere, asked for all of them at once."""

    def title_of(self, row: M) -> str:
        return str(row)

    def badge_of(self, row: M) -> str:
        return ""

    def sections(self, row: M) -> Sequence[Section]:
        return ()

    def time_line(self, row: M) -> list[Event]:
        return time_line(row)

    def waiting(self) -> QuerySet[M] | None:
        """What somebody should see to, for the number in the navigation."""
        return None

    def formats(self) -> Mapping[str, str]:
        """As which files the list can be taken, and what their buttons say."""
        return exports.FORMATS

    # Rights: seeing is one of `core.rights`, everything else is an act with its own

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return request.user.has_perm(self.may_view)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    # Addresses

    @property
    def name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def label(self) -> str:
        return capfirst(str(self.opts.verbose_name_plural))

    def list_url(self) -> str:
        return reverse(f"admin:{self.name}_changelist")

    def row_url(self, row: M) -> str:
        return reverse(f"admin:{self.name}_change", args=[self.key_of(row)])

    def key_of(self, row: M) -> str:
        """What names a row in its address."""
        return str(row.pk)

    def get_urls(self) -> list[URLPattern]:
        private = self.admin_site.private  # type: ignore[attr-defined]
        return [
            path("", private(self.list_view), name=f"{self.name}_changelist"),
            path("act/<slug:name>/", private(self.act_view), name=f"{self.name}_act"),
            path("export/<slug:kind>/", private(self.export_view), name=f"{self.name}_export"),
            *self.more_urls(),
            path("<path:object_id>/", private(self.detail_view), name=f"{self.name}_change"),
        ]

    def more_urls(self) -> list[URLPattern]:
        return []

    @property
    def urls(self) -> list[URLPattern | URLResolver]:  # type: ignore[override]
        return list(self.get_urls())

    @property
    def media(self) -> Media:
        """None of Django's own scripts and styles: the theme has its own."""
        return Media()

    # The list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ScreenList

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [*([TabFilter] if self.tabs else []), *self.filters]

    @method_decorator(require_safe)
    def list_view(self, request: HttpRequest) -> HttpResponse:
        return self.changelist_view(request, self.list_context(request))

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "title": self.label(),
            "screen": self,
            "lead": self.lead,
            "bulk_acts": [act for act in self.row_acts if act.for_many and act.may(request.user)],
            "may_export": bool(self.export) and request.user.has_perm(rights.EXPORT),
        }

    def shown_tabs(self, changelist: ChangeList) -> list[Any]:
        return shown_tabs(changelist)

    @method_decorator(require_POST)
    def export_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """A POST, for it is recorded: who took what, in which form."""
        if not (self.export and self.has_view_permission(request) and request.user.has_perm(rights.EXPORT)):
            raise PermissionDenied
        if kind not in self.formats():
            raise Http404
        make = exports.MAKERS[kind]
        try:
            queryset = self.get_changelist_instance(request).queryset
            response = make(queryset, self.export, self.opts.db_table)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self.list_url())
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.list_url())
        with transaction.atomic():
            record(
                "list.exported", after={"list": self.opts.db_table, "format": kind, "which": request.GET.urlencode()}
            )
        return response

    # One row

    def found(self, request: HttpRequest, object_id: str) -> M:
        if not self.has_view_permission(request):
            raise PermissionDenied
        key = unquote(object_id)
        row = None if "\0" in key else self.get_object(request, key)  # PostgreSQL can't even compare a NUL
        if row is None or self.key_of(row) != key:  # `1_0` is ten to Python, and no address of ours
            raise Http404
        return row

    @method_decorator(require_safe)
    def detail_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.found(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": self.title_of(row),
            "badge": self.badge_of(row),
            "row": row,
            "screen": self,
            "crumbs": [(self.label(), self.list_url())],
            "sections": self.sections(row),
            "acts": [act for act in self.row_acts if act.may(request.user) and act.offered(row, person_of(request))],
            "time_line": self.time_line(row),
        }
        return TemplateResponse(request, self.detail_template, context)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def act_view(self, request: HttpRequest, name: str) -> HttpResponse:
        return act_page(self, request, name)

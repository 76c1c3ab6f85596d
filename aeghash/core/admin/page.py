"""One page of the staff's site, with its frame."""

from typing import Any

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise


def page(request: HttpRequest, template: str, title: str | Promise, status: int = 200, **context: Any) -> HttpResponse:
    return TemplateResponse(request, template, {**site.each_context(request), "title": title, **context}, status=status)

"""Every address of the product, from its resolver."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern


def all_addresses() -> set[str]:
    return {f"{method} {route}" for route, view in routes(get_resolver().url_patterns) for method in methods_of(view)}


def routes(patterns: list[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = before + readable(pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route, pattern.callback


def readable(pattern: URLPattern | URLResolver) -> str:
    text = str(pattern.pattern)
    return simplify_regex(text).removeprefix("/") if isinstance(pattern.pattern, RegexPattern) else text


def methods_of(view: Any) -> set[str]:
    """Of a page GET alone: what its forms do is an operation's, with tests of its own."""
    api_view = getattr(view, "cls", None)
    methods = ("get", "post", "put", "patch", "delete") if api_view else ()
    return {name.upper() for name in methods if hasattr(api_view, name)} or {"GET"}

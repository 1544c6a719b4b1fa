"""Every address of the URLconf by its name: what the matrix, the canary and the query counts go through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """A named url and the view behind it."""

    name: str
    view: Callable[..., HttpResponseBase]


def every_address() -> dict[str, Address]:
    """Every url of the URLconf, "namespace:name" → address. ValueError for one without a name of its own."""
    found: dict[str, Address] = {}
    for name, view in _walk(get_resolver().url_patterns, ""):
        if not name or name.endswith(":") or name in found:
            raise ValueError(f"a url has no name of its own: {name or view}")
        found[name] = Address(name, view)
    return found


def _walk(
    patterns: Iterable[URLPattern | URLResolver], namespace: str
) -> Iterator[tuple[str, Callable[..., HttpResponseBase]]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _walk(one.url_patterns, inner)
        else:
            yield f"{namespace}{one.name or ''}", one.callback

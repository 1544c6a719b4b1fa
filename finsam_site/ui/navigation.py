"""The navigation under the top bar. Each app adds its items in its `AppConfig.ready`:

from finsam_site.ui import navigation
from finsam_site.access.roles import Roll

navigation.register(navigation.Item("Insatser", "registration:insatser", roles=[Roll.DELTAGARANSVARIG], order=20))
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.urls import reverse

from finsam_site.access.roles import Roll


@dataclass(frozen=True)
class Item:
    """A place that some roles can go to. `url_name` takes no arguments.

    order: small numbers stand first. under: path prefixes besides the item's own for which it is the current one.
    pages: names of urls that belong to it wherever they lie, before any prefix.
    """

    label: str
    url_name: str
    roles: Collection[Roll]
    order: int = 100
    under: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """An item as one page shows it."""

    label: str
    url: str
    here: bool = field(default=False)


_items: dict[str, Item] = {}


def register(item: Item) -> None:
    """Add `item`. Raises ValueError for an address that is there already."""
    if item.url_name in _items and _items[item.url_name] != item:
        raise ValueError(f"{item.url_name} is in the navigation already")
    _items[item.url_name] = item


def _leads_to(prefix: str, path: str) -> bool:
    """The start page is only itself; everything else is the beginning of what lies under it."""
    return path == "/" if prefix == "/" else path.startswith(prefix)


def _fit(item: Item, url: str, path: str, page: str) -> int:
    """How closely the item belongs to what is at `path`: one of its pages before the longest of its prefixes."""
    if page in item.pages:
        return len(path) + 1
    return max((len(prefix) for prefix in (url, *item.under) if _leads_to(prefix, path)), default=0)


def entries(roll: Roll | None, path: str, page: str = "") -> list[Entry]:
    """What somebody in `roll` sees, in order, at `path`; the longest prefix that fits is the current one.

    page: the name of the url there.
    """
    mine = sorted(
        (one for one in _items.values() if roll in one.roles), key=lambda one: (one.order, one.label)
    )
    urls = [reverse(one.url_name) for one in mine]
    fits = [_fit(one, url, path, page) for one, url in zip(mine, urls, strict=True)]
    longest = max(fits, default=0)
    return [
        Entry(one.label, url, here=longest > 0 and fit == longest)
        for one, url, fit in zip(mine, urls, fits, strict=True)
    ]

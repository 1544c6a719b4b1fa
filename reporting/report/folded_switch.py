"""The switch on a table with a row for each förbund: absorbed förbund in rows of their own, or in their successor's."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.urls import reverse

from finsam_site.ui.components import Link

from ..models import Uttag
from ..tables.compute import TableResult
from . import folded

SWITCH, FOLDED = "uppgangna", "efterfoljare"
"""The parameter of the address that switches, and its value for the view that is not the default."""


@dataclass(frozen=True)
class Switch:
    """What the page of a table says about absorbed förbund.

    ways: to both views; empty where the table or the uttag has no such förbund. table: what is shown in place of the
    stored table, None for the default. moved: (absorbed, successor) by name. refused: why the other view, which was
    asked for, cannot be computed.
    """

    ways: list[Link] = field(default_factory=list)
    table: TableResult | None = None
    moved: list[tuple[str, str]] = field(default_factory=list)
    refused: str = ""

    @classmethod
    def of(cls, uttag: Uttag, table_id: str, *, wanted: bool) -> Switch:
        """For a table of the uttag. wanted: the view in the successor's row was asked for."""
        if table_id not in folded.TABLES:
            return cls()
        found = folded.folded(uttag)
        if not found.moved:
            return cls(refused=found.why_not if wanted else "")
        url = reverse("reporting:table", args=[uttag.pk, table_id])
        ways = [
            Link("I egna rader", url, current=not wanted),
            Link("I efterföljarens rad", f"{url}?{SWITCH}={FOLDED}", current=wanted),
        ]
        return cls(ways, found.tables[table_id] if wanted else None, found.moved)

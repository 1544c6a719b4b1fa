"""How people stand in a list: name and birth year, never the whole number (QUALITY §1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from finsam_site.ui.tables import Column, Kind, Row

from ..rules.reveal import Namn
from .deltaganden import deltagande_url, status_tag
from .samtycke_words import samtycke_tag

_COLUMNS = (
    Column("namn", "Namn"),
    Column("fodelsear", "Födelseår"),
    Column("insats", "Insats"),
    Column("status", "Status"),
    Column("start", "Start", Kind.DAY),
    Column("slut", "Slut", Kind.DAY),
    Column("samtycke", "Samtycke"),
)


def columns(*, several: bool, sorting: Mapping[str, Mapping[str, Any]] | None = None) -> list[Column]:
    """The columns. several: of more than one insats. sorting: column → `sort_url` and `sorted` of its header."""
    shown = (one for one in _COLUMNS if several or one.key != "insats")
    return [replace(one, **(sorting or {}).get(one.key, {})) for one in shown]


def row(one: Any, name: Namn, *, several: bool) -> Row:
    """A person who has been revealed; `samtycke_status`, insats (when several) and both versions at hand."""
    cells: dict[str, Any] = {
        "namn": f"{name.efternamn}, {name.fornamn}",
        "fodelsear": str(one.deltagande.aktuell_in.fodelsear or ""),
        "status": status_tag(one.deltagande, one.startdatum, brief=True),
        "start": one.startdatum,
        "slut": one.slutdatum,
        "samtycke": samtycke_tag(one.samtycke_status),
    }
    if several:
        cells["insats"] = one.insats.namn
    return Row(cells, url=deltagande_url(one.deltagande_id))

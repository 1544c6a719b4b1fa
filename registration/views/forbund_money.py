"""A förbund's money, year by year: what it was given, what its insatser and its administration cost (DOMAIN §3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from finsam_site.ui.components import EmptyState
from finsam_site.ui.formats import sentence
from finsam_site.ui.tables import Column, Kind, Row, Table

from ..forms.sysselsattning_codes import Codes
from ..models import Forbund, InsatsAgande, InsatsAr, Kodlista
from ..rules.ownership import by_insats, owner_on

MONEY = {"budget": "Budget", "utfall": "Utfall"}
INSATSER = {"": "Insatskostnad utan ESF", "_esf": "Insatskostnad ESF"}
"""Which columns of an insats's year are summed, by the end of their names, and how the sum is named."""

Cells = dict[str, int]


def money_table(one: Forbund) -> Table:
    """Money in, insatser and administration, each year's budget and outcome side by side, the newest first."""
    parts = list(_parts(one))
    years = sorted(
        {_year(key) for _, posts in parts for cells in posts.values() for key in cells}, reverse=True
    )
    rows = []
    for total, posts in parts:
        rows += [Row({"post": label, **cells}) for label, cells in posts.items()]
        if posts:
            rows.append(Row({"post": f"{total} tillsammans", **_sums(posts)}, total=True))
    return Table(
        id="pengar", caption="Förbundets pengar per år", hide_caption=True,
        columns=[
            Column("post", "Post"),
            *(
                Column(f"{what}_{ar}", word, Kind.NUMBER, unit="kronor", group=str(ar))
                for ar in years
                for what, word in MONEY.items()
            ),
        ],
        rows=rows, empty=EmptyState("Inga belopp ännu", "Här står förbundets budget och utfall för varje år."),
    )  # fmt: skip


def _parts(one: Forbund) -> Iterator[tuple[str, dict[str, Cells]]]:
    """The parts of the table in order: how each is named, and its posts with their cells."""
    codes = Codes()
    found: dict[str, Cells] = {}
    for row in one.ar.all():
        found.setdefault(row.post, {}).update(_cells(row.ar, row.budget, row.utfall))
    for total, kodlista in (("Tillskott", Kodlista.FINANSIAR), ("Administration", Kodlista.KOSTNADSTYP)):
        if kodlista == Kodlista.KOSTNADSTYP:
            yield "Insatser", _of_insatser(one)
        posts = {each.kod: sentence(each.etikett) for each in codes.rows(kodlista)}
        yield total, {label: found[kod] for kod, label in posts.items() if kod in found}


def _of_insatser(one: Forbund) -> dict[str, Cells]:
    """The budgets and outcomes of its insatser, summed. An insats's year belongs to who owned it at the end of the
    year, or of the insats if that came first, as what is registered of it does in an uttag.
    """
    owned = InsatsAgande.objects.filter(forbund=one).values("insats")
    rows = InsatsAgande.objects.filter(insats__in=owned).order_by("insats", "fran")
    now, earlier = by_insats(rows.values_list("insats_id", "forbund_id", "till"))
    found: dict[str, Cells] = {}
    for row in InsatsAr.objects.filter(insats__in=owned).select_related("insats"):
        last = dt.date(row.ar, 12, 31)
        day = min(row.insats.slutdatum or last, last)
        if owner_on(day, now[row.insats_id], earlier.get(row.insats_id, ())) != one.pk:
            continue
        for end, label in INSATSER.items():
            cells = _cells(row.ar, getattr(row, f"budget{end}"), getattr(row, f"utfall{end}"))
            if cells:
                _add(found.setdefault(label, {}), cells)
    return {label: found[label] for label in INSATSER.values() if label in found}


def _cells(ar: int, budget: int | None, utfall: int | None) -> Cells:
    """The cells of a year that have an amount."""
    return {
        f"{what}_{ar}": amount
        for what, amount in zip(MONEY, (budget, utfall), strict=True)
        if amount is not None
    }


def _sums(posts: dict[str, Cells]) -> dict[str, Any]:
    sums: Cells = {}
    for cells in posts.values():
        _add(sums, cells)
    return sums


def _add(sums: Cells, cells: Cells) -> None:
    for key, amount in cells.items():
        sums[key] = sums.get(key, 0) + amount


def _year(key: str) -> int:
    return int(key.rpartition("_")[2])

"""What is compared: the tables that all ways compute, and their cells in one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reporting.tables.compute import TableResult

TABLES = (
    "insatser_individ", "deltagare_alder", "deltagare_utbildning", "deltagare_tid", "deltagare_forsorjning",
    "deltagare_initierad", "behovsgrupper", "resultat_sysselsattning", "resultat_okade", "resultat_forsorjning",
    "resultat_forsorjning_flode", "avslut", "tid_i_insats", "lan", "kommun", "forbund_resultat",
)  # fmt: skip
DIMENSIONS = (
    "preciserad_inriktning", "alder", "utbildning", "tid_i_forsorjning", "forsorjning", "initierad_av", "grupp",
    "sysselsattning", "okade", "forsorjning_fore", "forsorjning_efter", "avslutsanledning", "lan", "kommun", "forbund",
    "resultat", "kon",
)  # fmt: skip
# Shares of two figures that are compared: the product computes them, the others are spared it.
LEFT_OUT = {"andel", "fore_andel", "efter_andel", "forandring_pe", "forandring"}

Cells = dict[tuple[str, ...], float | None]


def product_cells(results: Iterable[TableResult]) -> Cells:
    """The cells of the year itself as the product computes them."""
    return {
        _key(result.table.id, row, str(row["matt"])): _number(row["varde"])
        for result in results
        for row in result.rows
        if "ar" not in row and row["matt"] not in LEFT_OUT
    }


def cells_of(table: str, rows: Iterable[Mapping[str, Any]]) -> Cells:
    """The cells of rows with one column per dimension (None where it does not apply) and one per measure."""
    return {
        _key(table, row, name): _number(value)
        for row in rows
        for name, value in row.items()
        if name not in DIMENSIONS
    }


def differences(expected: Cells, found: Cells) -> list[str]:
    """What differs, in words. A group that nobody is in need not be there: 0, or nothing where that does not apply."""
    wrong = [f"{key}: not in the product" for key in found if key not in expected]
    for key, value in expected.items():
        other = found.get(key)
        if abs((value or 0.0) - (other or 0.0)) > 1e-9 * max(1.0, abs(value or 0.0)):
            wrong.append(f"{key}: {value} and {other}")
    return wrong


def _key(table: str, row: Mapping[str, Any], measure: str) -> tuple[str, ...]:
    where = (f"{name}={row[name]}" for name in DIMENSIONS if row.get(name) is not None)
    return (table, *where, measure)


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)

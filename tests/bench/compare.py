"""All years' tables in three ways on the same register: the product's, one SQL query per table and year, pandas.

Year by year the ways take turns, so that a busy moment of the machine falls on all of them. Every cell of every year
that all three compute must be the same; a difference is an error.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from reporting.tables.compute import compute_tables
from reporting.tables.registry import all_tables, get_table
from reporting.uttag.dataset import build_dataset, open_duckdb, read_dataset, write_dataset
from reporting.uttag.extraction import extract

from . import by_pandas, by_sql
from .cells import TABLES, differences, product_cells
from .child import as_of
from .measure import Stopwatch

REPEATS = 3


class DifferentFigures(Exception):
    """Two ways gave different figures, so their times say nothing."""


def compare_years(first: int, last: int, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Seconds of each part for each year from `first` to `last`, and what was compared.

    Of what is fast the median of three runs is taken; reading and building, and the queries on the register, run once.
    """
    times = {year: as_of(year) for year in range(first, last + 1)}
    by_sql.tune()
    preparing = Stopwatch()
    with preparing("sql: flat table"):
        by_sql.prepare(times)
    try:
        seconds, cells, rows = {}, 0, 0
        for year in times:
            seconds[year], found, there = _compare_year(year)
            cells, rows = cells + found, rows + there
            told = ", ".join(f"{name} {took:.2f}" for name, took in seconds[year].items())
            say(f"{year}: {told}")
    finally:
        by_sql.drop_prepared()
    return {"years": seconds, "cells": cells, "rows": rows, "tables": len(TABLES), "all_tables": len(all_tables())} | {
        "flat_table": preparing.seconds["sql: flat table"]
    }


def _compare_year(year: int) -> tuple[dict[str, float], int, int]:
    """(seconds by part, cells compared, deltaganden of the year)."""
    time_of_it = as_of(year)
    wanted = [get_table(name) for name in TABLES]
    watch = Stopwatch()
    many: dict[str, list[float]] = {}

    def median_of(name: str, work: Callable[[], Any]) -> Any:
        for _ in range(REPEATS):
            own = Stopwatch()
            with own(name):
                result = work()
            many.setdefault(name, []).append(own.seconds[name])
        return result

    with tempfile.TemporaryDirectory() as name, open_duckdb() as con:
        raw, frozen = Path(name) / "raw", Path(name) / "frozen"
        with watch("extraction"), acting_as(User.objects.system(), one_snapshot=True):
            extract(raw, year, time_of_it)
        with watch("product: dataset"):
            build_dataset(con, "nu", raw, year, time_of_it)
        write_dataset(con, "nu", frozen)
        median_of("product: read frozen", lambda: read_dataset(con, "nu", frozen))
        results = median_of("product: tables", lambda: compute_tables(con, year=year, schema="nu", tables=wanted))
        median_of("product: every table", lambda: compute_tables(con, year=year, schema="nu"))
        there = con.execute("SELECT count(*) FROM nu.deltaganden").fetchall()[0][0]
        with watch("pandas: frames"):
            rows = by_pandas.read_rows(raw, year)
        frames = median_of("pandas: tables", lambda: by_pandas.run(rows))
    flat = median_of("sql: flat table", lambda: by_sql.run(year, by_sql.prepared_rows(year)))
    with watch("sql: register"):
        direct = by_sql.run(year, by_sql.rows_of(year, time_of_it))
    expected = product_cells(results)
    for way, found in (
        ("SQL on the register", by_sql.cells(direct)),
        ("SQL on the flat table", by_sql.cells(flat)),
        ("pandas", by_pandas.cells(frames)),
    ):
        if wrong := differences(expected, found):
            raise DifferentFigures(f"{year}, product and {way}: {len(wrong)} cells differ, as {wrong[:5]}")
    medians = {name: statistics.median(values) for name, values in many.items()}
    return watch.seconds | medians, len(expected), there

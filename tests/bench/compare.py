"""All years' tables in four ways on the same register: the product's, one ORM query per table and year, SQL, pandas.

Year by year the ways take turns, so that a busy moment of the machine falls on all of them. Every cell of every year
that the ways compute must be the same; a difference is an error.
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

from . import by_orm, by_pandas, by_sql
from .cells import TABLES, Cells, differences, product_cells
from .child import as_of
from .measure import Stopwatch

REPEATS = 3


class DifferentFigures(Exception):
    """Two ways gave different figures, so their times say nothing."""


def compare_years(
    first: int, last: int, say: Callable[[str], None] = lambda _: None, *, register_every: int = 1
) -> dict[str, Any]:
    """Seconds of each part for each year from `first` to `last`, and what was compared.

    Of what is fast the median of three runs is taken. Reading, building, and the slow queries on the register run once;
    those queries only for every `register_every`th year, from the first and the last on.
    """
    times = {year: as_of(year) for year in range(first, last + 1)}
    by_sql.tune()
    preparing = Stopwatch()
    with preparing("sql: flat table"):
        by_sql.prepare(times)
    years = []
    try:
        for year in times:
            years.append(_compare_year(year, (year - first) % register_every == 0 or year == last))
            say(f"{year}: " + ", ".join(f"{name} {took:.2f}" for name, took in years[-1]["seconds"].items()))
    finally:
        by_sql.drop_prepared()
    return {
        "years": years,
        "tables": len(TABLES),
        "all_tables": len(all_tables()),
        "flat_table": preparing.seconds["sql: flat table"],
    }


def _compare_year(year: int, with_register: bool) -> dict[str, Any]:
    """One year: seconds and CPU seconds by part, cells compared, deltaganden of the year."""
    time_of_it = as_of(year)
    wanted = [get_table(name) for name in TABLES]
    watch = Stopwatch()

    def median_of(name: str, work: Callable[[], Any]) -> Any:
        runs = []
        for _ in range(REPEATS):
            runs.append(Stopwatch())
            with runs[-1](name):
                result = work()
        watch.seconds[name] = statistics.median(run.seconds[name] for run in runs)
        watch.cpu[name] = statistics.median(run.cpu[name] for run in runs)
        return result

    found: dict[str, Cells] = {}
    with tempfile.TemporaryDirectory() as name, open_duckdb() as con:
        raw, frozen = Path(name) / "raw", Path(name) / "frozen"
        with watch("extraction"), acting_as(User.objects.system(), one_snapshot=True):
            extract(raw, {year: time_of_it})
        with watch("product: dataset"):
            build_dataset(con, "nu", raw, year, time_of_it)
        write_dataset(con, "nu", frozen)
        median_of("product: read frozen", lambda: read_dataset(con, "nu", frozen))
        with watch("pandas: frames"):
            rows = by_pandas.read_rows(raw, year)
        results = median_of(
            "product: tables", lambda: compute_tables(con, year=year, schema="nu", tables=wanted)
        )
        found["pandas"] = by_pandas.cells(median_of("pandas: tables", lambda: by_pandas.run(rows)))
        median_of("product: every table", lambda: compute_tables(con, year=year, schema="nu"))
        there = con.execute("SELECT count(*) FROM nu.deltaganden").fetchall()[0][0]
    flat = median_of("sql: flat table", lambda: by_sql.run(year))
    found["SQL on the flat table"] = by_sql.cells(flat)
    if with_register:
        with watch("orm: register"):
            direct = by_orm.run(year, time_of_it)
        found["ORM on the register"] = by_orm.cells(direct)
    expected = product_cells(results)
    for way, cells in found.items():
        if wrong := differences(expected, cells):
            raise DifferentFigures(f"{year}, product and {way}: {len(wrong)} cells differ, as {wrong[:5]}")
    return {"year": year, "seconds": watch.seconds, "cpu": watch.cpu, "cells": len(expected), "rows": there}

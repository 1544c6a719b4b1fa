"""What was measured, held against QUALITY §5, as text for the terminal and as docs/performance.md."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import pages_report
from .measure import Spread
from .shape import Figure, bullets, paragraph, table

UTTAG_SECONDS, TABLES_SECONDS, WORKBOOK_SECONDS = 10.0, 1.0, 5.0
IMPORT_RATE = 2000.0
ORM_RATIO, PANDAS_RATIO = 8.0, 2.0
WHOLE_REGISTER = 1_000_000
QUIET = 2.5  # the bench itself keeps two processes at work: its own and the server's
WEAK = "What is weaker than one would like"
PART_NAMES = {
    "waiting": "waiting for writers",
    "counting": "counting the rows",
    "extraction": "extraction, both years in one pass",
    "reading": "reading it",
    "datasets": "datasets of both years",
    "late and erased": "what came late, what was erased",
    "tables": "all tables, of both years",
    "hash": "hash of the figures",
    "freezing": "frozen file",
    "rows": "rows (`UttagRad`)",
    "the rest and the commit": "the rest, and the commit",
}


@dataclass(kw_only=True)
class Report:
    """Everything that one run measured."""

    started: dt.datetime
    machine: dict[str, str]
    load: list[float]
    deltaganden: int
    years: int
    imports: list[dict[str, Any]] = field(default_factory=list)
    register: dict[str, Any] = field(default_factory=dict)
    uttag: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    compare: dict[str, Any] = field(default_factory=dict)
    pages: dict[str, Any] = field(default_factory=dict)

    @property
    def held(self) -> list[Figure]:
        """The figures that QUALITY §5 binds, of the parts that ran."""
        found = []
        if self.imports:
            rate = Spread.of(run["deltaganden"] / run["seconds"] for run in self.imports)
            found.append(Figure("register import", rate.median, IMPORT_RATE, " deltaganden/s", True))
        for year, runs in self.uttag.items():
            total = Spread.of(run["total"] for run in runs)
            tables = Spread.of(run["parts"]["tables"] for run in runs)
            found.append(Figure(f"uttag of {year}", total.median, UTTAG_SECONDS, " s", False))
            found.append(Figure(f"its tables, {year}", tables.median, TABLES_SECONDS, " s", False))
            workbook = Spread.of(run["workbook"] for run in runs)
            found.append(Figure(f"its workbook, {year}", workbook.median, WORKBOOK_SECONDS, " s", False))
        if self.compare:
            found.append(
                Figure(
                    "tables, times faster than the ORM on the register",
                    self.ratio("orm: register"),
                    ORM_RATIO,
                    "",
                    True,
                )
            )
            found.append(
                Figure(
                    "tables, times faster than pandas", self.ratio("pandas: tables"), PANDAS_RATIO, "", True
                )
            )
        return [*found, *(pages_report.held(self.pages) if self.pages else [])]

    def years_with(self, part: str) -> list[dict[str, Any]]:
        """The years in which the part ran."""
        return [year for year in self.compare["years"] if part in year["seconds"]]

    def total(
        self, *parts: str, years: Sequence[dict[str, Any]] | None = None, what: str = "seconds"
    ) -> float:
        """Seconds of the parts over all years, or over `years`."""
        chosen = self.compare["years"] if years is None else years
        return float(sum(year[what][part] for year in chosen for part in parts))

    def ratio(self, theirs: str, ours: str = "product: tables", *, what: str = "seconds") -> float:
        """How many times longer the other way took than the product, over the years in which it ran."""
        years = self.years_with(theirs)
        return self.total(theirs, years=years, what=what) / self.total(ours, years=years, what=what)


def as_text(report: Report) -> str:
    """For the terminal."""
    return "\n".join(["", *(line for _, lines in _sections(report) for line in [*lines, ""])])


def as_markdown(report: Report) -> str:
    """docs/performance.md, whole."""
    lines = [
        "# Performance",
        "",
        "Written by the bench (`tests/bench`), not by hand: every figure here was measured in one "
        "run on one machine, and",
        "what the product is held to is QUALITY §5. Ratios between ways that took turns in the same "
        "run say more than",
        "seconds, which depend on the machine and on what else it was doing.",
        "",
    ]
    for title, body in _sections(report):
        lines += [f"## {title}", "", *body, ""]
    lines += ["## How to run it", "", *_HOW_TO, ""]
    return "\n".join(lines)


_HOW_TO = (
    "`make bench` starts a PostgreSQL of its own and measures everything at full size: a register of a million",
    "deltaganden over twenty years. `BENCH_ARGS` passes arguments on:",
    "",
    "    make bench BENCH_ARGS='--deltaganden 20000 --runs 1'           # a smoke run",
    "    make bench BENCH_ARGS='--only uttag --runs 5'                  # one part",
    "    make bench BENCH_ARGS='--register FOLDER --only import'        # another register folder to import",
    "    make bench BENCH_ARGS='--write docs/performance.md'            # this file, made anew",
    "    make bench BENCH_ARGS='--only pages --write docs/performance.md'  # that section of it, made anew",
    "",
    "It ends with an error when a figure misses. Run it on a machine that does nothing else: the "
    "load average as each",
    "part began is in the table above, and a load of more than its own two processes measures the neighbours too.",
)


def _sections(report: Report) -> Iterable[tuple[str, list[str]]]:
    yield "What it is held to", _held(report)
    yield "Machine", _machine(report)
    if report.imports:
        yield "Register import", _imports(report)
    if report.register:
        yield "The generated register", _register(report)
    if report.uttag:
        yield "An uttag", _uttag(report)
    if report.compare:
        yield "All years' tables, four ways", _compare(report)
    if report.pages:
        yield pages_report.TITLE, pages_report.lines(report.pages)
    yield WEAK, _weak(report)


def _held(report: Report) -> list[str]:
    rows = [(one.name, one.text, "holds" if one.holds else "**misses**") for one in report.held]
    lines = table(("figure", "measured", ""), rows)
    if report.compare:
        lines += [
            "",
            *paragraph(
                "The ORM's queries read the register and sort out its versions for every table; the product's tables "
                "begin with the dataset that the uttag has made. SQL by hand on a flat table of those rows, which "
                f"begins there too, takes {report.ratio('sql: flat table'):.2f} times as long as the product; nothing "
                "is held to that."
            ),
        ]
    if (report.uttag or report.compare) and report.deltaganden != WHOLE_REGISTER:
        lines += [
            "",
            f"Measured on {report.deltaganden:,} deltaganden; the figures are held to at a million.",
        ]
    return lines


def _machine(report: Report) -> list[str]:
    rows = [("date", f"{report.started:%Y-%m-%d %H:%M} UTC"), *report.machine.items()]
    return table(
        ("", ""),
        [*rows, ("load average as the parts began", f"{min(report.load):.1f}–{max(report.load):.1f}")],
    )


def _imports(report: Report) -> list[str]:
    rate = Spread.of(run["deltaganden"] / run["seconds"] for run in report.imports)
    seconds = Spread.of(run["seconds"] for run in report.imports)
    memory = Spread.of(run["peak_mb"] for run in report.imports)
    empty = Spread.of(run["start_mb"] for run in report.imports)
    rows = [
        ("deltaganden", f"{report.imports[0]['deltaganden']:,}"),
        ("checked and written", rate.text(0, " deltaganden/s")),
        ("time", seconds.text(2, " s")),
        ("of it CPU of the process", Spread.of(run["cpu"] for run in report.imports).text(2, " s")),
        ("peak memory of the process", memory.text(0, " MB")),
        ("of it before the import began", empty.text(0, " MB")),
    ]
    return [
        *paragraph(
            "The management command `import_register` on a register folder of FORMATS §1 (förbund, "
            "insatser, money, anonyma, "
            "volym and the deltaganden of two years, persons from the list of test numbers): read, "
            "checked, encrypted and "
            "written in one transaction on PostgreSQL. Every run has an empty database and a process of its own."
        ),
        "",
        *table(("", "median (spread)"), rows),
    ]


def _register(report: Report) -> list[str]:
    made = report.register
    return paragraph(
        f"{made['deltagande']:,} deltaganden of {made['person']:,} persons in {made['insatser']:,} insatser and "
        f"{made['forbund']} förbund of very different size, {made['first']}–{made['last']}; "
        f"{made['inregistrering']:,} "
        f"versions at the start and {made['utregistrering']:,} at the end (corrections are second versions), "
        f"{made['avidentifierade']:,} without identity, {made['anonyma']:,} rows of anonyma and "
        f"{made['volym']:,} of volym; "
        f"{made['bytes'] / 1e9:.1f} GB with indexes. Written by COPY, month by month, with every "
        "constraint and guard on, "
        f"in {made['seconds']:,.0f} s and {made['peak_mb']:,.0f} MB; then VACUUM ANALYZE. Made from a "
        "seed, the same each "
        "time. Names, numbers and hashes are random bytes of the right length: nothing measured here "
        "reads them, and no "
        "number is computed. Kön and birth year stand in the versions."
    )


def _uttag(report: Report) -> list[str]:
    years = list(report.uttag)
    runs = next(iter(report.uttag.values()))

    def column(part: str) -> list[str]:
        return [f"{Spread.of(run['parts'][part] for run in report.uttag[year]).median:.2f}" for year in years]

    rows: list[Sequence[str]] = [
        (name, *column(part)) for part, name in PART_NAMES.items() if part in runs[0]["parts"]
    ]
    rows += [
        ("**in all, s**", *(Spread.of(run["total"] for run in report.uttag[year]).text(2) for year in years)),
        ("of it CPU of the process, s",
         *(Spread.of(run["cpu"] for run in report.uttag[year]).text(2) for year in years)),
        ("peak memory of the process, MB",
         *(Spread.of(run["peak_mb"] for run in report.uttag[year]).text(0) for year in years)),
        ("of it before it began, MB", *(f"{report.uttag[year][0]['start_mb']:.0f}" for year in years)),
        ("its workbook, all tables with charts, s",
         *(Spread.of(run["workbook"] for run in report.uttag[year]).text(2) for year in years)),
        ("of it CPU, s",
         *(Spread.of(run["workbook_cpu"] for run in report.uttag[year]).text(2) for year in years)),
        ("deltaganden med personuppgifter", *(f"{report.uttag[year][0]['rows']:,}" for year in years)),
        ("frozen file, MB", *(f"{report.uttag[year][0]['file_bytes'] / 1e6:.1f}" for year in years)),
    ]  # fmt: skip
    hashes = {year: len({run["content_hash"] for run in found}) for year, found in report.uttag.items()}
    same = "The same hash in every run." if set(hashes.values()) == {1} else f"Different hashes: {hashes}."
    return [
        *paragraph(
            "`take_uttag` as of 16 January after the year, in a process of its own each time; parts are medians in "
            f"seconds. The year before is read from the register too, since none is fastställd. {same}"
        ),
        "",
        *table(("", *(str(year) for year in years)), rows),
    ]


def _compare(report: Report) -> list[str]:
    compare, years = report.compare, report.compare["years"]
    direct = report.years_with("orm: register")
    whole = ("extraction", "product: dataset", "product: tables")

    def each(theirs: str, ours: str = "product: tables") -> str:
        ratios = Spread.of(
            year["seconds"][theirs] / year["seconds"][ours] for year in report.years_with(theirs)
        )
        return f"{report.ratio(theirs, ours):.2f} (by year {ratios.least:.2f}–{ratios.most:.2f})"

    pandas_whole = report.total("extraction", "pandas: frames", "pandas: tables")
    orm_years = ", ".join(str(year["year"]) for year in direct)
    rows = [
        ("product: tables from the dataset in memory", f"{report.total('product: tables'):.2f}", "1"),
        ("pandas: tables from the same rows in memory", f"{report.total('pandas: tables'):.2f}",
         each("pandas: tables")),
        ("SQL: one query per table on a flat table of the same rows", f"{report.total('sql: flat table'):.2f}",
         each("sql: flat table")),
        (f"ORM: one query per table (`tid_i_insats`: two) on the register ({len(direct)} years)",
         f"{report.total('orm: register', years=direct):.2f}", each("orm: register")),
    ]  # fmt: skip
    ours, ours_direct = report.total(*whole), report.total(*whole, years=direct)
    all_in = [
        ("product: extraction, dataset, tables", f"{ours:.2f}", "1"),
        ("pandas: the same extraction, frames from its files, tables", f"{pandas_whole:.2f}",
         f"{pandas_whole / ours:.2f}"),
        ("SQL: making the flat table of all years, then the queries",
         f"{compare['flat_table'] + report.total('sql: flat table'):.2f}",
         f"{(compare['flat_table'] + report.total('sql: flat table')) / ours:.2f}"),
        (f"ORM on the register ({len(direct)} years)", f"{report.total('orm: register', years=direct):.2f}",
         f"{report.total('orm: register', years=direct) / ours_direct:.2f}"),
    ]  # fmt: skip
    cells = sum(year["cells"] for year in years)
    return [
        *paragraph(
            f"{compare['tables']} of the {compare['all_tables']} tables (background, behovsgrupper, "
            "results, flows, avslut, "
            f"time, län, kommun, förbund × result), without the year before, for each of {len(years)} years, "
            f"{sum(year['rows'] for year in years):,} rows of deltaganden in all. Every figure is the "
            "same in all ways: "
            f"{cells:,} cells were compared, shares of two of them left out (the product computes "
            "those, the others need "
            "not). Year by year the ways take turns; medians of three, but extraction, dataset, "
            "frames and the queries on "
            f"the register run once, the latter for {orm_years}. The ratios of these are over the same years."
        ),
        "",
        "Seconds for the tables, the rows ready in memory or in a flat table; **this is what the "
        "ratios are held to**,",
        "for the ORM on the register, because that is where its queries start:",
        "",
        *table(("way", "s", "times the product"), rows),
        "",
        f"In seconds of CPU: product {report.total('product: tables', what='cpu'):.2f}, pandas "
        f"{report.total('pandas: tables', what='cpu'):.2f} "
        f"(ratio {report.ratio('pandas: tables', what='cpu'):.2f}). Every table of all years:",
        f"{report.total('product: every table'):.2f} s. Reading a dataset back from its Parquet, "
        "which an uttag that is "
        "shown again",
        f"needs: {report.total('product: read frozen'):.2f} s for all years.",
        "",
        "Everything counted from the register on:",
        "",
        *table(("way", "s", "times the product"), all_in),
        "",
        *paragraph(
            f"The extraction is {report.total('extraction'):.2f} s of it, the dataset "
            f"{report.total('product: dataset'):.2f} s, "
            f"the frames {report.total('pandas: frames'):.2f} s. The ORM's queries are querysets of Django on the "
            "product's models, one per table and year (the time in insats has a second for the medians of all); the "
            "SQL is written by hand with grouping sets. Their connection has 128 MB to sort in, no just-in-time "
            "compiling and no nested loops, which PostgreSQL's guesses at row counts mislead it to. pandas starts "
            "with codes as categories and "
            "numbered answers on support, as the product's dataset has them, computes once what several tables need, "
            "and counts before it crosses; the product runs two tables at a time."
        ),
    ]


def _weak(report: Report) -> list[str]:
    missed = [f"- {figure.name}: {figure.text}." for figure in report.held if not figure.holds]
    lines = missed or ["- No figure misses."]
    if max(report.load) > QUIET:
        lines += bullets(
            (
                f"**The machine was busy with other work**: a load of up to {max(report.load):.1f} as "
                "the parts began, where the "
                "bench by itself makes no more than 2. The seconds are too high by an unknown "
                "factor, and a miss in seconds "
                "is not proved by this run. Seconds of CPU and ratios stand better.",
            )
        )
    lines += bullets(
        (
            "Memory is that of the Python process. The server's own memory is not measured.",
            "PostgreSQL runs beside the process on the same cores, with fsync off "
            "(`tests/services.py`): a server with fsync "
            "on is slower to commit, one with cores of its own quicker.",
            "The register is invented. Its shape follows what is published; how skewed the real one "
            "is, nobody has measured.",
            "The register import and the uttag are measured apart: the generated register came in by "
            "COPY, not by the import.",
        )
    )
    if not (report.imports and report.uttag and report.compare):
        lines += bullets(("Not every part was run; what is not above was not measured.",))
    return lines

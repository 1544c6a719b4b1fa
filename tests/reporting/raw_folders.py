"""Small raw extraction folders made by hand, and the way to a cell of the tables computed from them."""

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from reporting.tables.compute import TableResult, YearBefore, compute_tables
from reporting.uttag.dataset import build_dataset, open_duckdb
from reporting.uttag.dataset_sql import RAW_COLUMNS

YEAR = 2018
AS_OF = dt.datetime(2019, 1, 16, 22, 59, 59, tzinfo=dt.UTC)

CODES = {
    "inriktning": "individ struktur",
    "registreringssatt": "person volym",
    "preciserad_individ": "forebyggande kartlaggning forberedande rehab_arbete stod_arbete annan_individ",
    "preciserad_struktur": "dialog utbildning kunskap metod samlokalisering annan_struktur",
    "behovsgrupp": "langtidssjukskrivna unga_aktivitetsersattning unga_funktionsnedsattning missbruk annan",
    "finansiar": "stat kommun region esf eget_kapital ovriga",
    "kostnadstyp": "kring personal annan_kostnad",
    "forsorjning": "sjukpenning aktivitetsersattning forsorjningsstod studiestod ingen",
    "utbildning": "ej_grundskola grundskola gymnasium eftergymnasial okand",
    "tid_i_forsorjning": "ingen under_1 1_2 3_5 6_9 10_plus",
    "typ_av_arbete": "ordinarie subventionerat eget_foretag",
    "initierande_aktor": "af fk kommun region egen annan",
    "avslutsanledning": "enligt_plan avbrott_deltagare aterkallat_samtycke annat felregistrering",
    "alder": "-19 20-24 25-29 30-39 40-49 50-59 60-",
}
PER_PERSON = {"langtidssjukskrivna", "unga_aktivitetsersattning", "unga_funktionsnedsattning"}

Field = str | int | None


class Raw:
    """A raw folder in the making. It begins with three kommuner, förbund A and B, insats I1 of A and I2 of B."""

    def __init__(self, year: int = YEAR) -> None:
        self.year = year
        self.files: dict[str, list[dict[str, Field]]] = {name: [] for name in RAW_COLUMNS}
        for kommun, namn, lan, lan_namn in (
            ("0114", "Upplands Väsby", "01", "Stockholms län"),
            ("0180", "Stockholm", "01", "Stockholms län"),
            ("1480", "Göteborg", "14", "Västra Götalands län"),
        ):
            self.add("kommuner", kommun=kommun, namn=namn, lan=lan, lan_namn=lan_namn)
        for lista, codes in CODES.items():
            for number, code in enumerate(codes.split()):
                self.add(
                    "koder",
                    lista=lista,
                    kod=code,
                    etikett=code.capitalize(),
                    ordning=number,
                    per_person=int(lista == "behovsgrupp" and code in PER_PERSON),
                )
        self.add("forbund", forbund="A", namn="Förbundet A", start="2010-01-01")
        self.add("forbund", forbund="B", namn="Förbundet B", start="2010-01-01")
        self.insats("I1", "A")
        self.insats("I2", "B")

    def add(self, file: str, **fields: Field) -> None:
        """A row; columns not named are empty. What belongs to a year belongs to `self.year`, unless said otherwise."""
        assert set(fields) <= set(RAW_COLUMNS[file]), fields
        self.files[file].append({"ar": self.year, **fields} if "ar" in RAW_COLUMNS[file] else fields)

    def insats(self, insats: str, forbund: str | None, **fields: Field) -> None:
        """An individinriktad insats since 2010 owned by `forbund` ever since (None: give `agande` by
        hand)."""
        basis: dict[str, Field] = {
            "inriktning": "individ",
            "preciserad_inriktning": "rehab_arbete",
            "registreringssatt": "person",
            "start": "2010-01-01",
        }
        self.add("insatser", insats=insats, **(basis | fields))
        if forbund:
            self.add("agande", insats=insats, forbund=forbund, fran="2010-01-01")

    def deltagande(
        self,
        deltagande: str,
        person: str | None,
        start: str | None,
        slut: str | None = None,
        *,
        efter: dict[str, Field] | None = None,
        samtycke: tuple[int, str | None] = (0, None),
        fore: dict[str, Field] | None = None,
        **fields: Field,
    ) -> None:
        """A deltagande with one in-version and, when it has a slut, one out-version, both registered on the
        day."""
        self.add(
            "deltaganden",
            deltagande=deltagande,
            person=person,
            samtycke_kant=samtycke[0],
            original_mottaget=samtycke[1],
        )
        self.in_version(deltagande, start, **(fore or {}), **fields)
        if slut or efter:
            self.ut_version(deltagande, slut, **(efter or {}))

    def in_version(self, deltagande: str, start: str | None, **fields: Field) -> None:
        """Insats I1, a woman born 1980 in Stockholm, unless said otherwise."""
        basis: dict[str, Field] = {
            "insats": "I1",
            "nr": 1,
            "registrerad": f"{start} 10:00:00",
            "start": start,
            "start_ar": start and start[:4],
            "kon": "K",
            "fodelsear": 1980,
            "kommun": "0180",
        }
        self.add("in_versioner", deltagande=deltagande, **(basis | fields))

    def ut_version(self, deltagande: str, slut: str | None, **fields: Field) -> None:
        """Out according to plan, unless said otherwise."""
        basis: dict[str, Field] = {
            "nr": 1,
            "registrerad": f"{slut} 10:00:00",
            "slut": slut,
            "slut_ar": slut and slut[:4],
            "avslutsanledning": "enligt_plan",
            "felregistrering": 0,
        }
        self.add("ut_versioner", deltagande=deltagande, **(basis | fields))

    def write(self, folder: Path) -> Path:
        """Writes the CSV files as the extraction does."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, columns in RAW_COLUMNS.items():
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(self.files[name])
        return folder


def run(folder: Path, raw: Raw, before: Raw | None = None, *, as_of: dt.datetime = AS_OF) -> "Tables":
    """The tables of `YEAR`, beside those of the year before when it has a folder of its own."""
    con = open_duckdb(threads=1)
    build_dataset(con, "nu", raw.write(folder / "nu"), YEAR, as_of)
    year_before = YearBefore()
    if before is not None:
        earlier = as_of.replace(year=as_of.year - 1)
        build_dataset(con, "fore", before.write(folder / "fore"), YEAR - 1, earlier)
        year_before = YearBefore(schema="fore", as_of=earlier)
    return Tables(compute_tables(con, year=YEAR, before=year_before))


class Tables:
    """Computed tables with a short way to a cell."""

    def __init__(self, results: Iterable[TableResult]) -> None:
        self.results = list(results)

    def rows(self, table: str) -> list[dict[str, str | int | float | None]]:
        """All rows of a table."""
        return next(result.rows for result in self.results if result.table.id == table)

    def notes(self, table: str) -> str:
        """The notes of a table as one text."""
        return "\n".join(next(result.notes for result in self.results if result.table.id == table))

    def __call__(self, table: str, matt: str, **keys: Field) -> int | float | None:
        """The value of the one cell with these keys; null must carry `ej_tillamplig`, a number no status."""
        wanted = {"matt": matt, **keys}
        found = [
            row
            for row in self.rows(table)
            if {k: v for k, v in row.items() if k not in ("varde", "status")} == wanted
        ]
        assert len(found) == 1, (table, wanted, found)
        value = found[0]["varde"]
        assert found[0]["status"] == ("ej_tillamplig" if value is None else None)
        assert not isinstance(value, str)
        return value

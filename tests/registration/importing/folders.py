"""Small registers as folders of CSV files, for the tests of import and export. The first row after the header is 2."""

from __future__ import annotations

import csv
from pathlib import Path

from finsam_site.access.acting import acting_as
from finsam_site.access.models import User
from registration.importing.columns import FILES
from registration.importing.register_import import import_register
from registration.importing.reports import ImportResult
from registration.models import (
    Anonyma,
    Deltagande,
    Forbund,
    Inregistrering,
    Insats,
    Person,
    Utregistrering,
    Volym,
)
from tests import numbers

Row = dict[str, str]
Register = dict[str, list[Row]]

COLUMNS = {spec.name: [column.name for column in spec.columns] for spec in FILES}
EVERYTHING = (Forbund, Insats, Deltagande, Person, Inregistrering, Utregistrering, Anonyma, Volym)


def register() -> Register:
    """Two förbund, four insatser (I1, I3: persons; I2, I4: counts) and one deltagande that is out, D1."""
    return {
        "forbund": [forbund("F1"), forbund("F2")],
        "forbund_kommun": [{"forbund_id": "F1", "kommunkod": "0114", "fran": "2010-01-01"}],
        "insatser": [
            insats("I1"),
            insats("I2", struktur=True),
            insats("I3", forbund_id="F2"),
            insats("I4", struktur=True),
        ],
        "insats_ar": [{"insats_id": "I1", "ar": "2018", "planerat_antal": "10", "budget": "1000"}],
        "forbund_ar": [{"forbund_id": "F1", "ar": "2018", "post": "stat", "budget": "1000"}],
        "deltaganden": [deltagande("D1", 0)],
        "anonyma": [
            {
                "insats_id": "I1",
                "ar": "2018",
                "kvinnor": "3",
                "man": "2",
                "registrerad": "2018-12-01T12:00:00+01:00",
            }
        ],
        "volym": [
            {"insats_id": "I2", "ar": "2018", "antal": "9", "registrerad": "2018-12-01T12:00:00+01:00"}
        ],
    }


def forbund(forbund_id: str, **changes: str) -> Row:
    """A förbund from 2010 on."""
    return {"forbund_id": forbund_id, "namn": f"Förbund {forbund_id}", "startdatum": "2010-01-01"} | changes


def insats(insats_id: str, *, struktur: bool = False, **changes: str) -> Row:
    """An insats of F1 from 2015 on: for persons, or (struktur) for counts."""
    return {
        "insats_id": insats_id,
        "forbund_id": "F1",
        "namn": f"Insats {insats_id}",
        "inriktning": "struktur" if struktur else "individ",
        "preciserad_inriktning": "dialog" if struktur else "rehab_arbete",
        "registreringssatt": "volym" if struktur else "person",
        "startdatum": "2015-01-01",
    } | changes


def deltagande(deltagande_id: str, person: int, **changes: str) -> Row:
    """A deltagande in I1 from 15 January to 30 June 2018, without anything odd about it."""
    return {
        "deltagande_id": deltagande_id,
        "insats_id": "I1",
        "personnummer": number(person),
        "fornamn": "Provia",
        "efternamn": f"Testdotter{person}",
        "kommunkod": "0114",
        "samtyckesdatum": "2018-01-10",
        "startdatum": "2018-01-15",
        "utbildning": "gymnasium",
        "forsorjning_fore": "sjukpenning:hel",
        "arbetar_fore": "0",
        "registrerad_in": "2018-01-20T10:00:00+01:00",
        "slutdatum": "2018-06-30",
        "avslutsanledning": "enligt_plan",
        "forsorjning_efter": "ingen",
        "arbetar_efter": "50",
        "typ_av_arbete_efter": "ordinarie",
        "registrerad_ut": "2018-07-02T10:00:00+02:00",
    } | changes


OPEN: Row = dict.fromkeys(
    (
        "slutdatum",
        "avslutsanledning",
        "forsorjning_efter",
        "arbetar_efter",
        "typ_av_arbete_efter",
        "registrerad_ut",
    ),
    "",
)
"""Changes that leave the out-part of a deltagande empty."""


def number(person: int) -> str:
    """The number of a test person of working age in 2018."""
    return numbers.pick(person, born=(1990, 1999))


def write(folder: Path, register: Register, delimiter: str = ";", encoding: str = "utf-8") -> Path:
    """Write the register as CSV files, with every column of the format."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in register.items():
        with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, COLUMNS[name], restval="", delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
    return folder


def only_deltaganden(*rows: Row) -> Register:
    """A register of nothing but these."""
    return {"deltaganden": list(rows)}


def run(source: Path, *, check_only: bool = False, keep_warnings: bool = False) -> ImportResult:
    """Import as the system account."""
    with acting_as(User.objects.system()):
        return import_register(source, check_only=check_only, keep_warnings=keep_warnings)


def found(result: ImportResult) -> set[tuple[str, int, str, str]]:
    """(file, row, column, kind) of every finding."""
    return {(one.file, one.row, one.column, one.kind) for one in result.findings}


def row_counts() -> dict[str, int]:
    """How many rows there are of everything an import writes."""
    return {model.__name__: model.unscoped.count() for model in EVERYTHING}


def contents() -> dict[str, list[object]]:
    """All versions, without keys and times of receipt: what two databases must have in common.

    Without the kommun of an out-version too: a copy of what the in-part said when the row came in, which nothing reads.
    """
    leave = {"id", "deltagande", "insats", "mottagen", "registrerad_av", "slag", "orsak_krypterad"}
    rows: dict[str, list[object]] = {}
    for model in (Inregistrering, Utregistrering):
        copied = {"kommun"} if model is Utregistrering else set()
        names = [field.name for field in model._meta.concrete_fields if field.name not in leave | copied]
        ordered = model.unscoped.order_by("deltagande__deltagande_id", "nr")
        rows[model.__name__] = list(
            ordered.values_list("deltagande__deltagande_id", "insats__insats_id", *names)
        )
    for counts in (Anonyma, Volym):
        names = [field.name for field in counts._meta.concrete_fields if field.name not in leave]
        ordered = counts.unscoped.order_by("insats__insats_id", "ar", "nr")
        rows[counts.__name__] = list(ordered.values_list("insats__insats_id", *names))
    return rows

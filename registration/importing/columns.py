"""The files and columns of a register import and export, as data (FORMATS §1).

Import, export and help pages read the formats from here. Beside the promises of FORMATS §1 stand, added at the end:

* in `deltaganden.csv`, so that our own export loses nothing:
  `kon`, `fodelsear` (K or M, and a year; only where a version is to differ from what the number says, which is so for
  versions from before a change of number), `samtyckesversion`, `samtycke_sprak`, `referenskod`, `original_skickat`,
  `original_mottaget` (the receipt of the samtycke; a row without `referenskod` is a samtycke whose receipt is unknown),
  `stadsdel`;
* in `forbund_kommun.csv`: `stadsdel`, the name of a stadsdel of Stockholm or Göteborg that is the member;
* the file `samtyckesformular.csv`: the versions of the consent form that receipts name;
* the file `avidentifierade.csv`: what is left of deltaganden whose identity is gone. It brings no identity.

In `deltaganden.csv` and `avidentifierade.csv` the same id may stand in several rows that differ in `registrerad_in` or
`registrerad_ut`: they are its versions. The k-th row of an export has the k-th version of the in-part (or
the last) and the k-th version of the out-part (or the last). A removed row is not a deletion, and an empty
cell of a descriptive file empties the stored value, whereas a missing column leaves it.

Names have no versions: those of a deltagande's newest row hold, unless what is stored is known from later; an
empty cell leaves the name. Of the receipt of the samtycke, days are taken that are set where none is stored, or are
later; one that is unknown here is taken whole. Another samtyckesdatum or referenskod for a known deltagande is an
error, since nothing would keep the old one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How the text of a cell is read; the value is what a help page calls it."""

    TEXT = "text"
    ID = "id"
    CODE = "kod"
    CODES = "koder med | emellan"
    SOURCES = "försörjning, kod:hel eller kod:del med | emellan"
    DATE = "datum, 2018-05-31"
    TIME = "tid med tidszon, 2018-05-31T13:45:00+02:00"
    YEAR = "år"
    COUNT = "antal"
    PERCENT = "procent, 0–100"
    KRONOR = "hela kronor"
    FLAG = "0 eller 1"
    KOMMUN = "kommunkod, fyra siffror"
    NUMBER = "personnummer eller samordningsnummer"
    NAME = "namn på en person"
    KON = "K eller M"
    ORGANISATION = "organisationsnummer, tio siffror"


SECRET = frozenset({Kind.NUMBER, Kind.NAME})
"""Kinds whose value is never repeated, in no message."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. Findings of rules name their field as the column is named.

    required: the column must be there and every cell filled. longest: how many characters a text may have.
    """

    name: str
    kind: Kind
    required: bool = False
    longest: int = 40


@dataclass(frozen=True, slots=True)
class FileSpec:
    """A file of the format (`name` without `.csv`), or a sheet of that name. key: the columns that tell rows apart."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def filename(self) -> str:
        """The name of the file, and the name that findings have."""
        return f"{self.name}.csv"

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError for another."""
        return {column.name: column for column in self.columns}[name]


def _need(name: str, kind: Kind, longest: int = 40) -> Column:
    return Column(name, kind, True, longest)


def _sysselsattning(when: str) -> tuple[Column, ...]:
    return (
        Column(f"forsorjning_{when}", Kind.SOURCES),
        Column(f"arbetar_{when}", Kind.PERCENT),
        Column(f"typ_av_arbete_{when}", Kind.CODE),
        Column(f"studerar_{when}", Kind.PERCENT),
        Column(f"arbetssokande_{when}", Kind.FLAG),
        Column(f"inskriven_af_{when}", Kind.FLAG),
    )


SAMTYCKESFORMULAR = FileSpec(
    "samtyckesformular",
    ("version",),
    (
        _need("version", Kind.TEXT),
        _need("giltig_fran", Kind.DATE),
        Column("giltig_till", Kind.DATE),
        Column("sprak", Kind.TEXT, longest=100),
        Column("namner_behovsgrupp", Kind.FLAG),
        Column("text", Kind.TEXT, longest=50_000),
    ),
)

FORBUND = FileSpec(
    "forbund",
    ("forbund_id",),
    (
        _need("forbund_id", Kind.ID),
        _need("namn", Kind.TEXT, 200),
        Column("organisationsnummer", Kind.ORGANISATION),
        _need("startdatum", Kind.DATE),
        Column("slutdatum", Kind.DATE),
        Column("uppgatt_i", Kind.ID),
    ),
)

FORBUND_KOMMUN = FileSpec(
    "forbund_kommun",
    ("forbund_id", "kommunkod", "fran", "stadsdel"),
    (
        _need("forbund_id", Kind.ID),
        _need("kommunkod", Kind.KOMMUN),
        _need("fran", Kind.DATE),
        Column("till", Kind.DATE),
        Column("stadsdel", Kind.TEXT, longest=80),
    ),
)

INSATSER = FileSpec(
    "insatser",
    ("insats_id",),
    (
        _need("insats_id", Kind.ID),
        _need("forbund_id", Kind.ID),
        _need("namn", Kind.TEXT, 200),
        _need("inriktning", Kind.CODE),
        _need("preciserad_inriktning", Kind.CODE),
        _need("registreringssatt", Kind.CODE),
        Column("behovsgrupper", Kind.CODES),
        _need("startdatum", Kind.DATE),
        Column("slutdatum", Kind.DATE),
        Column("esf", Kind.FLAG),
    ),
)

INSATS_AR = FileSpec(
    "insats_ar",
    ("insats_id", "ar"),
    (
        _need("insats_id", Kind.ID),
        _need("ar", Kind.YEAR),
        Column("planerat_antal", Kind.COUNT),
        Column("budget", Kind.KRONOR),
        Column("utfall", Kind.KRONOR),
        Column("budget_esf", Kind.KRONOR),
        Column("utfall_esf", Kind.KRONOR),
    ),
)

FORBUND_AR = FileSpec(
    "forbund_ar",
    ("forbund_id", "ar", "post"),
    (
        _need("forbund_id", Kind.ID),
        _need("ar", Kind.YEAR),
        _need("post", Kind.CODE),
        Column("budget", Kind.KRONOR),
        Column("utfall", Kind.KRONOR),
    ),
)

DELTAGANDEN = FileSpec(
    "deltaganden",
    ("deltagande_id", "registrerad_in", "registrerad_ut"),
    (
        _need("deltagande_id", Kind.ID, 64),
        _need("insats_id", Kind.ID),
        _need("personnummer", Kind.NUMBER),
        Column("fornamn", Kind.NAME, longest=200),
        Column("efternamn", Kind.NAME, longest=200),
        _need("kommunkod", Kind.KOMMUN),
        _need("samtyckesdatum", Kind.DATE),
        _need("startdatum", Kind.DATE),
        Column("utbildning", Kind.CODE),
        Column("tid_i_forsorjning_manader", Kind.COUNT),
        *_sysselsattning("fore"),
        Column("initierad_av", Kind.CODE),
        Column("behovsgrupp", Kind.CODE),
        _need("registrerad_in", Kind.TIME),
        Column("slutdatum", Kind.DATE),
        Column("avslutsanledning", Kind.CODE),
        *_sysselsattning("efter"),
        Column("registrerad_ut", Kind.TIME),
        Column("kon", Kind.KON),
        Column("fodelsear", Kind.YEAR),
        Column("samtyckesversion", Kind.TEXT),
        Column("samtycke_sprak", Kind.TEXT, longest=10),
        Column("referenskod", Kind.TEXT, longest=20),
        Column("original_skickat", Kind.DATE),
        Column("original_mottaget", Kind.DATE),
        Column("stadsdel", Kind.TEXT, longest=80),
    ),
)

OUT_COLUMNS = (
    "slutdatum", "avslutsanledning", "forsorjning_efter", "arbetar_efter", "typ_av_arbete_efter", "studerar_efter",
    "arbetssokande_efter", "inskriven_af_efter", "registrerad_ut",
)  # fmt: skip
"""The out-part of a row of `deltaganden.csv`: it is there when any of them is filled."""

ANONYMA = FileSpec(
    "anonyma",
    ("insats_id", "ar", "registrerad"),
    (
        _need("insats_id", Kind.ID),
        _need("ar", Kind.YEAR),
        _need("kvinnor", Kind.COUNT),
        _need("man", Kind.COUNT),
        _need("registrerad", Kind.TIME),
    ),
)

VOLYM = FileSpec(
    "volym",
    ("insats_id", "ar", "registrerad"),
    (
        _need("insats_id", Kind.ID),
        _need("ar", Kind.YEAR),
        _need("antal", Kind.COUNT),
        Column("kvinnor", Kind.COUNT),
        Column("man", Kind.COUNT),
        _need("registrerad", Kind.TIME),
    ),
)

AVIDENTIFIERADE = FileSpec(
    "avidentifierade",
    ("deltagande_id", "registrerad_in", "registrerad_ut"),
    (
        _need("deltagande_id", Kind.ID, 64),
        _need("insats_id", Kind.ID),
        _need("kon", Kind.KON),
        _need("start_ar", Kind.YEAR),
        _need("registrerad_in", Kind.TIME),
        Column("slut_ar", Kind.YEAR),
        Column("felregistrering", Kind.FLAG),
        Column("registrerad_ut", Kind.TIME),
        _need("avidentifierad", Kind.TIME),
        _need("orsak", Kind.CODE),
    ),
)

FILES: tuple[FileSpec, ...] = (
    SAMTYCKESFORMULAR, FORBUND, FORBUND_KOMMUN, INSATSER, INSATS_AR, FORBUND_AR, DELTAGANDEN, ANONYMA, VOLYM,
    AVIDENTIFIERADE,
)  # fmt: skip
"""Every file, each after those that it refers to."""

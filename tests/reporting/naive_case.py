"""Small registers for the naive computation, written as one would tell them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from tests.reporting import naive
from tests.reporting.naive import (
    Answers,
    Deltagande,
    Forbund,
    Insats,
    InVersion,
    OutVersion,
    Register,
    Value,
    Version,
)

AS_OF = datetime(2019, 1, 16, 23, 59, 59, tzinfo=naive.STOCKHOLM)
SOON = "2018-01-02"


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    """A date is noon of that day; a time without offset is Stockholm's."""
    moment = datetime.fromisoformat(text if "T" in text else f"{text}T12:00")
    return moment if moment.tzinfo else moment.replace(tzinfo=naive.STOCKHOLM)


def came_in(
    start: str,
    registrerad: str = "",
    person: str = "anna",
    kon: str = "K",
    insats: str = "I1",
    fodd: int = 1980,
    kommun: str = "0114",
    fore: Answers | None = None,
    **answers: str,
) -> InVersion:
    return InVersion(
        at(registrerad or start),
        insats,
        person,
        kon,
        fodd,
        kommun,
        day(start),
        fore=fore or Answers(),
        utbildning=answers.get("utbildning", ""),
        behovsgrupp=answers.get("behovsgrupp", ""),
    )


def went_out(slut: str, registrerad: str = "", efter: Answers | None = None, reason: str = "") -> OutVersion:
    return OutVersion(at(registrerad or slut), day(slut) if slut else None, reason, efter or Answers())


def register(*deltaganden: Iterable[Version]) -> Register:
    """F1 owns the insatser I1 and I2, F2 owns I3; the deltaganden are D1, D2 … with the versions given."""
    result = Register()
    for forbund in ("F1", "F2"):
        result.forbund[forbund] = Forbund(forbund, day("2010-01-01"))
    for insats, forbund in (("I1", "F1"), ("I2", "F1"), ("I3", "F2")):
        result.insatser[insats] = Insats(insats, forbund, day("2012-01-01"))
    for number, versions in enumerate(deltaganden, start=1):
        result.deltaganden[f"D{number}"] = Deltagande(
            f"D{number}",
            [v for v in versions if isinstance(v, InVersion)],
            [v for v in versions if isinstance(v, OutVersion)],
        )
    return result


class Figures:
    """The cells of 2018, read as `figures("deltagare", "antal", kon="K", …)`."""

    def __init__(self, register: Register, as_of: str = "", faststalld: naive.Cells | None = None) -> None:
        self.cells = naive.compute(register, 2018, at(as_of) if as_of else AS_OF, faststalld=faststalld)

    def __call__(self, table: str, measure: str, ar: int = 2018, /, **dimensions: str) -> Value:
        return self.cells[naive.key(table, measure, ar, **dimensions)]

    def persons(self, satt: str = "personuppgifter", kon: str = "totalt", ar: int = 2018) -> Value:
        return self("deltagare", "antal", ar, registreringssatt=satt, kon=kon)

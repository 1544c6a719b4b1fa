"""The key figures of an uttag: what the year was in eight numbers."""

from __future__ import annotations

from collections.abc import Sequence

from finsam_site.ui import formats
from finsam_site.ui.components import KeyFigure

from ..charts.figures import Figures
from ..models import Uttag
from ..tables.compute import EJ_TILLAMPLIG, TableResult, Value
from .definitions import definition_url


def key_figures(uttag: Uttag, tables: Sequence[TableResult]) -> list[KeyFigure]:
    """Förbund, kommuner, insatser, deltagare, with personal data, avslutade, and how they left."""
    of = {result.table.id: Figures(result) for result in tables}
    return _Year(uttag, of).figures()


class _Year:
    """The figures of one uttag, each with its change against the year before."""

    def __init__(self, uttag: Uttag, of: dict[str, Figures]) -> None:
        self.uttag = uttag
        self.of = of

    def figures(self) -> list[KeyFigure]:
        """All of them, in order."""
        leaving = [
            self.share("Till arbete eller studier", "arbete_eller_studier", "arbete_eller_studier"),
            self.share("Till arbete, studier eller arbetssökande", "malet", "malet"),
        ]
        # The headline measure stands first (definition `huvudmatt`): another one from 2021 on.
        leaving = leaving[:1] if self.uttag.ar <= 2020 else leaving[::-1]
        return [
            *leaving,
            self.count("Deltagare", "deltagare", "deltagare", self.kon_of_deltagare(),
                       matt="antal", registreringssatt="totalt", kon="totalt"),
            self.with_personal_data(),
            self.count("Avslutade", "resultat_sysselsattning", "avslutade", self.by_kon_of_avslutade(),
                       matt="efter_antal", sysselsattning="avslutade", kon="totalt"),
            self.count("Insatser", "insatser_inriktning", "insatser", self.kinds_of_insatser(),
                       matt="antal", inriktning="totalt"),
            self.difference("Samordningsförbund", "forbund", "forbund", f"Den 31 december {self.uttag.ar}"),
            self.difference("Kommuner i förbund", "kommuner", "kommuner", self.of_all_kommuner()),
        ]  # fmt: skip

    def cell(self, table: str, **keys: str) -> tuple[Value, str | None]:
        """A value of the year and its status; in an uttag without the table it does not apply."""
        return self.of[table].cell(keys) if table in self.of else (None, EJ_TILLAMPLIG)

    def before(self, table: str, **keys: str) -> Value:
        """A value of the year before."""
        return self.of[table].cell(keys, before=True)[0] if table in self.of else None

    def count(self, label: str, table: str, definition: str, base: str, **keys: str) -> KeyFigure:
        """A number whose change is told in percent."""
        value, status = self.cell(table, **keys)
        before = self.before(table, **keys)
        change = 100 * (value - before) / before if value is not None and before else None
        return self._figure(label, value, status, definition, base, change, "procent")

    def difference(self, label: str, matt: str, definition: str, base: str) -> KeyFigure:
        """A small number whose change is told as a number."""
        value, status = self.cell("forbund_kommuner", matt=matt)
        change, _ = self.cell("forbund_kommuner", matt=f"forandring_{matt}")
        return self._figure(label, value, status, definition, base, change, "")

    def share(self, label: str, row: str, definition: str) -> KeyFigure:
        """A share of the avslutade, with women and men."""
        table, keys = "resultat_sysselsattning", {"matt": "efter_andel", "sysselsattning": row}
        value, status = self.cell(table, kon="totalt", **keys)
        before = self.before(table, kon="totalt", **keys)
        change = value - before if value is not None and before is not None else None
        leavers, _ = self.cell(table, matt="efter_antal", sysselsattning="avslutade", kon="totalt")
        base = self._women_and_men(table, keys, "procent")
        if leavers is not None:
            base = f"{base}Andel av {formats.number(leavers)} avslutade"
        unit = formats.plural(1 if shown_as_one(change) else 2, "procentenhet", "procentenheter")
        return self._figure(label, value, status, definition, base, change, unit, unit="procent")

    def with_personal_data(self) -> KeyFigure:
        """Persons registered with personal data, and their share of all."""
        keys = {"registreringssatt": "personuppgifter", "kon": "totalt"}
        share, _ = self.cell("deltagare", matt="andel", **keys)
        base = f"{formats.number(share)} procent av deltagarna" if share is not None else ""
        return self.count(
            "Med personuppgifter", "deltagare", "med_personuppgifter", base, matt="antal", **keys
        )

    def by_kon_of_avslutade(self) -> str:
        """ "5 700 kvinnor och 3 800 män"."""
        keys = {"matt": "efter_antal", "sysselsattning": "avslutade"}
        return self._people("resultat_sysselsattning", keys)

    def kon_of_deltagare(self) -> str:
        """ "16 225 kvinnor och 14 842 män, 1 648 utan uppgift om kön"."""
        keys = {"matt": "antal", "registreringssatt": "totalt"}
        unknown, _ = self.cell("deltagare", kon="okand", **keys)
        people = self._people("deltagare", keys)
        return f"{people}, {formats.number(unknown)} utan uppgift om kön" if people and unknown else people

    def kinds_of_insatser(self) -> str:
        """How many of the insatser are for individuals."""
        single, _ = self.cell("insatser_inriktning", matt="antal", inriktning="individ")
        return f"{formats.number(single)} är individinriktade" if single is not None else ""

    def of_all_kommuner(self) -> str:
        """How many kommuner there are."""
        inside, _ = self.cell("forbund_kommuner", matt="kommuner")
        outside, _ = self.cell("forbund_kommuner", matt="kommuner_utanfor")
        if inside is None or outside is None:
            return ""
        return f"av landets {formats.number(inside + outside)} kommuner"

    def _people(self, table: str, keys: dict[str, str]) -> str:
        women, _ = self.cell(table, kon="K", **keys)
        men, _ = self.cell(table, kon="M", **keys)
        if women is None or men is None:
            return ""
        return (
            f"{formats.number(women)} {formats.plural(women, 'kvinna', 'kvinnor')} och "
            f"{formats.number(men)} {formats.plural(men, 'man', 'män')}"
        )

    def _women_and_men(self, table: str, keys: dict[str, str], unit: str) -> str:
        women, _ = self.cell(table, kon="K", **keys)
        men, _ = self.cell(table, kon="M", **keys)
        if women is None or men is None:
            return ""
        return f"Kvinnor {formats.number(women)}, män {formats.number(men)} {unit}. "

    def _figure(
        self, label: str, value: Value, status: str | None, definition: str, base: str, change: Value,
        change_unit: str, *, unit: str = "",
    ) -> KeyFigure:  # fmt: skip
        return KeyFigure(
            label,
            value,
            unit=unit,
            change=change,
            change_unit=change_unit,
            against=str(self.uttag.ar - 1),
            base=base,
            known=self.uttag.as_of,
            definition_url=definition_url(self.uttag.ar, definition),
            missing="Skyddat" if status == "skyddat" else "Inget att räkna",
        )


def shown_as_one(change: Value) -> bool:
    """Whether the difference is written as 1, whatever its sign."""
    return change is not None and formats.number(abs(change)) == "1"

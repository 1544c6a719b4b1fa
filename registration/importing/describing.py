"""Checking the descriptive files: förbund and their kommuner, insatser, money and plans by year (FORMATS §1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from ..models import Anonyma, Deltagande, Forbund, Identitet, Insats, Kodlista, Samtyckesformular, Volym
from ..rules.facts import InsatsFacts
from ..rules.findings import Finding
from .columns import FORBUND, FORBUND_AR, FORBUND_KOMMUN, INSATS_AR, INSATSER, SAMTYCKESFORMULAR, FileSpec
from .findings import Findings
from .reading import Row, TableReader
from .world import ForbundFacts, World, anything_goes

LOCKED = ("inriktning", "registreringssatt", "esf")
"""What cannot change once something is registered on the insats (DOMAIN §3)."""


def formular_content(values: dict[str, Any]) -> tuple[str, bool]:
    """What a version of the consent form says: its text, and whether it names behovsgrupp."""
    return values["text"] or "", bool(values["namner_behovsgrupp"])


@dataclass
class Described:
    """The rows of one descriptive file that could be read, and which columns the file has."""

    spec: FileSpec
    columns: frozenset[str] = frozenset()
    rows: list[Row] = field(default_factory=list)


class DescriptionChecker:
    """Reads the descriptive files in order, overlays the world with them and collects what is wrong."""

    def __init__(self, world: World, findings: Findings) -> None:
        self.world = world
        self.findings = findings
        self._recheck: list[tuple[Insats, Row]] = []
        self._redated: list[tuple[InsatsFacts, Row]] = []
        self._in_file: set[str] = set()

    def read(self, reader: TableReader) -> Described:
        """Read and check one file. The world then has its rows."""
        described = Described(reader.spec)
        seen: dict[tuple[Any, ...], int] = {}
        for row in reader.rows():
            described.columns = reader.columns
            described.rows.append(row)
            key = tuple(row.values[name] for name in reader.spec.key)
            if None in key:
                continue
            if key in seen:
                text = f"Samma uppgift finns redan på rad {seen[key]}. Ta bort den ena raden."
                self._tell(reader.spec, row, Finding(reader.spec.key[0], "dubblett", text))
            seen.setdefault(key, row.number)
        described.columns = reader.columns
        check = {
            FORBUND: self._forbund, FORBUND_KOMMUN: self._forbund_kommun, INSATSER: self._insatser,
            INSATS_AR: self._insats_ar, FORBUND_AR: self._forbund_ar, SAMTYCKESFORMULAR: self._formular,
        }[reader.spec]  # fmt: skip
        check(described, reader)
        return described

    def _tell(self, spec: FileSpec, row: Row, finding: Finding) -> None:
        if finding.field not in row.faults:
            self.findings.add_rule(spec, row.number, finding, row.texts.get(finding.field))

    def _forbund(self, described: Described, reader: TableReader) -> None:
        world = self.world
        world.forbund_whole = reader.whole
        world.unreadable_forbund |= reader.lost
        rows: dict[str, Row] = {}
        for row in described.rows:
            forbund_id, start = row.values["forbund_id"], row.values["startdatum"]
            if forbund_id is None or forbund_id in rows:
                continue
            rows[forbund_id] = row
            if start is None:
                world.unreadable_forbund.add(forbund_id)
                continue
            stored = world.stored_forbund.get(forbund_id)
            successor = stored.uppgatt_i.forbund_id if stored and stored.uppgatt_i else None
            slut = _slut(row, reader, stored)
            if "uppgatt_i" in reader.columns:
                successor = row.values["uppgatt_i"]
            world.forbund[forbund_id] = ForbundFacts(forbund_id, start, slut, successor)
        for forbund_id, row in rows.items():
            if forbund_id in world.forbund and forbund_id not in world.unreadable_forbund:
                for finding in self._check_forbund(world.forbund[forbund_id]):
                    self._tell(FORBUND, row, finding)
        self._check_stored_insatser(rows)

    def _check_forbund(self, one: ForbundFacts) -> Iterator[Finding]:
        if one.slutdatum and one.slutdatum < one.startdatum:
            yield Finding(
                "slutdatum", "slut_fore_start", "Slutdatum ligger före startdatum. Ändra något av dem."
            )
        if one.uppgatt_i is None:
            return
        if not self.world.knows_forbund(one.uppgatt_i):
            yield Finding("uppgatt_i", "forbund_okant", "Förbundet finns inte. Ange ett förbund som finns.")
        if one.slutdatum is None:
            yield Finding(
                "slutdatum",
                "slut_saknas",
                "Förbundet har gått upp i ett annat men saknar slutdatum. Ange dess sista dag.",
            )
        seen, at = {one.forbund_id}, one.uppgatt_i
        while at in self.world.forbund and at not in seen:
            seen.add(at)
            at = self.world.forbund[at].uppgatt_i or ""
        if at == one.forbund_id:
            yield Finding(
                "uppgatt_i", "cirkel", "Förbunden har gått upp i varandra i en cirkel. Rätta något av dem."
            )

    def _check_stored_insatser(self, rows: dict[str, Row]) -> None:
        """Insatser that no file names may not fall outside a förbund whose dates change."""
        for insats in self.world.stored_insatser.values():
            row = rows.get(insats.forbund.forbund_id)
            if row is None or insats.forbund.forbund_id not in self.world.forbund:
                continue
            old = self.world.stored_forbund[insats.forbund.forbund_id]
            new = self.world.forbund[insats.forbund.forbund_id]
            if (old.startdatum, old.slutdatum, old.uppgatt_i and old.uppgatt_i.forbund_id) != (
                new.startdatum, new.slutdatum, new.uppgatt_i,
            ):  # fmt: skip
                self._recheck.append((insats, row))

    def finish(self) -> None:
        """Check the stored insatser that no row of `insatser.csv` replaced against the new dates of their förbund."""
        for insats, row in self._recheck:
            facts = self.world.facts.insatser.get(insats.insats_id)
            if facts is None or insats.insats_id in self._in_file:
                continue
            for finding in self._within_forbund(insats.forbund.forbund_id, facts):
                text = f"Insatsen {insats.insats_id} hamnar utanför förbundets tid. Rätta datumet eller insatsen."
                self._tell(FORBUND, row, Finding(finding.field, "insats_utanfor", text))

    def _forbund_kommun(self, described: Described, reader: TableReader) -> None:
        kommuner = self.world.facts.forbund_kommuner
        for row in described.rows:
            forbund_id, kommun = row.values["forbund_id"], row.values["kommunkod"]
            self._check_forbund_known(FORBUND_KOMMUN, row)
            if kommun is not None and kommun not in self.world.facts.kommuner:
                text = "Kommunkoden finns inte. Ange SCB:s fyrsiffriga kommunkod."
                self._tell(FORBUND_KOMMUN, row, Finding("kommunkod", "kommun_okand", text))
            fran, till = row.values["fran"], row.values["till"]
            if fran and till and till < fran:
                text = "Till-datum ligger före från-datum. Ändra något av dem."
                self._tell(FORBUND_KOMMUN, row, Finding("till", "slut_fore_start", text))
            if forbund_id and kommun:
                kommuner[forbund_id].add(kommun)

    def _check_forbund_known(self, spec: FileSpec, row: Row) -> bool:
        forbund_id = row.values["forbund_id"]
        if forbund_id is None:
            return False
        if not self.world.knows_forbund(forbund_id):
            self._tell(
                spec,
                row,
                Finding("forbund_id", "forbund_okant", "Förbundet finns inte. Ange ett förbund som finns."),
            )
            return False
        return forbund_id in self.world.forbund and forbund_id not in self.world.unreadable_forbund

    def _insatser(self, described: Described, reader: TableReader) -> None:
        world = self.world
        world.insatser_whole = reader.whole
        world.unreadable_insatser |= reader.lost
        named = {
            (one.forbund.forbund_id, one.namn): one.insats_id for one in world.stored_insatser.values()
        }  # fmt: skip
        moved = {row.values["insats_id"] for row in described.rows}
        names: dict[tuple[str, str], str] = {key: one for key, one in named.items() if one not in moved}
        for row in described.rows:
            insats_id = row.values["insats_id"]
            if insats_id is None or insats_id in self._in_file:
                continue
            self._in_file.add(insats_id)
            self._check_insats(row, reader, names)

    def _check_insats(self, row: Row, reader: TableReader, names: dict[tuple[str, str], str]) -> None:
        world, values = self.world, row.values
        insats_id, stored = values["insats_id"], world.stored_insatser.get(values["insats_id"])
        forbund_known = self._check_forbund_known(INSATSER, row)
        for finding in self._check_codes(values):
            self._tell(INSATSER, row, finding)
        key = (values["forbund_id"], values["namn"])
        if None not in key and names.setdefault(key, insats_id) != insats_id:
            text = f"Insatsen {names[key]} i samma förbund har samma namn. Ge den ena ett annat namn."
            self._tell(INSATSER, row, Finding("namn", "namn_upptaget", text))
        slut = _slut(row, reader, stored)
        if values["startdatum"] is None or "slutdatum" in row.faults:
            world.facts.insatser[insats_id] = anything_goes(insats_id)
            return
        owner = world.last_owner(values["forbund_id"], slut).forbund_id if forbund_known else ""
        facts = InsatsFacts(
            insats_id, values["startdatum"], slut, values["inriktning"] or "individ",
            values["registreringssatt"] or "person", owner, stored.pk if stored else 0,
        )  # fmt: skip
        if slut and slut < facts.startdatum:
            text = "Slutdatum ligger före startdatum. Ändra något av dem."
            self._tell(INSATSER, row, Finding("slutdatum", "slut_fore_start", text))
        elif forbund_known:
            for finding in self._within_forbund(values["forbund_id"], facts):
                self._tell(INSATSER, row, finding)
        world.facts.insatser[insats_id] = facts
        if stored:
            for finding in self._locked(stored, facts, row, reader):
                self._tell(INSATSER, row, finding)

    def _check_codes(self, values: dict[str, Any]) -> Iterator[Finding]:
        inriktning = values["inriktning"]
        lists = [("inriktning", Kodlista.INRIKTNING), ("registreringssatt", Kodlista.REGISTRERINGSSATT)]
        if inriktning in ("individ", "struktur"):
            lists.append(("preciserad_inriktning", Kodlista(f"preciserad_{inriktning}")))
        for name, lista in lists:
            yield from self._code(name, lista, values[name])
        for kod in values["behovsgrupper"] or ():
            yield from self._code("behovsgrupper", Kodlista.BEHOVSGRUPP, kod)
        if inriktning == "struktur" and values["registreringssatt"] == "person":
            yield Finding(
                "registreringssatt", "struktur_kraver_volym",
                "En strukturövergripande insats registrerar bara antal. Skriv volym, eller rätta inriktningen.",
            )  # fmt: skip

    def _code(self, name: str, lista: str, kod: str | None) -> Iterator[Finding]:
        facts = self.world.facts
        if kod is not None and not facts.knows(lista, kod):
            codes = ", ".join(facts.codes(lista))
            yield Finding(name, "kod_okand", f"Koden {kod} finns inte. Välj en av: {codes}.")

    def _within_forbund(self, forbund_id: str, insats: InsatsFacts) -> Iterator[Finding]:
        """An insats lies within its förbund's dates; one that is open lives on in the successor (DOMAIN §3)."""
        forbund = self.world.forbund[forbund_id]
        if insats.startdatum < forbund.startdatum or (
            forbund.slutdatum and insats.startdatum > forbund.slutdatum
        ):
            yield Finding(
                "startdatum", "utanfor_forbundet",
                f"Insatsen startar utanför förbundets tid ({_period(forbund)}). Rätta datumet eller förbundet.",
            )  # fmt: skip
        last = self.world.last_owner(forbund_id, insats.slutdatum)
        unread = last.uppgatt_i is not None and last.uppgatt_i not in self.world.forbund
        if last.slutdatum and not unread and (insats.slutdatum is None or insats.slutdatum > last.slutdatum):
            yield Finding(
                "slutdatum", "utanfor_forbundet",
                f"Insatsen pågår efter att förbundet {last.forbund_id} upphörde ({last.slutdatum}). "
                "Ange ett tidigare slutdatum, eller vilket förbund som det har gått upp i.",
            )  # fmt: skip

    def _locked(self, stored: Insats, facts: InsatsFacts, row: Row, reader: TableReader) -> Iterator[Finding]:
        new = {
            "inriktning": facts.inriktning,
            "registreringssatt": facts.registreringssatt,
            "esf": bool(row.values["esf"]) if "esf" in reader.columns else stored.esf,
        }
        changed = [name for name in LOCKED if new[name] != getattr(stored, name) and name not in row.faults]
        if changed and any(
            model.unscoped.filter(insats=stored.pk).exists() for model in (Deltagande, Anonyma, Volym)
        ):  # fmt: skip
            for name in changed:
                yield Finding(
                    name, "last_uppgift",
                    "Uppgiften kan inte ändras sedan något har registrerats på insatsen. "
                    "Behåll den gamla, eller lägg upp en ny insats.",
                )  # fmt: skip
        if (facts.startdatum, facts.slutdatum) != (stored.startdatum, stored.slutdatum):
            self._redated.append((facts, row))

    def still_outside(self, in_files: set[str]) -> None:
        """Deltaganden that the files do not name may not fall outside an insats whose dates change."""
        for facts, row in self._redated:
            live = Identitet.unscoped.filter(insats=facts.pk, felregistrerad=False)
            late = (
                Q(pk__in=[])
                if facts.slutdatum is None
                else Q(slutdatum__gt=facts.slutdatum) | Q(startdatum__gt=facts.slutdatum)
            )
            for name, outside in (("startdatum", Q(startdatum__lt=facts.startdatum)), ("slutdatum", late)):
                ids = live.filter(outside).values_list("deltagande__deltagande_id", flat=True)
                count = sum(one not in in_files for one in ids.iterator())
                if count:
                    text = f"{count} registrerade deltaganden hamnar utanför insatsens tid. Rätta datumet."
                    self._tell(INSATSER, row, Finding(name, "deltaganden_utanfor", text))

    def _formular(self, described: Described, reader: TableReader) -> None:
        """A form that somebody has signed is never rewritten: another content is another version."""
        stored = {one.version: one for one in Samtyckesformular.objects.all()}
        for row in described.rows:
            version = row.values["version"]
            if version is None:
                continue
            one = stored.get(version)
            if one and (one.text, one.namner_behovsgrupp) != formular_content(row.values):
                text = f"Formuläret {version} finns redan med annat innehåll. Ge det en ny version."
                self._tell(SAMTYCKESFORMULAR, row, Finding("version", "formular_annat", text))
            self.world.facts.formular.setdefault(version, (0, bool(row.values["namner_behovsgrupp"])))

    def _insats_ar(self, described: Described, reader: TableReader) -> None:
        for row in described.rows:
            insats_id = row.values["insats_id"]
            if insats_id is not None and self.world.insats(insats_id) is None:
                text = f"Insatsen {insats_id} finns inte. Ange en insats som finns."
                self._tell(INSATS_AR, row, Finding("insats_id", "insats_okand", text))

    def _forbund_ar(self, described: Described, reader: TableReader) -> None:
        facts = self.world.facts
        for row in described.rows:
            self._check_forbund_known(FORBUND_AR, row)
            post = row.values["post"]
            if post and not (
                facts.knows(Kodlista.FINANSIAR, post) or facts.knows(Kodlista.KOSTNADSTYP, post)
            ):
                codes = ", ".join(facts.codes(Kodlista.FINANSIAR) + facts.codes(Kodlista.KOSTNADSTYP))
                self._tell(
                    FORBUND_AR,
                    row,
                    Finding("post", "kod_okand", f"Koden {post} finns inte. Välj en av: {codes}."),
                )


def _slut(row: Row, reader: TableReader, stored: Forbund | Insats | None) -> dt.date | None:
    """The slutdatum that will hold: the row's when the file has the column, else the stored one."""
    if "slutdatum" in reader.columns:
        slut: dt.date | None = row.values["slutdatum"]
        return slut
    return stored.slutdatum if stored else None


def _period(one: ForbundFacts) -> str:
    return f"{one.startdatum}–{one.slutdatum}" if one.slutdatum else f"{one.startdatum} och framåt"

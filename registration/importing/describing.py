"""The descriptive files, as a door to `rules/describe`: förbund and their kommuner, insatser, money and plans by year.

A missing column leaves what is stored, an empty cell empties it (FORMATS §1).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from ..models import IN_THE_WAY, ForbundAr, ForbundKommun, Identitet, InsatsAr, Kodlista, Samtyckesformular
from ..rules.describe import (
    ForbundAret,
    ForbundUppgifter,
    FormularUppgifter,
    InsatsAret,
    InsatsUppgifter,
    Medlemskap,
    check_forbund,
    check_formular,
    check_insats,
    check_insats_codes,
    check_locked,
    check_medlemskap,
    check_money,
    check_names,
    check_post,
    check_within_forbund,
    check_years_with_antal,
    is_registered_on,
    overlapping_finding,
    overlapping_medlemskap,
    owner_chain,
    owners,
)
from ..rules.describe_write import (
    Written,
    write_forbund,
    write_forbund_ar,
    write_formular,
    write_insats_ar,
    write_insatser,
    write_medlemskap,
)
from ..rules.facts import FormularFacts, InsatsFacts
from ..rules.findings import Finding
from .columns import FORBUND, FORBUND_AR, FORBUND_KOMMUN, INSATS_AR, INSATSER, SAMTYCKESFORMULAR, FileSpec
from .findings import Findings
from .reading import Row, TableReader
from .reports import Count
from .world import World, anything_goes

_UNKNOWN_DAY = dt.date.min
_MONEY = ("budget", "utfall", "budget_esf", "utfall_esf")

Kept = Counter[tuple[str, str]]
"""(insats_id, `startdatum` or `slutdatum`) → stored deltaganden of the files that the new dates leave outside."""

_WRITERS: dict[FileSpec, Callable[[list[Any]], Written]] = {
    FORBUND: write_forbund, FORBUND_KOMMUN: write_medlemskap, INSATSER: write_insatser, INSATS_AR: write_insats_ar,
    FORBUND_AR: write_forbund_ar, SAMTYCKESFORMULAR: write_formular,
}  # fmt: skip


@dataclass
class Described:
    """The rows of one descriptive file that could be read, and what they say as the rules have it.

    count: what writing it would do, when all of it was right.
    """

    spec: FileSpec
    rows: list[Row] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    count: Count = Count()

    def take(self, one: Any, stored: Any) -> None:
        """What a row says. stored: the same as it stands in the register, None when it is new."""
        self.values.append(one)
        new, changed, unchanged = self.count
        self.count = Count(
            new + (stored is None), changed + (stored not in (None, one)), unchanged + (stored == one)
        )

    def write(self) -> Count:
        """Write the file, when all of it was right. The files come in the order of the format."""
        new, changed = _WRITERS[self.spec](self.values)
        return Count(new, changed, len(self.values) - new - changed)


class DescriptionChecker:
    """Reads the descriptive files in order, overlays the world with them and collects what is wrong."""

    def __init__(self, world: World, findings: Findings) -> None:
        self.world = world
        self.findings = findings
        self._forbund_rows: dict[str, Row] = {}
        self._in_file: set[str] = set()
        self._redated: list[tuple[InsatsFacts, Row]] = []

    def read(self, reader: TableReader) -> Described:
        """Read and check one file. The world then has its rows."""
        described = Described(reader.spec)
        needed = [name for name in reader.spec.key if reader.spec.column(name).required]
        seen: dict[tuple[Any, ...], int] = {}
        for row in reader.rows():
            described.rows.append(row)
            if any(row.values[name] is None for name in needed):
                continue
            key = tuple(row.values[name] for name in reader.spec.key)
            if key in seen:
                text = f"Samma uppgift finns redan på rad {seen[key]}. Ta bort den ena raden."
                self._tell(reader.spec, row, [Finding(reader.spec.key[0], "dubblett", text)])
            seen.setdefault(key, row.number)
        check = {
            FORBUND: self._forbund, FORBUND_KOMMUN: self._forbund_kommun, INSATSER: self._insatser,
            INSATS_AR: self._insats_ar, FORBUND_AR: self._forbund_ar, SAMTYCKESFORMULAR: self._formular,
        }[reader.spec]  # fmt: skip
        check(described, reader)
        return described

    def _tell(self, spec: FileSpec, row: Row, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if finding.field not in row.faults:
                self.findings.add_rule(spec, row.number, finding, row.texts.get(finding.field))

    def _forbund(self, described: Described, reader: TableReader) -> None:
        world = self.world
        world.forbund_whole = reader.whole
        world.unreadable_forbund |= reader.lost
        for row in described.rows:
            forbund_id, start = row.values["forbund_id"], row.values["startdatum"]
            if forbund_id is None or forbund_id in self._forbund_rows:
                continue
            self._forbund_rows[forbund_id] = row
            if start is None:
                world.unreadable_forbund.add(forbund_id)
                continue
            say = _Saying(row, reader, world.stored_forbund.get(forbund_id))
            one = ForbundUppgifter(
                forbund_id, row.values["namn"] or "", start, say("slutdatum"), say("uppgatt_i"),
                say("organisationsnummer", ""),
            )  # fmt: skip
            world.forbund[forbund_id] = one
            described.take(one, world.stored_forbund.get(forbund_id))
        for one in described.values:
            if one.forbund_id not in world.unreadable_forbund:
                findings = check_forbund(one, world.forbund)
                self._tell(FORBUND, self._forbund_rows[one.forbund_id], self._but_lost_forbund(findings, one))

    def _but_lost_forbund(self, findings: Iterable[Finding], one: ForbundUppgifter) -> Iterator[Finding]:
        """Without the blame for naming a förbund that may stand in a row that could not be read."""
        may_exist = one.uppgatt_i is not None and self.world.knows_forbund(one.uppgatt_i)
        return (finding for finding in findings if not (may_exist and finding.kind == "forbund_okant"))

    def finish(self) -> None:
        """Check the stored insatser that no row of `insatser.csv` replaced against the new dates of their förbund, and
        of those that took them over. The last changed one is to blame for a slut, the first for a start."""
        world = self.world
        changed = {key: row for key, row in self._forbund_rows.items() if self._is_changed(key)}
        for insats in world.stored_insatser.values():
            facts = world.facts.insatser[insats.insats_id]
            owners = owner_chain(insats.forbund_id, facts.slutdatum, world.forbund)
            blamed = [changed[key] for key in owners if key in changed]
            if not blamed or insats.insats_id in self._in_file:
                continue
            text = f"Insatsen {insats.insats_id} hamnar utanför förbundets tid. Rätta datumet eller insatsen."
            for one in check_within_forbund(
                insats.forbund_id, facts.startdatum, facts.slutdatum, world.forbund
            ):
                row = changed.get(insats.forbund_id) if one.field == "startdatum" else blamed[-1]
                if row is not None:
                    self._tell(FORBUND, row, [Finding(one.field, "insats_utanfor", text)])

    def _is_changed(self, forbund_id: str) -> bool:
        """True when a row gives a förbund another time or successor."""
        old, new = self.world.stored_forbund.get(forbund_id), self.world.forbund.get(forbund_id)
        if old is None or new is None:
            return old is not new
        said, stored = ((one.startdatum, one.slutdatum, one.uppgatt_i) for one in (new, old))
        return said != stored

    def _forbund_kommun(self, described: Described, reader: TableReader) -> None:
        facts, stored = self.world.facts, _stored_medlemskap()
        facts.medlemskap.clear()
        rows: dict[Medlemskap, Row] = {}
        for row in described.rows:
            values = row.values
            self._check_forbund_known(FORBUND_KOMMUN, row)
            key = (values["forbund_id"], values["kommunkod"], values["stadsdel"], values["fran"])
            before = stored.get(key)
            one = Medlemskap(
                values["forbund_id"] or "", values["kommunkod"] or "", values["fran"] or _UNKNOWN_DAY,
                _Saying(row, reader, before)("till"), values["stadsdel"],
            )  # fmt: skip
            self._tell(FORBUND_KOMMUN, row, check_medlemskap(one, facts))
            described.take(one, before)
            if not row.faults and (one.till is None or one.fran <= one.till):
                stored[key] = one
                if one != before:
                    rows[one] = row
            else:  # told here alone, not to all who live there
                facts.medlemskap[one.forbund_id, one.kommunkod].append((_UNKNOWN_DAY, None))
        for one in stored.values():
            facts.medlemskap[one.forbund_id, one.kommunkod].append((one.fran, one.till))
        for earlier, later in overlapping_medlemskap(stored.values()):
            blamed, other = (later, earlier) if later in rows else (earlier, later)
            if blamed in rows:
                self._tell(FORBUND_KOMMUN, rows[blamed], [overlapping_finding(other)])

    def _check_forbund_known(self, spec: FileSpec, row: Row) -> bool:
        forbund_id = row.values["forbund_id"]
        if forbund_id is None:
            return False
        if not self.world.knows_forbund(forbund_id):
            text = "Förbundet finns inte. Ange ett förbund som finns."
            self._tell(spec, row, [Finding("forbund_id", "forbund_okant", text)])
            return False
        return forbund_id in self.world.forbund and forbund_id not in self.world.unreadable_forbund

    def _insatser(self, described: Described, reader: TableReader) -> None:
        world = self.world
        world.insatser_whole = reader.whole
        world.unreadable_insatser |= reader.lost
        rows: dict[str, Row] = {}
        for row in described.rows:
            insats_id = row.values["insats_id"]
            if insats_id is not None and insats_id not in rows:
                rows[insats_id] = row
                described.take(self._insats(row, reader), world.stored_insatser.get(insats_id))
        self._in_file = set(rows)
        named = [one for key, one in world.stored_insatser.items() if key not in rows]
        named += [one for one in described.values if one.namn and one.forbund_id]
        for insats_id, finding in check_names(named):
            if insats_id in rows:
                self._tell(INSATSER, rows[insats_id], [finding])

    def _insats(self, row: Row, reader: TableReader) -> InsatsUppgifter:
        world, values = self.world, row.values
        insats_id, stored = values["insats_id"], world.stored_insatser.get(values["insats_id"])
        forbund_known = self._check_forbund_known(INSATSER, row)
        say = _Saying(row, reader, stored)
        one = InsatsUppgifter(
            insats_id, values["forbund_id"] or "", values["namn"] or "", values["inriktning"] or "",
            values["preciserad_inriktning"] or "", values["registreringssatt"] or "",
            values["startdatum"] or _UNKNOWN_DAY, say("slutdatum"), say("esf", False), say("behovsgrupper", ()),
        )  # fmt: skip
        if values["startdatum"] is None or "slutdatum" in row.faults:
            self._tell(INSATSER, row, check_insats_codes(one, world.facts))
            world.facts.insatser[insats_id] = anything_goes(insats_id)
            return one
        self._tell(INSATSER, row, check_insats(one, world.facts, world.forbund if forbund_known else {}))
        # A code that does not exist is told here alone, not to all that refers to the insats.
        harmless = anything_goes(insats_id)
        owner, earlier = (
            owners(one.forbund_id, one.startdatum, one.slutdatum, world.forbund)
            if forbund_known
            else ("", ())
        )
        facts = InsatsFacts(
            insats_id, one.startdatum, one.slutdatum,
            self._known(Kodlista.INRIKTNING, one.inriktning, harmless.inriktning),
            self._known(Kodlista.REGISTRERINGSSATT, one.registreringssatt, harmless.registreringssatt),
            owner, world.facts.insatser[insats_id].pk if stored else 0, earlier,
        )  # fmt: skip
        world.facts.insatser[insats_id] = facts
        if stored:
            locked = [finding for finding in check_locked(stored, one) if finding.field not in row.faults]
            if locked and is_registered_on(insats_id):
                self._tell(INSATSER, row, locked)
            if (one.startdatum, one.slutdatum) != (stored.startdatum, stored.slutdatum):
                self._redated.append((facts, row))
        return one

    def _known(self, lista: Kodlista, kod: str, otherwise: str) -> str:
        return kod if self.world.facts.knows(lista, kod) else otherwise

    def still_outside(self, in_files: set[str], kept: Kept) -> None:
        """No deltagande, and no year with numbers, may fall outside an insats whose dates change. Of deltaganden in the
        files, `kept` counts those whose newest dates are stored ones; dates that the files bring are told in their own
        rows."""
        for facts, row in self._redated:
            live = Identitet.unscoped.filter(IN_THE_WAY, insats=facts.pk)
            late = (
                Q(pk__in=[])
                if facts.slutdatum is None
                else Q(slutdatum__gt=facts.slutdatum) | Q(startdatum__gt=facts.slutdatum)
            )
            for name, outside in (("startdatum", Q(startdatum__lt=facts.startdatum)), ("slutdatum", late)):
                ids = live.filter(outside).values_list("deltagande__deltagande_id", flat=True)
                count = sum(one not in in_files for one in ids.iterator()) + kept[facts.insats_id, name]
                if count:
                    text = f"{count} registrerade deltaganden hamnar utanför insatsens tid. Rätta datumet."
                    self._tell(INSATSER, row, [Finding(name, "deltaganden_utanfor", text)])
            self._tell(INSATSER, row, check_years_with_antal(facts))

    def _formular(self, described: Described, reader: TableReader) -> None:
        stored = {
            one.version: FormularUppgifter(
                one.version, one.giltig_fran, one.giltig_till, one.sprak, one.namner_behovsgrupp, one.text
            )
            for one in Samtyckesformular.objects.all()
        }
        for row in described.rows:
            version = row.values["version"]
            if version is None:
                continue
            before = stored.get(version)
            say = _Saying(row, reader, before)
            one = FormularUppgifter(
                version, row.values["giltig_fran"] or _UNKNOWN_DAY, say("giltig_till"), say("sprak", "sv"),
                say("namner_behovsgrupp", False), say("text", ""),
            )  # fmt: skip
            described.take(one, before)
            self._tell(SAMTYCKESFORMULAR, row, check_formular(one, before))
            # The dates as the file says: they are what will hold when its rows are written.
            self.world.facts.formular[version] = FormularFacts(
                one.giltig_fran, one.giltig_till, one.namner_behovsgrupp
            )

    def _insats_ar(self, described: Described, reader: TableReader) -> None:
        rows = InsatsAr.objects.values_list("insats__insats_id", "ar", "planerat_antal", *_MONEY)
        stored = {(one.insats_id, one.ar): one for one in (InsatsAret(*row) for row in rows)}
        for row in described.rows:
            insats_id, ar = row.values["insats_id"] or "", row.values["ar"] or 0
            if insats_id and self.world.insats(insats_id) is None:
                text = f"Insatsen {insats_id} finns inte. Ange en insats som finns."
                self._tell(INSATS_AR, row, [Finding("insats_id", "insats_okand", text)])
            before = stored.get((insats_id, ar))
            say = _Saying(row, reader, before)
            one = InsatsAret(insats_id, ar, say("planerat_antal"), *[say(name) for name in _MONEY])
            described.take(one, before)
            self._tell(INSATS_AR, row, check_money(one))

    def _forbund_ar(self, described: Described, reader: TableReader) -> None:
        rows = ForbundAr.objects.values_list("forbund__forbund_id", "ar", "post", "budget", "utfall")
        stored = {(one.forbund_id, one.ar, one.post): one for one in (ForbundAret(*row) for row in rows)}
        for row in described.rows:
            self._check_forbund_known(FORBUND_AR, row)
            key = (row.values["forbund_id"] or "", row.values["ar"] or 0, row.values["post"] or "")
            before = stored.get(key)
            say = _Saying(row, reader, before)
            one = ForbundAret(*key, say("budget"), say("utfall"))
            described.take(one, before)
            self._tell(FORBUND_AR, row, check_money(one))
            self._tell(FORBUND_AR, row, check_post(one.post, self.world.facts))


class _Saying:
    """What a row says in a column: its cell (`empty` for an empty one), or what is stored when there is no column."""

    def __init__(self, row: Row, reader: TableReader, stored: object) -> None:
        self._row = row
        self._columns = reader.columns
        self._stored = stored

    def __call__(self, name: str, empty: Any = None) -> Any:
        if name not in self._columns:
            return empty if self._stored is None else getattr(self._stored, name)
        value = self._row.values[name]
        return empty if value is None else value


def _stored_medlemskap() -> dict[tuple[str, str, str | None, dt.date], Medlemskap]:
    rows = ForbundKommun.objects.values_list(
        "forbund__forbund_id", "kommun_id", "fran", "till", "stadsdel__namn"
    )
    return {
        (one.forbund_id, one.kommunkod, one.stadsdel, one.fran): one
        for one in (Medlemskap(*row) for row in rows)
    }

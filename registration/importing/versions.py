"""What each row of `deltaganden.csv` means beside the stored versions: new, correction, nothing, a fault (FORMATS §1).

In-part and out-part are looked at apart, in the order of their times. A row that is older than what is stored becomes
known by the import; where the file goes on from there to what holds, that is stated again after it (decisions/0007).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..models import IMPORTED_FORM
from ..rules.checks import behovsgrupp_not_named, check_out, check_within_insats
from ..rules.findings import Finding
from ..rules.values import UtUppgifter
from .as_known import impossible_then
from .beside import Beside, last_known, newest_row, older_name
from .rows import DIGEST
from .stored import Meaning, Part, Stored
from .traces import NO_TIME, UNSAID, Trace, Traces, microseconds, moment_of
from .world import World, anything_goes


class Action:
    """What is to be done with a row, as bits. `…_NOW`: known from the time of the import, not from the row's own."""

    NEW = 1
    IN_FIX = 2
    IN_FIX_NOW = 4
    UT_FIRST = 8
    UT_FIX = 16
    UT_FIX_NOW = 32
    NAMES = 64
    RECEIPT = 128


_IN_PART = Action.NEW | Action.IN_FIX | Action.IN_FIX_NOW


@dataclass(slots=True)
class Outcome:
    """A deltagande after the import: rows with something to do, findings by row, and its newest dates.

    kept_outside: which of its newest dates (`startdatum`, `slutdatum`) are stored ones that the files leave outside the
    insats.
    """

    actions: list[tuple[int, int]] = field(default_factory=list)
    findings: list[tuple[int, Finding]] = field(default_factory=list)
    person: bytes = b""
    insats: int = -1
    start: int = 0
    slut: int = 0
    felregistrering: bool = False
    row: int = 0
    kept_outside: list[str] = field(default_factory=list)

    def say(self, trace: Trace, column: str, kind: str, message: str) -> None:
        self.findings.append((trace.row, Finding(column, kind, message)))


class _Course:
    """One part of a deltagande through the rows of the file, which come in the order of their times.

    newest: the row whose part holds in the end, None when it is a stored one. known: the rows that became known at
    their own time. late: those that become known by the import. first, fix, fix_now: bits of `Action`.
    """

    def __init__(self, part: Part, first: int, fix: int, fix_now: int) -> None:
        self.newest: Trace | None = None
        self.known: list[Trace] = []
        self._part = part
        self._first, self._fix, self._fix_now = first, fix, fix_now
        self._new = part.newest == NO_TIME
        self.late: set[int] = set()
        self._holds: Trace | None = None

    def skip(self, trace: Trace) -> None:
        """A row that cannot be read stands for a new part all the same."""
        if self._new:
            self.newest = self.newest or trace

    def take(self, trace: Trace, time: int, content: bytes, actions: dict[int, int]) -> bool:
        """Take a row's part; False when other content has its time."""
        meaning = self._part.meet(time, content)
        if meaning is Meaning.VERSION:
            first = self._first if self._new else self._fix
            actions[trace.row] |= first
            self._new = False
            self.newest = self._holds = trace
            self.known.append(trace)
        elif meaning is Meaning.VERSION_NOW:
            actions[trace.row] |= self._fix_now
            self.late.add(trace.row)
            self._holds, self.newest = None, trace
        elif self._says_what_holds(trace, content):
            self._holds = trace
        return meaning is not Meaning.CONFLICT

    def _says_what_holds(self, trace: Trace, content: bytes) -> bool:
        """A row that leaves kön and birth year to the number means the person's present ones, too."""
        newest = self._part.newest_content
        return content == newest or (not trace.kon_said and content[:DIGEST] == newest[:DIGEST])

    def end(self, actions: dict[int, int]) -> None:
        """After the last row: what holds is stated again after what became known late, where the file says it later."""
        if self.late and self._holds:
            actions[self._holds.row] |= self._fix_now
            self.newest = self._holds


class Resolver:
    """Decides about one deltagande at a time."""

    def __init__(self, world: World, traces: Traces, now: dt.datetime) -> None:
        self._world = world
        self._insats_names = traces.insats_names
        forms = world.facts.formular.items()
        self._forms = {UNSAID if key == IMPORTED_FORM else traces.seal(key): form for key, form in forms}
        self._now = microseconds(now)

    def resolve(
        self, traces: Sequence[Trace], stored: Stored | None, persons: dict[bytes, tuple[uuid.UUID, bool]]
    ) -> Outcome:
        """traces: the rows of the deltagande. persons: what is stored of their numbers."""
        outcome = Outcome()
        if stored and stored.gone:
            for trace in traces:
                outcome.say(
                    trace, "deltagande_id", "avidentifierad",
                    "Identiteten är borttagen och kan inte läsas in igen. Ta bort raden.",
                )  # fmt: skip
            return outcome
        rows = self._without_duplicates(traces, outcome)
        self._same_person_and_insats(rows, stored, persons, outcome)
        actions: dict[int, int] = defaultdict(int)
        known_until = stored.last_known if stored else NO_TIME
        ins = self._in_parts(rows, stored, persons, actions, outcome)
        uts = self._ut_parts(rows, stored, actions, outcome)
        self._dates(rows, stored, ins.newest, uts.newest, outcome)
        outcome.findings += impossible_then(
            stored, ins.known, uts.known, late=ins.late | uts.late, holds=(outcome.start, outcome.slut)
        )
        self._beside(rows, stored, known_until, actions, outcome)
        outcome.actions = [(row, action) for row, action in actions.items() if action]
        return outcome

    def _without_duplicates(self, traces: Sequence[Trace], outcome: Outcome) -> list[Trace]:
        seen: dict[tuple[int, int], int] = {}
        kept = []
        for trace in traces:
            times = (trace.t_in, trace.t_ut)
            if trace.t_in != NO_TIME and times in seen:
                outcome.say(
                    trace, "deltagande_id", "dubblett",
                    f"Samma deltagande med samma tider finns redan på rad {seen[times]}. Ta bort den ena raden.",
                )  # fmt: skip
            else:
                seen[times] = trace.row
                kept.append(trace)
        return kept

    def _same_person_and_insats(
        self,
        rows: list[Trace],
        stored: Stored | None,
        persons: dict[bytes, tuple[uuid.UUID, bool]],
        outcome: Outcome,
    ) -> None:
        person = stored.person.bytes if stored and stored.person else None
        insats = stored.insats_id if stored else None
        signed = stored.undertecknat.toordinal() if stored and stored.undertecknat else 0
        known = "tidigare" if stored else "på en annan rad"
        for trace in rows:
            if trace.has_person:
                key = persons[trace.hash][0].bytes if trace.hash in persons else trace.hash[:16]
                person = person or key
                if key != person:
                    text = (
                        f"Deltagandet har {known} ett annat personnummer. Rätta numret eller deltagande_id."
                    )
                    if stored:  # only a person can say which of the two it is, and whether it was a slip
                        text += " Var det sparade numret fel rättas det på deltagandets sida, under Ändra personnumret."
                    outcome.say(trace, "personnummer", "annat_personnummer", text)
            if trace.insats >= 0:
                name = self._insats_names[trace.insats]
                insats = insats or name
                if name != insats:
                    text = f"Deltagandet hör {known} till insatsen {insats} och kan inte flyttas. Rätta insats_id."
                    outcome.say(trace, "insats_id", "annan_insats", text)
                outcome.insats = trace.insats if outcome.insats < 0 else outcome.insats
            if trace.samtycke:
                signed = signed or trace.samtycke
                if signed != trace.samtycke:
                    text = f"Deltagandet har {known} samtyckesdatum {dt.date.fromordinal(signed)}. Rätta datumet."
                    outcome.say(trace, "samtyckesdatum", "annat_samtyckesdatum", text)
        outcome.person = person or b""

    def _in_parts(
        self, rows: list[Trace], stored: Stored | None, persons: dict[bytes, tuple[uuid.UUID, bool]],
        actions: dict[int, int], outcome: Outcome,
    ) -> _Course:  # fmt: skip
        part = stored.ins if stored else Part()
        course = _Course(part, Action.NEW, Action.IN_FIX, Action.IN_FIX_NOW)
        for trace in sorted(rows, key=lambda one: one.t_in):
            if trace.t_in == NO_TIME or not trace.in_readable:
                course.skip(trace)
                continue
            content = trace.in_digest + trace.demo.to_bytes(2, "little")
            if stored and not trace.kon_said:
                content = _as_stored(trace, stored, persons.get(trace.hash, (None, True))[1])
            if not course.take(trace, trace.t_in, content, actions):
                self._conflict(trace, "registrerad_in", outcome)
        course.end(actions)
        newest = course.newest
        if newest and newest.in_readable and newest.other_kon:
            text = "Kön eller födelseår är inte det som personnumret säger. Stämmer det?"
            outcome.findings.append((newest.row, Finding("kon", "annat_an_numret", text, warning=True)))
        return course

    def _ut_parts(
        self, rows: list[Trace], stored: Stored | None, actions: dict[int, int], outcome: Outcome
    ) -> _Course:
        part = stored.uts if stored else Part()
        course = _Course(part, Action.UT_FIRST, Action.UT_FIX, Action.UT_FIX_NOW)
        for trace in sorted((one for one in rows if one.has_out), key=lambda one: one.t_ut):
            if trace.t_ut == NO_TIME or not trace.ut_readable:
                course.skip(trace)
            elif not course.take(trace, trace.t_ut, trace.ut_digest, actions):
                self._conflict(trace, "registrerad_ut", outcome)
        course.end(actions)
        return course

    def _conflict(self, trace: Trace, column: str, outcome: Outcome) -> None:
        text = (
            "Det finns redan andra uppgifter med samma registreringstid. "
            "Ge rättelsen en senare tid, eller rätta uppgifterna så att de är lika."
        )
        outcome.say(trace, column, "annat_innehall_samma_tid", text)

    def _dates(
        self, rows: list[Trace], stored: Stored | None, newest_in: Trace | None, newest_ut: Trace | None,
        outcome: Outcome,
    ) -> None:  # fmt: skip
        times = [trace.t_in for trace in rows if trace.t_in != NO_TIME]
        if stored:
            times.append(stored.first_in)
        for trace in rows:
            if trace.has_out and trace.t_ut != NO_TIME and times and trace.t_ut < min(times):
                findings = self._out_findings(0, 0, min(times), trace.t_ut, "ut_fore_in")
                outcome.findings += [(trace.row, finding) for finding in findings]
        outcome.start = newest_in.start if newest_in else stored.start if stored else 0
        outcome.slut = newest_ut.slut if newest_ut else stored.slut if stored else 0
        fel = newest_ut.felregistrering if newest_ut else bool(stored and stored.felregistrering)
        outcome.felregistrering = fel
        where = newest_in or newest_ut or rows[0]
        outcome.row = where.row
        if not fel:
            undone = stored is not None and stored.felregistrering
            self._within_insats(newest_in or (newest_ut if undone else None), newest_ut, outcome)
        if fel or not outcome.start or not outcome.slut or outcome.slut >= outcome.start:
            return
        if newest_ut:
            findings = self._out_findings(outcome.start, outcome.slut, 0, 0, "slut_fore_start")
            outcome.findings += [(newest_ut.row, finding) for finding in findings]
        elif newest_in:
            slut = dt.date.fromordinal(outcome.slut)
            text = f"Startdatum ligger efter slutdatum ({slut}). Ändra något av dem."
            outcome.say(newest_in, "startdatum", "slut_fore_start", text)

    def _beside(
        self,
        rows: list[Trace],
        stored: Stored | None,
        known_until: int,
        actions: dict[int, int],
        outcome: Outcome,
    ) -> None:
        """The newest row names, if it is newer than what is stored or brings anything else; of receipts the later days
        are taken."""
        ours = stored.beside if stored else None
        for trace in rows:
            if actions.get(trace.row, 0) & Action.NEW:
                ours = Beside.of(trace)
        if ours is None:
            return
        for trace in rows:
            if ours.other_code(trace):
                text = "Deltagandets samtycke har en annan referenskod. Rätta koden eller deltagande_id."
                outcome.say(trace, "referenskod", "annan_referenskod", text)
            elif ours.other_form(trace):
                text = "Deltagandets samtycke har en annan version av formuläret. Rätta versionen eller deltagande_id."
                outcome.say(trace, "samtyckesversion", "annan_samtyckesversion", text)
            elif ours.takes_receipt(trace):
                actions[trace.row] |= Action.RECEIPT
        self._behovsgrupp(rows, stored, ours, actions, outcome)
        newest = newest_row(rows)
        if newest and ours.other_names(newest):
            if actions.get(newest.row) or last_known(newest) > known_until:
                actions[newest.row] |= Action.NAMES
            else:
                outcome.findings.append((newest.row, older_name()))

    def _behovsgrupp(
        self,
        rows: list[Trace],
        stored: Stored | None,
        ours: Beside,
        actions: dict[int, int],
        outcome: Outcome,
    ) -> None:
        """A behovsgrupp stands only under a form that names it: the signed one, which other rows or the register know,
        or one that a receipt brings now. A row that names the form itself is told of it by its own check."""
        form = self._forms.get(ours.form)
        if form is None or form.namner_behovsgrupp:
            return
        for trace in rows:
            action = actions.get(trace.row, 0)
            if trace.behovsgrupp and trace.form != ours.form and action & _IN_PART:
                outcome.findings.append((trace.row, behovsgrupp_not_named()))
            elif stored and stored.behovsgrupp and action & Action.RECEIPT and not trace.behovsgrupp:
                text = "Deltagandet har en behovsgrupp som den versionen av formuläret inte nämner. Rätta versionen."
                outcome.say(trace, "samtyckesversion", "behovsgrupp_ej_i_formular", text)

    def _within_insats(self, newest_in: Trace | None, newest_ut: Trace | None, outcome: Outcome) -> None:
        """The newest dates lie within the insats; those that were corrected since are history and may lie anywhere.

        newest_in, newest_ut: the rows to blame for a start and a slut. A stored date that the files leave as it is can
        be outside only if the insats got new dates, and is told there, or if it was a felregistrering until now, which
        the row undoes.
        """
        if outcome.insats < 0:
            return
        insats = self._world.insats(self._insats_names[outcome.insats])
        days = (("startdatum", outcome.start, newest_in), ("slutdatum", outcome.slut, newest_ut))
        for column, ordinal, trace in days:
            if insats is None or not ordinal:
                continue
            found = list(check_within_insats(insats, column, dt.date.fromordinal(ordinal)))
            if trace is None and found:
                late = insats.slutdatum is not None and ordinal > insats.slutdatum.toordinal()
                outcome.kept_outside.append("slutdatum" if late else "startdatum")
            elif trace is not None and (trace.in_readable if column == "startdatum" else trace.ut_readable):
                outcome.findings += [(trace.row, finding) for finding in found]

    def _out_findings(self, start: int, slut: int, first_in: int, t_ut: int, kind: str) -> Iterator[Finding]:
        """What the rule says of these days and times, as far as it is of this kind."""
        ut = UtUppgifter(dt.date.fromordinal(slut) if slut else None)
        found = check_out(
            ut, self._world.facts, anything_goes(""), startdatum=dt.date.fromordinal(start or 1),
            forst_in=moment_of(first_in), registrerad=moment_of(t_ut), now=moment_of(self._now),
        )  # fmt: skip
        return (finding for finding in found if finding.kind == kind)


def _as_stored(trace: Trace, stored: Stored, present_number: bool) -> bytes:
    """The content of a row that leaves kön and birth year to the number: after a change of number the row still means
    the stored version that says the same otherwise. New content has kön and year of the person's present number."""
    part, content = stored.ins, trace.in_digest
    same = [part.by_time.get(trace.t_in, b""), part.newest_content, *part.contents]
    for known in same:
        if known[:-2] == content:
            return known
    demo = trace.demo if present_number else stored.demo
    return content + demo.to_bytes(2, "little")

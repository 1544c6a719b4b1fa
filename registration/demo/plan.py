"""The deltaganden of the demo, decided without a database: the same today always gives the same plan.

What each deltagande goes through is decided first, then when each part of it became known. What would become known
after today is left out: such a start is drawn anew, such an end leaves the deltagande open.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass, field, replace

from finsam_site.clock import STOCKHOLM

from ..models import FELREGISTRERING
from ..rules.codes import ALPHABET, with_check
from ..rules.values import InUppgifter as In
from ..rules.values import NyttDeltagande, Samtyckesuppgifter, Sysselsattning, UtUppgifter
from .chance import code, day_between, long_tail, office_time, weighted
from .people import SENT_BY, Answers, DemoPerson, Population
from .world import (
    FEBRUARY_UTTAG,
    FORBUND,
    JANUARY_UTTAG,
    LATELY,
    OPEN_IN_ENDED,
    PERSON_INSATSER,
    InsatsSpec,
    Period,
)

SEED = 2003_1210
FORMULAR = "2024-1"
"""The version of the consent form that everybody signed."""
DELTAGANDEN = 1500
FIRST_WAVE = 0.21
"""The share that started in the first six weeks: those who were in when registration began."""
AGAIN = 0.12
"""How often somebody who has taken part takes part again."""
OUTSIDE = 0.02
"""How often somebody lives outside the förbund."""
CORRECTIONS, CORRECTIONS_BETWEEN = 62, 8
"""In all (about 4 %), and of them between the two uttag."""
FELREGISTRERINGAR = 6
WITHDRAWN_OPEN, WITHDRAWN_ENDED, PROTECTED = 2, 2, 2

ONE_DAY = dt.timedelta(days=1)


@dataclass
class Rattning:
    """A correction of one part, known from `registrerad`."""

    orsak: str
    registrerad: dt.datetime
    in_: In | None = None
    ut: UtUppgifter | None = None


@dataclass
class Planned:
    """One deltagande. omgang: 2 when the person has left the same insats before. slut: the true end, known or not."""

    ny: NyttDeltagande
    insats: InsatsSpec
    person: DemoPerson
    registrerad: dt.datetime
    omgang: int = 1
    slut: dt.date | None = None
    ut: UtUppgifter | None = None
    registrerad_ut: dt.datetime | None = None
    rattelser: list[Rattning] = field(default_factory=list)

    @property
    def id(self) -> str:
        assert self.ny.deltagande_id is not None
        return self.ny.deltagande_id

    @property
    def alone(self) -> bool:
        """True if the person takes part only this once, so that a change here touches nothing else."""
        return len(self.person.insatser) == 1

    def touches(self, year: int) -> bool:
        """True if the deltagande overlaps the year."""
        last = self.ut.slutdatum if self.ut else None
        return self.ny.uppgifter.startdatum.year <= year and (last is None or last.year >= year)


@dataclass
class Plan:
    """Every deltagande, by start, and whose identity is removed."""

    period: Period
    deltaganden: list[Planned]
    withdrawn: list[Planned]
    protected: list[Planned]


def make_plan(now: dt.datetime) -> Plan:
    """The plan as of `now`, which must know its time zone."""
    return _Planner(now).plan()


class _Planner:
    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.period = Period(now.astimezone(STOCKHOLM).date())
        self.rng = random.Random(SEED)
        self.population = Population(self.rng, reported=self.period.reported, today=self.period.today)
        self.answers = Answers(self.rng)
        self.persons: dict[str, list[DemoPerson]] = defaultdict(list)
        self.last: dict[tuple[str, str], Planned] = {}

    def plan(self) -> Plan:
        found: list[Planned] = []
        for start in self._starts():
            while (one := self._registered_in(start)) is None:
                start = day_between(self.rng, self.period.beginning, self.period.today - 21 * ONE_DAY)
            found.append(one)
        found.sort(key=lambda one: (one.ny.uppgifter.startdatum, one.id))
        self._register_out(found)
        withdrawn, protected = self._whose_identity_goes(found)
        special = {one.id for one in (*withdrawn, *protected)}
        special |= self._felregistrera([one for one in found if one.id not in special])
        self._correct([one for one in found if one.id not in special])
        return Plan(self.period, found, withdrawn, protected)

    # --- In

    def _starts(self) -> list[dt.date]:
        first = self.period.beginning
        wave = [
            day_between(self.rng, first, first + 44 * ONE_DAY) for _ in range(round(DELTAGANDEN * FIRST_WAVE))
        ]
        rest = [
            day_between(self.rng, first + 45 * ONE_DAY, self.period.today)
            for _ in range(DELTAGANDEN - len(wave))
        ]
        return sorted(wave + rest)

    def _registered_in(self, start: dt.date) -> Planned | None:
        """A deltagande from that day, or None if it would not be known yet."""
        rng = self.rng
        running = {
            one: one.vikt
            for one in PERSON_INSATSER
            if one.starts(self.period) <= start
            and start + 40 * ONE_DAY <= (one.ends(self.period) or dt.date.max)
        }
        insats = weighted(rng, running)
        lag = rng.randint(90, 260) if rng.random() < 0.02 else long_tail(rng, 6, 1.25, most=120)
        registrerad = office_time(rng, start + lag * ONE_DAY)
        if registrerad >= self.now:
            return None
        person = self._person(insats, start)
        signed = start - rng.randint(0, 18) * ONE_DAY
        if rng.random() < 0.08:
            signed = start + rng.randint(0, lag) * ONE_DAY
        signed = max(signed, min(start, self.period.beginning))
        age = start.year - person.nummer.birth_year
        fore = self.answers.before(insats.profil, age)
        one = Planned(
            NyttDeltagande(
                insats_id=insats.id,
                nummer=person.nummer,
                fornamn=person.fornamn,
                efternamn=person.efternamn,
                samtycke=self._samtycke(signed, registrerad.date()),
                uppgifter=In(
                    kommunkod=person.kommun,
                    startdatum=start,
                    utbildning=person.utbildning,
                    tid_i_forsorjning_manader=self.answers.months(insats.profil, fore.forsorjning),
                    initierad_av=weighted(rng, SENT_BY[insats.profil]),
                    behovsgrupp=self._behovsgrupp(insats, age),
                    fore=fore,
                ),
                registrerad=registrerad,
                deltagande_id=code(rng, ALPHABET, 12),
            ),
            insats,
            person,
            registrerad,
            slut=self._true_end(insats, start),
        )
        earlier = self.last.get((person.nummer.digits, insats.id))
        one.omgang = earlier.omgang + 1 if earlier else 1
        self.last[person.nummer.digits, insats.id] = one
        person.insatser.append(insats.id)
        return one

    def _person(self, insats: InsatsSpec, start: dt.date) -> DemoPerson:
        """Somebody new, or somebody of the förbund who does not take part in the insats on that day."""
        rng, here = self.rng, self.persons[insats.forbund]
        if here and rng.random() < AGAIN:
            fitting = [
                one for one in rng.sample(here, min(12, len(here))) if self._may_return(one, insats, start)
            ]
            if fitting:
                return fitting[0]
        spec = next(one for one in FORBUND if one.id == insats.forbund)
        kommun = weighted(rng, spec.kommuner)
        if rng.random() < OUTSIDE:
            kommun = weighted(rng, next(one for one in FORBUND if one.id != insats.forbund).kommuner)
        person = self.population.person(insats.profil, forbund=insats.forbund, kommun=kommun)
        here.append(person)
        return person

    def _may_return(self, person: DemoPerson, insats: InsatsSpec, start: dt.date) -> bool:
        young = insats.profil == "ung"
        if young != (start.year - person.nummer.birth_year < 28) or len(person.insatser) > 2:
            return False
        earlier = self.last.get((person.nummer.digits, insats.id))
        # Out again well before, and known to be in before that.
        return earlier is None or (
            earlier.omgang == 1
            and earlier.slut is not None
            and max(earlier.slut, earlier.registrerad.date()) + 90 * ONE_DAY < start
        )

    def _samtycke(self, signed: dt.date, known: dt.date) -> Samtyckesuppgifter:
        """The original goes to Försäkringskassan after registration; some are late or never came."""
        rng, today = self.rng, self.period.today
        sent: dt.date | None = known + rng.randint(0, 20) * ONE_DAY
        received = sent + rng.randint(2, 12) * ONE_DAY if sent else None
        fate = rng.random()
        if fate < 0.035 or sent is None or sent > today:
            sent = received = None
        elif fate < 0.07 or received is None or received > today:
            received = None
        return Samtyckesuppgifter(
            undertecknat=signed,
            formular=FORMULAR,
            sprak=weighted(rng, {"sv": 93, "en": 7}),
            referenskod=with_check(code(rng, ALPHABET, 9)),
            original_skickat=sent,
            original_mottaget=received,
        )

    def _behovsgrupp(self, insats: InsatsSpec, age: int) -> str | None:
        """Said by about half of those whom the insats is meant for."""
        mojliga = {
            "langtidssjukskrivna": True,
            "unga_aktivitetsersattning": age < 30,
            "unga_funktionsnedsattning": age < 30,
        }
        own = [kod for kod in insats.behovsgrupper.split() if mojliga.get(kod)]
        return self.rng.choice(own) if own and self.rng.random() < 0.55 else None

    # --- Out

    def _true_end(self, insats: InsatsSpec, start: dt.date) -> dt.date:
        days = max(10, long_tail(self.rng, insats.langd * 1.25, 0.62, most=1000))
        return start + days * ONE_DAY

    def _register_out(self, found: list[Planned]) -> None:
        """Deal the outcomes in order of the ends, so that every year gets its share of each."""
        rng = self.rng
        left_open = 0
        for one in sorted(found, key=lambda one: (one.slut or dt.date.max, one.id)):
            assert one.slut is not None
            last_day = one.insats.ends(self.period)
            closed = last_day is not None and one.slut > last_day
            if closed and one.insats.slut == LATELY and left_open < OPEN_IN_ENDED:
                left_open += 1
                continue
            slut = last_day if closed and last_day else one.slut
            lag = rng.randint(60, 240) if rng.random() < 0.025 else long_tail(rng, 11, 1.3, most=150)
            registrerad = office_time(rng, max(slut + lag * ONE_DAY, one.registrerad.date() + ONE_DAY))
            if registrerad >= self.now:
                if self.last[one.person.nummer.digits, one.insats.id] is one:
                    continue
                # Back again in the same insats: nobody is let in twice.
                registrerad = office_time(rng, max(slut, one.registrerad.date() + ONE_DAY))
            efter = self.answers.after(one.person.nummer.kon, one.ny.uppgifter.fore)
            one.ut = UtUppgifter(slut, "insats_upphor" if closed else self._reason(efter, one), efter)
            one.registrerad_ut = registrerad

    def _reason(self, efter: Sysselsattning, one: Planned) -> str | None:
        reached = bool(efter.arbetar or efter.studerar)
        if efter.arbetar is None and self.rng.random() < 0.15:
            return "avliden"
        age = self.period.reported - one.person.nummer.birth_year
        return weighted(
            self.rng,
            {
                "enligt_plan": 88 if reached else 52, "avbrott_deltagare": 3 if reached else 13,
                "avbrott_sjukdom": 1 if reached else 14, "flytt": 3 if reached else 6,
                "foraldraledig": 0 if reached else 3, "pension": 12 if age >= 61 and not reached else 0,
                "annat": 4 if reached else 8, None: 1 if reached else 3,
            },
        )  # fmt: skip

    # --- What happens later

    def _window(self) -> tuple[dt.datetime, dt.datetime]:
        """From the day after the early uttag to the day before the late one."""
        year = self.period.reported + 1
        return tuple(  # type: ignore[return-value]
            dt.datetime(year, *month_day, 12, tzinfo=STOCKHOLM) + days * ONE_DAY
            for month_day, days in ((JANUARY_UTTAG, 1), (FEBRUARY_UTTAG, -2))
        )

    def _between_uttag(self) -> dt.datetime:
        first, last = self._window()
        return office_time(self.rng, day_between(self.rng, first.date(), last.date()))

    def _whose_identity_goes(self, found: list[Planned]) -> tuple[list[Planned], list[Planned]]:
        early, _ = self._window()
        known = [
            one
            for one in found
            if one.alone and one.registrerad < early and one.touches(self.period.reported)
        ]
        still = self.rng.sample(
            [one for one in known if one.ut is None and one.insats.slut is None], WITHDRAWN_OPEN + PROTECTED
        )
        ended = self.rng.sample(
            [one for one in known if one.registrerad_ut and one.registrerad_ut < early], WITHDRAWN_ENDED
        )
        return [*still[:WITHDRAWN_OPEN], *ended], still[WITHDRAWN_OPEN:]

    def _felregistrera(self, found: list[Planned]) -> set[str]:
        """Some were never there. One is found between the two uttag."""
        rng, (early, _) = self.rng, self._window()
        still = [one for one in found if one.alone and one.ut is None and one.insats.slut is None]
        known = [one for one in still if one.registrerad < early]
        chosen = {one.id: one for one in [*rng.sample(known, 1), *rng.sample(still, FELREGISTRERINGAR)]}
        for nr, one in enumerate(list(chosen.values())[:FELREGISTRERINGAR]):
            when = (
                self._between_uttag()
                if nr == 0
                else office_time(rng, one.registrerad.date() + rng.randint(1, 40) * ONE_DAY)
            )
            if when >= self.now:
                when = one.registrerad + dt.timedelta(minutes=20)
            one.ut, one.registrerad_ut = UtUppgifter(None, FELREGISTRERING), when
        return set(chosen)

    def _correct(self, found: list[Planned]) -> None:
        early, late = self._window()
        ended = [
            one
            for one in found
            if one.alone and one.ut and one.registrerad_ut and one.registrerad_ut < early
            and one.ut.slutdatum and one.ut.slutdatum.year == self.period.reported
        ]  # fmt: skip
        between = self.rng.sample(ended, CORRECTIONS_BETWEEN)
        for nr, one in enumerate(between):
            one.rattelser.append(self._rattelse(one, self._between_uttag(), nr))
        done = {one.id for one in between}
        old = [
            one
            for one in found
            if one.alone
            and one.id not in done
            and (one.registrerad_ut or one.registrerad) < self.now - 100 * ONE_DAY
        ]
        for nr, one in enumerate(self.rng.sample(old, CORRECTIONS - CORRECTIONS_BETWEEN)):
            last = one.registrerad_ut or one.registrerad
            when = office_time(self.rng, last.date() + self.rng.randint(2, 90) * ONE_DAY)
            one.rattelser.append(self._rattelse(one, when, nr))

    def _rattelse(self, one: Planned, when: dt.datetime, nr: int) -> Rattning:
        rng, now_in, now_ut = self.rng, one.ny.uppgifter, one.ut
        kind = nr % 6
        if kind == 0 and now_ut and now_ut.slutdatum:
            earlier = now_ut.slutdatum - rng.randint(3, 25) * ONE_DAY
            day = max(earlier, now_in.startdatum)
            return Rattning("Slutdatum hade skrivits av fel.", when, ut=replace(now_ut, slutdatum=day))
        if kind == 1 and now_ut:
            efter = replace(
                now_ut.efter, arbetar=50, typ_av_arbete="subventionerat",
                studerar=now_ut.efter.studerar or 0, arbetssokande=bool(now_ut.efter.arbetssokande),
            )  # fmt: skip
            return Rattning("Arbetet var klart redan vid avslutet.", when, ut=replace(now_ut, efter=efter))
        if kind == 2 and now_ut:
            other = "avbrott_deltagare" if now_ut.avslutsanledning != "avbrott_deltagare" else "annat"
            return Rattning("Fel avslutsanledning valdes.", when, ut=replace(now_ut, avslutsanledning=other))
        if kind in (0, 3):
            day = max(now_in.startdatum - rng.randint(1, 9) * ONE_DAY, self.period.beginning)
            if day != now_in.startdatum:
                return Rattning(
                    "Startade tidigare än vi först uppgav.", when, in_=replace(now_in, startdatum=day)
                )
        if kind == 4:
            other = "gymnasium" if now_in.utbildning != "gymnasium" else "grundskola"
            return Rattning(
                "Betyget visade en annan utbildning.", when, in_=replace(now_in, utbildning=other)
            )
        months = (now_in.tid_i_forsorjning_manader or 0) + rng.randint(3, 30)
        return Rattning(
            "Tiden i försörjning rättad efter samtal.",
            when,
            in_=replace(now_in, tid_i_forsorjning_manader=months),
        )


def overlapping(plan: Plan, insats: str, year: int) -> int:
    """How many deltaganden of an insats overlap a year."""
    return sum(one.insats.id == insats and one.touches(year) for one in plan.deltaganden)

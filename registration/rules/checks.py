"""The rules of a registration as pure checks on plain values (DOMAIN §3–4, FORMATS §1).

Every check gives all it finds, not only the first. The form passes one registration, the importer twenty thousand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator

from finsam_site.clock import STOCKHOLM

from ..models import ATERKALLAT_SAMTYCKE, FELREGISTRERING, Kodlista
from ..personnummer import OLDEST, YOUNGEST, Nummer
from .code_days import day_of_out
from .facts import Facts, FormularFacts, InsatsFacts
from .findings import Finding
from .values import (
    HEL,
    InUppgifter,
    NyttDeltagande,
    Samtyckesuppgifter,
    Sysselsattning,
    UtUppgifter,
    forsorjning_sources,
)

WRONG_DAY = frozenset({"utanfor_insatsen", "slut_fore_start"})
"""Kinds of findings that say that a day is wrong in itself."""


OWN_SUPPORT_FROM = 16
"""The age from which somebody can have an offentlig försörjning of their own."""


def local_day(moment: dt.datetime) -> dt.date:
    """The calendar day in Europe/Stockholm, which is the day that people mean (DOMAIN §5)."""
    return moment.astimezone(STOCKHOLM).date()


def check_in(
    ny: NyttDeltagande, facts: Facts, *, registrerad: dt.datetime, now: dt.datetime
) -> Iterator[Finding]:
    """All that is wrong or odd with registering somebody in at `registrerad`. Overlaps are `find_overlaps`."""
    insats = facts.insatser.get(ny.insats_id)
    if insats is None:
        yield Finding(
            "insats_id", "insats_okand", f"Insatsen {ny.insats_id} finns inte. Ange en insats som finns."
        )
    else:
        yield from check_insats_takes_persons(insats)
        yield from check_in_uppgifter(ny.uppgifter, facts, insats)
    yield from check_samtycke(ny.samtycke, ny.uppgifter, facts, registrerad)
    yield from check_time("registrerad_in", registrerad, now)
    yield from check_age(ny.nummer, ny.uppgifter.startdatum)
    start = ny.uppgifter.startdatum
    if start > local_day(registrerad) and (
        insats is None or not any(check_within_insats(insats, "startdatum", start))
    ):
        # Who is registered before the first day may never come; most often it is a mistyped year.
        yield Finding(
            "startdatum",
            "start_efter_registrering",
            f"Startdatum ({start}) ligger efter dagen då inregistreringen görs.",
            warning=True,
        )


def without_consequences(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, without what only follows from a wrong day: that codes did not hold then.

    An import is told both: there a day outside the insats may be history, and is then no error.
    """
    found = list(findings)
    if all(one.kind not in WRONG_DAY for one in found):
        return found
    return [one for one in found if one.kind != "kod_ogiltig_da"]


def check_insats_takes_persons(insats: InsatsFacts) -> Iterator[Finding]:
    """Persons are registered only in individinriktade insatser that register in that way."""
    if not insats.takes_persons:
        yield Finding(
            "insats_id",
            "insats_registrerar_antal",
            f"Insatsen {insats.insats_id} registrerar bara antal. Välj en insats som registrerar personer.",
        )


def check_in_uppgifter(uppgifter: InUppgifter, facts: Facts, insats: InsatsFacts) -> Iterator[Finding]:
    """What an in-registration says, against codes and the dates of the insats."""
    day = uppgifter.startdatum
    yield from check_within_insats(insats, "startdatum", day)
    if uppgifter.kommunkod not in facts.kommuner:
        yield Finding(
            "kommunkod", "kommun_okand", "Kommunkoden finns inte. Ange SCB:s fyrsiffriga kommunkod."
        )
    elif not facts.is_member(insats.forbund_on(day), uppgifter.kommunkod, day):
        yield Finding(
            "kommunkod", "kommun_utanfor", "Kommunen hör inte till insatsens förbund.", warning=True
        )
    if uppgifter.stadsdel and uppgifter.stadsdel not in facts.stadsdelar[uppgifter.kommunkod]:
        yield Finding("stadsdel", "stadsdel_okand", "Stadsdelen finns inte i kommunen. Välj en ur listan.")
    yield from check_code("utbildning", Kodlista.UTBILDNING, uppgifter.utbildning, facts, day)
    yield from check_code("initierad_av", Kodlista.INITIERANDE_AKTOR, uppgifter.initierad_av, facts, day)
    yield from check_code(
        "behovsgrupp", Kodlista.BEHOVSGRUPP, uppgifter.behovsgrupp, facts, day, offer=facts.per_person
    )
    months = uppgifter.tid_i_forsorjning_manader
    if months is not None and not 0 <= months <= 1200:
        yield Finding(
            "tid_i_forsorjning_manader",
            "tid_orimlig",
            "Tid i försörjning anges i månader, 0–1200. Rätta talet.",
        )
    yield from check_sysselsattning(uppgifter.fore, "fore", day, facts)


def check_samtycke(
    samtycke: Samtyckesuppgifter, uppgifter: InUppgifter, facts: Facts, registrerad: dt.datetime
) -> Iterator[Finding]:
    """Signed on or before registration, on a form that held that day; after start is odd but allowed (DOMAIN §3–4).
    Behovsgrupp only if the form says so.
    """
    if samtycke.undertecknat > local_day(registrerad):
        yield Finding(
            "samtyckesdatum",
            "samtycke_efter_registrering",
            f"Samtycket är undertecknat {samtycke.undertecknat}, efter registreringen {local_day(registrerad)}. "
            "Registrera först när samtycket är undertecknat.",
        )
    if samtycke.undertecknat > uppgifter.startdatum:
        yield Finding(
            "samtyckesdatum", "samtycke_efter_start", "Samtycket undertecknades efter start.", warning=True
        )
    formular = facts.formular.get(samtycke.formular)
    if formular is None:
        yield Finding(
            "samtyckesversion",
            "formular_okant",
            f"Samtyckesformuläret {samtycke.formular} finns inte. Ange en version.",
        )
    else:
        yield from check_formular_held(samtycke.formular, formular, samtycke.undertecknat)
    yield from check_behovsgrupp(uppgifter.behovsgrupp, samtycke.formular, facts)


def check_formular_held(
    version: str,
    formular: FormularFacts,
    undertecknat: dt.date,
    *,
    advice: str = "Rätta datumet, eller ange den version som undertecknades.",
) -> Iterator[Finding]:
    """The form held on the day it was signed. advice: what can be done about it, which is more where a version is
    written too."""
    if not formular.holds_on(undertecknat):
        yield Finding(
            "samtyckesdatum",
            "formular_ogiltigt_da",
            f"Samtyckesformuläret {version} gällde inte {undertecknat}. {advice}",
        )


def check_original(samtycke: Samtyckesuppgifter) -> Iterator[Finding]:
    """A paper is not sent or received before it is signed (DOMAIN §4)."""
    for field in ("original_skickat", "original_mottaget"):
        when: dt.date | None = getattr(samtycke, field)
        if when is not None and when < samtycke.undertecknat:
            yield Finding(
                field,
                "fore_samtycket",
                "Datumet ligger före den dag då samtycket undertecknades. Rätta något av datumen.",
            )


def check_behovsgrupp(kod: str | None, formular: str, facts: Facts) -> Iterator[Finding]:
    """Per person only the values meant for that, and only when the signed form version names them (DOMAIN §3)."""
    form = facts.formular.get(formular)
    if kod and facts.knows(Kodlista.BEHOVSGRUPP, kod):
        if kod not in facts.per_person:
            yield Finding(
                "behovsgrupp",
                "behovsgrupp_ej_per_person",
                f"Behovsgruppen {kod} anges inte per person. Ta bort den.",
            )
        elif form is not None and not form.namner_behovsgrupp:
            yield behovsgrupp_not_named()


def behovsgrupp_not_named() -> Finding:
    """The finding for a behovsgrupp that the signed form does not name."""
    return Finding(
        "behovsgrupp", "behovsgrupp_ej_i_formular",
        "Det undertecknade samtycket nämner inte behovsgrupp. Ta bort uppgiften.",
    )  # fmt: skip


def check_out(
    ut: UtUppgifter, facts: Facts, insats: InsatsFacts, *, startdatum: dt.date, forst_in: dt.datetime,
    registrerad: dt.datetime, now: dt.datetime,
) -> Iterator[Finding]:  # fmt: skip
    """All that is wrong or odd with an out-registration at `registrerad` of somebody first registered at `forst_in`."""
    if registrerad < forst_in:
        yield Finding(
            "registrerad_ut",
            "ut_fore_in",
            "Utregistreringen är registrerad före inregistreringen. Rätta någon av tiderna.",
        )
    yield from check_time("registrerad_ut", registrerad, now)
    felregistrering = ut.avslutsanledning == FELREGISTRERING
    if ut.slutdatum is None:
        if not felregistrering:
            yield Finding("slutdatum", "slut_saknas", "Slutdatum saknas. Ange den sista dagen i insatsen.")
    elif not felregistrering:
        if ut.slutdatum < startdatum:
            yield Finding(
                "slutdatum",
                "slut_fore_start",
                f"Slutdatum ligger före startdatum ({startdatum}). Ändra något av dem.",
            )
        outside = list(check_within_insats(insats, "slutdatum", ut.slutdatum))
        yield from outside
        if not outside and ut.slutdatum > local_day(registrerad):
            yield Finding(
                "slutdatum",
                "slut_efter_registrering",
                f"Slutdatum ({ut.slutdatum}) ligger efter dagen då utregistreringen görs.",
                warning=True,
            )
    day = day_of_out(ut.slutdatum, local_day(registrerad))
    yield from check_code("avslutsanledning", Kodlista.AVSLUTSANLEDNING, ut.avslutsanledning, facts, day)
    yield from check_sysselsattning(ut.efter, "efter", day, facts)


def check_reason_to_leave(ut: UtUppgifter) -> Iterator[Finding]:
    """Nobody is registered out with a withdrawn samtycke and the identity kept (DOMAIN §4, GDPR art. 7.3)."""
    if ut.avslutsanledning == ATERKALLAT_SAMTYCKE:
        yield Finding(
            "avslutsanledning",
            "aterkalla_i_stallet",
            "Ett återkallat samtycke är inget avslut. Återkalla samtycket i stället, så tas personuppgifterna bort.",
        )


def check_sysselsattning(what: Sysselsattning, when: str, day: dt.date, facts: Facts) -> Iterator[Finding]:
    """Sources, percentages and kind of work. `when` is `fore` or `efter`, the end of the column's name."""
    for name, value in (("arbetar", what.arbetar), ("studerar", what.studerar)):
        if value is not None and not 0 <= value <= 100:
            yield Finding(f"{name}_{when}", "procent", "Procent anges som ett heltal 0–100. Rätta talet.")
    yield from check_code(f"typ_av_arbete_{when}", Kodlista.TYP_AV_ARBETE, what.typ_av_arbete, facts, day)
    if what.typ_av_arbete and not what.arbetar:
        yield Finding(
            f"typ_av_arbete_{when}",
            "arbete_utan_procent",
            "Typ av arbete anges bara för den som arbetar mer än 0 %. Ange procent eller ta bort typen.",
        )
    sources = forsorjning_sources(what.forsorjning)
    for kod in sources:
        yield from check_code(f"forsorjning_{when}", Kodlista.FORSORJNING, kod, facts, day)
    if sum(omfattning == HEL for omfattning in sources.values()) > 1:
        yield Finding(f"forsorjning_{when}", "flera_hel", "Fler än en hel försörjning anges.", warning=True)


def check_time(field: str, registrerad: dt.datetime, now: dt.datetime) -> Iterator[Finding]:
    """Nothing becomes known in the future (DOMAIN §5)."""
    if registrerad > now:
        yield Finding(field, "registrerad_i_framtiden", "Registreringstiden ligger i framtiden. Rätta tiden.")


def check_age(nummer: Nummer, startdatum: dt.date) -> Iterator[Finding]:
    """An unlikely age, and ten digits that may be a telephone number, warn and never refuse (QUALITY §1)."""
    if not YOUNGEST <= nummer.age(startdatum) <= OLDEST:
        yield Finding("personnummer", "alder", "Numret ger en ovanlig ålder vid start.", warning=True)
    if nummer.maybe_telephone:
        yield Finding("personnummer", "telefonnummer", "Numret kan vara ett telefonnummer.", warning=True)


def check_time_in_support(nummer: Nummer, uppgifter: InUppgifter) -> Iterator[Finding]:
    """Longer in offentlig försörjning than somebody can have had it is odd, and most often a number too many.

    Counted from the sixteenth birthday, before which nobody has a försörjning of their own (sickness benefit begins
    there, the others later). Of a number without a birth date, from the first day of the year. A month that has begun
    counts. For the page alone: a register that is imported says what was once answered, and nobody is there to ask.
    """
    months = uppgifter.tid_i_forsorjning_manader
    if not months:
        return
    start, born = uppgifter.startdatum, nummer.birth_date or dt.date(nummer.birth_year, 1, 1)
    since = 12 * (start.year - born.year - OWN_SUPPORT_FROM) + start.month - born.month
    if months > max(0, since + (start.day > born.day)):
        yield Finding(
            "tid_i_forsorjning_manader",
            "tid_langre_an_alder",
            f"Tiden i offentlig försörjning är längre än tiden sedan personen fyllde {OWN_SUPPORT_FROM} år. "
            "Kontrollera tiden och numret.",
            warning=True,
        )


def find_overlaps(
    periods: Iterable[tuple[object, dt.date, dt.date | None]],
) -> Iterator[tuple[object, object]]:
    """Pairs of keys whose periods share a day; a start on the day of the previous slut is an overlap (FORMATS §1).

    periods: (key, start, slut or None for open) of one person in one insats, felregistreringar left out.
    """
    ordered = sorted(periods, key=lambda period: (period[1], period[2] or dt.date.max))
    longest: tuple[object, dt.date] | None = None
    for key, start, slut in ordered:
        if longest and start <= longest[1]:
            yield longest[0], key
        if longest is None or (slut or dt.date.max) > longest[1]:
            longest = (key, slut or dt.date.max)


def overlap_finding(other: str) -> Finding:
    """The finding for a deltagande that overlaps `other` (a row or a period, never a name)."""
    return Finding(
        "startdatum",
        "overlapp",
        f"Personen deltar redan i insatsen under en del av tiden ({other}). "
        "Ändra datumen eller avsluta det andra först.",
    )


def check_within_insats(insats: InsatsFacts, field: str, day: dt.date) -> Iterator[Finding]:
    """A deltagande lies within the dates of its insats. field: `startdatum` or `slutdatum`, which `day` is."""
    if not insats.runs_on(day):
        till = f"–{insats.slutdatum}" if insats.slutdatum else " och framåt"
        yield Finding(
            field,
            "utanfor_insatsen",
            f"{field.capitalize()} {day} ligger utanför insatsens tid ({insats.startdatum}{till}). "
            "Kontrollera datumet, och att det är rätt insats.",
        )


def check_code(
    field: str, lista: str, kod: str | None, facts: Facts, day: dt.date | None = None,
    *, offer: Collection[str] | None = None,
) -> Iterator[Finding]:  # fmt: skip
    """A code of the list, and one that holds on `day` where a day is given. offer: of the list, those that may be
    written here; the others are not suggested."""
    if not kod or (facts.knows(lista, kod) if day is None else facts.valid(lista, kod, day)):
        return
    codes = [
        one
        for one in facts.codes(lista)
        if (offer is None or one in offer) and (day is None or facts.valid(lista, one, day))
    ]
    if facts.knows(lista, kod):
        label = facts.label(lista, kod)
        text = f"Alternativet ”{label}” gällde inte {day}. Välj ett som gällde då."
        yield Finding(field, "kod_ogiltig_da", text)
    else:
        yield Finding(field, "kod_okand", f"Koden {kod} finns inte. Välj en av: {', '.join(codes)}.")

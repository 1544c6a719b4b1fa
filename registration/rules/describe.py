"""Describing förbund, insatser, their kommuner and money: the rules as pure checks on plain values (DOMAIN §3).

`describe_write` writes many of them. Register import and pages are doors to both.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..models import Anonyma, Deltagande, Insats, Kodlista, Volym
from ..personnummer import check_digit
from .checks import check_code, find_overlaps
from .facts import Facts, InsatsFacts
from .findings import Finding
from .ownership import succession

LOCKED = ("inriktning", "registreringssatt", "esf")
"""What cannot change once something is registered on the insats (DOMAIN §3)."""

_ORGANISATIONSNUMMER = re.compile(r"([0-9]{6})-?([0-9]{4})")


@dataclass(frozen=True, slots=True)
class ForbundUppgifter:
    """What is said of a förbund. uppgatt_i: the forbund_id of its successor."""

    forbund_id: str
    namn: str
    startdatum: dt.date
    slutdatum: dt.date | None = None
    uppgatt_i: str | None = None
    organisationsnummer: str = ""


@dataclass(frozen=True, slots=True)
class Medlemskap:
    """A kommun, or one of its stadsdelar, in a förbund from a day to a day, both included."""

    forbund_id: str
    kommunkod: str
    fran: dt.date
    till: dt.date | None = None
    stadsdel: str | None = None

    def __str__(self) -> str:
        return f"{self.fran}–{self.till or ''}"


@dataclass(frozen=True, slots=True)
class InsatsUppgifter:
    """What is said of an insats. forbund_id: the förbund that made it. behovsgrupper: sorted."""

    insats_id: str
    forbund_id: str
    namn: str
    inriktning: str
    preciserad_inriktning: str
    registreringssatt: str
    startdatum: dt.date
    slutdatum: dt.date | None = None
    esf: bool = False
    behovsgrupper: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InsatsAret:
    """An insats in a year: planned number of deltagare, and whole kronor."""

    insats_id: str
    ar: int
    planerat_antal: int | None = None
    budget: int | None = None
    utfall: int | None = None
    budget_esf: int | None = None
    utfall_esf: int | None = None


@dataclass(frozen=True, slots=True)
class ForbundAret:
    """Whole kronor of a förbund in a year. post: a finansiär or a kostnadstyp."""

    forbund_id: str
    ar: int
    post: str
    budget: int | None = None
    utfall: int | None = None


@dataclass(frozen=True, slots=True)
class FormularUppgifter:
    """A version of the consent form."""

    version: str
    giltig_fran: dt.date
    giltig_till: dt.date | None = None
    sprak: str = "sv"
    namner_behovsgrupp: bool = False
    text: str = ""


Forbunden = Mapping[str, ForbundUppgifter]


class OrganisationsnummerFel(ValueError):
    """A text that is no organisationsnummer. The message is Swedish and says what to write."""


def read_organisationsnummer(text: str) -> str:
    """The number as `NNNNNN-NNNN`, from ten digits with or without hyphen. Raises OrganisationsnummerFel.

    The third digit is at least 2, so that a personnummer is never taken for one (lag 1974:174 1 §).
    """
    found = _ORGANISATIONSNUMMER.fullmatch(text.strip())
    if found is None:
        raise OrganisationsnummerFel(
            "Organisationsnummer skrivs med tio siffror, med eller utan bindestreck. Rätta numret."
        )
    digits = found[1] + found[2]
    if digits[2] < "2" or check_digit(digits[:9]) != int(digits[9]):
        raise OrganisationsnummerFel(
            "Organisationsnumret finns inte: kontrollsiffran stämmer inte. Rätta numret."
        )
    return f"{found[1]}-{found[2]}"


def check_forbund(one: ForbundUppgifter, forbund: Forbunden) -> Iterator[Finding]:
    """Dates and successor of a förbund. forbund: all of them as they will stand, `one` too."""
    yield from _check_period(one.startdatum, one.slutdatum)
    if one.uppgatt_i is None:
        return
    if one.uppgatt_i not in forbund:
        yield Finding("uppgatt_i", "forbund_okant", "Förbundet finns inte. Ange ett förbund som finns.")
    if one.slutdatum is None:
        yield Finding(
            "slutdatum", "slut_saknas",
            "Förbundet har gått upp i ett annat men saknar slutdatum. Ange dess sista dag.",
        )  # fmt: skip
    elif one.slutdatum == dt.date.max:
        yield Finding(
            "slutdatum", "ingen_dag_efter",
            f"Efter {one.slutdatum} finns ingen dag då insatserna kan gå över. Ange förbundets sista dag.",
        )  # fmt: skip
    elif one.uppgatt_i in forbund:
        other = forbund[one.uppgatt_i]
        if other.startdatum > one.slutdatum + dt.timedelta(days=1):
            yield Finding(
                "uppgatt_i", "efterfoljare_ej_startad",
                f"Förbundet {other.forbund_id} startar {other.startdatum}, senare än dagen efter {one.slutdatum} då "
                "insatserna går över dit. Rätta något av datumen.",
            )  # fmt: skip
    seen, at = {one.forbund_id}, one.uppgatt_i
    while at in forbund and at not in seen:
        seen.add(at)
        at = forbund[at].uppgatt_i or ""
    if at == one.forbund_id:
        yield Finding(
            "uppgatt_i", "cirkel", "Förbunden har gått upp i varandra i en cirkel. Rätta något av dem."
        )


def _check_period(start: dt.date, slut: dt.date | None) -> Iterator[Finding]:
    if slut and slut < start:
        yield Finding("slutdatum", "slut_fore_start", "Slutdatum ligger före startdatum. Ändra något av dem.")


def check_medlemskap(one: Medlemskap, facts: Facts) -> Iterator[Finding]:
    """A membership by itself: codes and dates. Stadsdelar are of Stockholm and Göteborg."""
    if one.kommunkod not in facts.kommuner:
        yield Finding(
            "kommunkod", "kommun_okand", "Kommunkoden finns inte. Ange SCB:s fyrsiffriga kommunkod."
        )
    if one.stadsdel and one.stadsdel not in facts.stadsdelar[one.kommunkod]:
        yield Finding("stadsdel", "stadsdel_okand", "Stadsdelen finns inte i kommunen. Välj en ur listan.")
    if one.till and one.till < one.fran:
        yield Finding("till", "slut_fore_start", "Till-datum ligger före från-datum. Ändra något av dem.")


def overlapping_medlemskap(medlemskap: Iterable[Medlemskap]) -> Iterator[tuple[Medlemskap, Medlemskap]]:
    """Pairs (earlier, later) of the same kommun or stadsdel in the same förbund that share a day.

    A kommun may well be in several förbund at once, and in one both whole and by a stadsdel.
    """
    groups: dict[tuple[str, str, str | None], list[Medlemskap]] = defaultdict(list)
    for one in medlemskap:
        groups[one.forbund_id, one.kommunkod, one.stadsdel].append(one)
    for group in groups.values():
        if len(group) > 1:
            for earlier, later in find_overlaps((one, one.fran, one.till) for one in group):
                assert isinstance(earlier, Medlemskap) and isinstance(later, Medlemskap)
                yield earlier, later


def overlapping_finding(other: Medlemskap) -> Finding:
    """The finding for a membership that shares a day with `other`."""
    return Finding(
        "fran", "medlemskap_overlappar",
        f"Kommunen är redan medlem i förbundet under en del av tiden ({other}). "
        "Ändra datumen, eller ange till-datum för det andra medlemskapet.",
    )  # fmt: skip


def check_insats(one: InsatsUppgifter, facts: Facts, forbund: Forbunden) -> Iterator[Finding]:
    """Codes and dates of an insats. One of a förbund that `forbund` lacks is not compared with its dates."""
    yield from check_insats_codes(one, facts)
    wrong = list(_check_period(one.startdatum, one.slutdatum))
    yield from wrong
    if not wrong and one.forbund_id in forbund:
        yield from check_within_forbund(one.forbund_id, one.startdatum, one.slutdatum, forbund)


def check_insats_codes(one: InsatsUppgifter, facts: Facts) -> Iterator[Finding]:
    """The codes of an insats by themselves, and that a strukturövergripande one registers numbers only."""
    struktur = one.inriktning == "struktur"
    volym = ("volym",) if struktur else None
    yield from check_code("inriktning", Kodlista.INRIKTNING, one.inriktning, facts)
    yield from check_code(
        "registreringssatt", Kodlista.REGISTRERINGSSATT, one.registreringssatt, facts, offer=volym
    )
    if one.inriktning in ("individ", "struktur"):
        lista = Kodlista(f"preciserad_{one.inriktning}")
        yield from check_code("preciserad_inriktning", lista, one.preciserad_inriktning, facts)
    for kod in one.behovsgrupper:
        yield from check_code("behovsgrupper", Kodlista.BEHOVSGRUPP, kod, facts)
    if struktur and one.registreringssatt == "person":
        yield Finding(
            "registreringssatt", "struktur_kraver_volym",
            "En strukturövergripande insats registrerar bara antal. Skriv volym, eller rätta inriktningen.",
        )  # fmt: skip


def check_within_forbund(
    forbund_id: str, start: dt.date, slut: dt.date | None, forbund: Forbunden
) -> Iterator[Finding]:
    """An insats lies within its förbund's dates; one that is open lives on in the successor (DOMAIN §3)."""
    own = forbund[forbund_id]
    if start < own.startdatum or (own.slutdatum and start > own.slutdatum):
        period = f"{own.startdatum}–{own.slutdatum}" if own.slutdatum else f"{own.startdatum} och framåt"
        yield Finding(
            "startdatum", "utanfor_forbundet",
            f"Insatsen startar utanför förbundets tid ({period}). Rätta datumet eller förbundet.",
        )  # fmt: skip
    last = last_owner(forbund_id, slut, forbund)
    # A successor that does not exist is a fault of the förbund, not of its insatser.
    lost = last.uppgatt_i is not None and last.uppgatt_i not in forbund
    if last.slutdatum and not lost and (slut is None or slut > last.slutdatum):
        yield Finding(
            "slutdatum", "utanfor_forbundet",
            f"Insatsen pågår efter att förbundet {last.forbund_id} upphörde ({last.slutdatum}). "
            "Ange ett tidigare slutdatum, eller vilket förbund som det har gått upp i.",
        )  # fmt: skip


def last_owner(forbund_id: str, slut: dt.date | None, forbund: Forbunden) -> ForbundUppgifter:
    """The förbund that an insats belongs to in the end."""
    return forbund[owner_chain(forbund_id, slut, forbund)[-1]]


def owner_chain(forbund_id: str, slut: dt.date | None, forbund: Forbunden) -> list[str]:
    """The förbund that an insats passes through, first to last, also one that owned it on no day (`ownership.owners`
    leaves that out): the dates of each decide where it ends up.
    """
    return [one for one, _ in succession(forbund_id, slut, forbund, lambda one: one.uppgatt_i)]


def owners(
    forbund_id: str, start: dt.date, slut: dt.date | None, forbund: Forbunden
) -> tuple[str, tuple[tuple[str, dt.date], ...]]:
    """The förbund that an insats belongs to in the end, and those before it with their last days, as `InsatsFacts`."""
    passed = list(succession(forbund_id, slut, forbund, lambda one: one.uppgatt_i))
    return passed[-1][0], tuple((one, last) for one, last in passed if last is not None and last >= start)


def check_names(insatser: Iterable[InsatsUppgifter]) -> Iterator[tuple[str, Finding]]:
    """(insats_id, finding) for each insats whose name one before it has in the same förbund (DOMAIN §3)."""
    names: dict[tuple[str, str], str] = {}
    for one in insatser:
        owner = names.setdefault((one.forbund_id, one.namn), one.insats_id)
        if owner != one.insats_id:
            text = f"Insatsen {owner} i samma förbund har samma namn. Ge den ena ett annat namn."
            yield one.insats_id, Finding("namn", "namn_upptaget", text)


def check_locked(old: InsatsUppgifter, new: InsatsUppgifter) -> Iterator[Finding]:
    """What has changed of an insats and may not once something `is_registered_on` it."""
    for name in LOCKED:
        if getattr(old, name) != getattr(new, name):
            yield Finding(
                name, "last_uppgift",
                "Uppgiften kan inte ändras sedan något har registrerats på insatsen. "
                "Behåll den gamla, eller lägg upp en ny insats.",
            )  # fmt: skip


def is_registered_on(insats_id: str) -> bool:
    """True once a deltagande, anonyma or volym is registered on the insats."""
    insats = Insats.unscoped.filter(insats_id=insats_id)
    return any(model.unscoped.filter(insats__in=insats).exists() for model in (Deltagande, Anonyma, Volym))


def check_years_with_antal(insats: InsatsFacts) -> Iterator[Finding]:
    """New dates of a stored insats leave no year out that anonyma or volym are registered of, in any version."""
    years: set[int] = set()
    for model in (Anonyma, Volym):
        years.update(model.unscoped.filter(insats=insats.pk).values_list("ar", flat=True))
    early = [ar for ar in years if ar < insats.startdatum.year]
    late = [ar for ar in years if insats.slutdatum and ar > insats.slutdatum.year]
    for field, outside in (("startdatum", early), ("slutdatum", late)):
        if outside:
            which = ", ".join(map(str, sorted(outside)))
            text = f"Antal är registrerade för {which}, då insatsen inte skulle ha pågått. Rätta datumet."
            yield Finding(field, "antal_utanfor", text)


def check_money(one: InsatsAret | ForbundAret) -> Iterator[Finding]:
    """Money in or spent is never less than nothing."""
    for name in ("budget", "utfall", "budget_esf", "utfall_esf"):
        kronor: int | None = getattr(one, name, None)
        if kronor is not None and kronor < 0:
            yield Finding(name, "negativt", "Beloppet kan inte vara negativt. Rätta talet.")


def check_post(post: str, facts: Facts) -> Iterator[Finding]:
    """A post of a förbund's year is a finansiär or a kostnadstyp."""
    if not any(facts.knows(lista, post) for lista in (Kodlista.FINANSIAR, Kodlista.KOSTNADSTYP)):
        codes = ", ".join(facts.codes(Kodlista.FINANSIAR) + facts.codes(Kodlista.KOSTNADSTYP))
        yield Finding("post", "kod_okand", f"Koden {post} finns inte. Välj en av: {codes}.")


def check_formular(one: FormularUppgifter, stored: FormularUppgifter | None) -> Iterator[Finding]:
    """A form that somebody has signed is never rewritten: another content is another version."""
    if stored and (stored.text, stored.namner_behovsgrupp) != (one.text, one.namner_behovsgrupp):
        text = f"Formuläret {one.version} finns redan med annat innehåll. Ge det en ny version."
        yield Finding("version", "formular_annat", text)

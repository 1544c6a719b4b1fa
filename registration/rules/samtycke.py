"""Where the original of a samtycke is: `mark_sent`, `mark_received`, and what is still waited for (DOMAIN §4).

The paper goes to Försäkringskassan after registration. The deltagaransvarig says that it was sent; the
samtyckesmottagare, who sees no person, says by reference code that it came.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from finsam_site.access.acting import log_access, log_by_insats, refuse, require_actor
from finsam_site.access.models import Handling
from finsam_site.access.roles import Roll

from ..models import Identitet, Samtycke
from .codes import REFERENCE_LENGTH, check_holds, codes_in, foreign_characters, may_stand_for, read_reference
from .findings import Finding, raise_errors

MOST_CODES = 1000
"""So many codes are taken at once."""


class Status(StrEnum):
    """Where the original is. Each samtycke has exactly one."""

    UNDERTECKNAT = "undertecknat"
    SKICKAT = "skickat"
    SAKNAS = "saknas"
    """Neither received nor withdrawn, and should have come by now (`overdue`)."""
    MOTTAGET = "mottaget"
    ATERKALLAT = "aterkallat"
    BORTTAGET = "borttaget"
    """The identity was removed for another reason than withdrawal: the original is not waited for any more."""
    FELREGISTRERAT = "felregistrerat"
    """Of a deltagande that is a felregistrering: the original is not waited for."""
    INLAST = "inlast"
    """Came from another system, which did not say where the original is."""


WORDS = {
    Status.UNDERTECKNAT: "Undertecknat",
    Status.SKICKAT: "Original skickat",
    Status.SAKNAS: "Original saknas",
    Status.MOTTAGET: "Mottaget",
    Status.ATERKALLAT: "Återkallat",
    Status.BORTTAGET: "Personen borttagen",
    Status.FELREGISTRERAT: "Felregistrerat",
    Status.INLAST: "Inläst",
}
"""What each is called, wherever it is shown or chosen."""

LANGUAGES: Mapping[str, str] = {
    "sv": "Svenska", "ar": "Arabiska", "en": "Engelska", "fa": "Persiska", "fi": "Finska", "prs": "Dari",
    "ps": "Pashto", "ru": "Ryska", "so": "Somaliska", "ti": "Tigrinja", "tr": "Turkiska", "uk": "Ukrainska",
}  # fmt: skip
"""The languages that there may be a reading aid in, by their codes."""

AWAITED = (Status.UNDERTECKNAT, Status.SKICKAT, Status.SAKNAS)
"""The original is still to be sent or on its way."""

_AWAITED = Q(original_mottaget__isnull=True, aterkallat__isnull=True, inlast=False)


class Utfall(StrEnum):
    """What became of one samtycke that was to be marked."""

    MARKERAT = "markerat"
    REDAN = "redan"
    FEL_LANGD = "fel_langd"
    FRAMMANDE_TECKEN = "frammande_tecken"
    """A character that no code has."""
    FEL_TECKEN = "fel_tecken"
    OKAND = "okand"
    ATERKALLAT = "aterkallat"
    BORTTAGET = "borttaget"
    FORE_UNDERSKRIFT = "fore_underskrift"


TO_CORRECT = (
    Utfall.FEL_LANGD, Utfall.FRAMMANDE_TECKEN, Utfall.FEL_TECKEN, Utfall.OKAND, Utfall.FORE_UNDERSKRIFT,
)  # fmt: skip
"""What may go well another time, when the code or the day has been corrected."""


@dataclass(frozen=True, slots=True)
class Besked:
    """The answer for one code. dag: when it was marked, also before; for FORE_UNDERSKRIFT when it was signed.

    skrivet: the code as it was typed. samtycke: which it is; None for a code that none has.
    """

    kod: str
    utfall: Utfall
    dag: dt.date | None = None
    skrivet: str = field(default="", compare=False)
    samtycke: uuid.UUID | None = field(default=None, compare=False)


class Vantan(StrEnum):
    """What is waited for of originals that have not come. A samtycke may be in several (`waiting`)."""

    ALLA = "alla"
    ATT_SKICKA = "att_skicka"
    """Nobody has sent it, however old it is."""
    FORSENADE = "forsenade"
    """Should have come by now, sent or not (DOMAIN §4)."""
    LETA_EFTER = "leta_efter"
    """Was sent and should have come by now."""


@dataclass(frozen=True, slots=True)
class Vantande:
    """How many of the actor's samtycken are waited for in that way."""

    antal: int
    vantan: Vantan


def overdue(path: str = "") -> Q:
    """Whose original should have come by now: FINSAM_SAMTYCKE_REMINDER_DAYS have gone since it was sent, or since it
    was signed where nobody has sent it. What was sent today is on its way, however long ago it was signed.

    path: as in `status_of`.
    """
    limit = timezone.localdate() - dt.timedelta(days=settings.SAMTYCKE_REMINDER_DAYS)
    sent = f"{path}original_skickat"
    # Nothing is sent before it is signed: what is said of the signing lets the index of those that are awaited serve.
    return Q((f"{path}undertecknat__lt", limit)) & (Q((f"{sent}__isnull", True)) | Q((f"{sent}__lt", limit)))


def status_of(path: str = "") -> Case:
    """The `Status` of a samtycke, computed by the database: the one place that says which it is.

    path: where the samtycke is seen from another row, such as "samtycke__". Whether there is an identity is asked for
    everybody: it is a yes or no, and says nothing of who.
    """
    person = _person(path)
    cases = {
        Status.ATERKALLAT: Q((f"{path}aterkallat__isnull", False)),
        Status.MOTTAGET: Q((f"{path}original_mottaget__isnull", False)),
        Status.INLAST: Q((f"{path}inlast", True)),
        Status.BORTTAGET: ~Exists(person),
        Status.FELREGISTRERAT: Exists(person.filter(felregistrerad=True)),
        Status.SAKNAS: overdue(path),
        Status.SKICKAT: Q((f"{path}original_skickat__isnull", False)),
    }
    whens = [When(condition, then=Value(str(status))) for status, condition in cases.items()]
    return Case(*whens, default=Value(str(Status.UNDERTECKNAT)), output_field=CharField())


def _person(path: str = "") -> QuerySet[Identitet]:
    found: QuerySet[Identitet] = Identitet.unscoped.filter(
        samtycke=OuterRef(f"{path}pk"), begransad__isnull=True
    )
    return found


def with_status(samtycken: QuerySet[Any]) -> QuerySet[Any]:
    """The samtycken with `status`, a value of `Status`, and `person_borta`: the identity is removed or locked, which
    the status does not say of what was received."""
    return samtycken.annotate(status=status_of(), person_borta=~Exists(_person()))


def with_samtycke_status(identiteter: QuerySet[Identitet]) -> QuerySet[Any]:
    """The identiteter with `samtycke_status`, a value of `Status`."""
    return identiteter.annotate(samtycke_status=status_of("samtycke__"))


def awaited(samtycken: QuerySet[Any]) -> QuerySet[Any]:
    """Those whose original is still to come, with `status`."""
    return with_status(samtycken.filter(_AWAITED)).filter(status__in=AWAITED)


def waiting(samtycken: QuerySet[Any], vantan: Vantan) -> QuerySet[Any]:
    """Those that are waited for in that way, with `status`."""
    if vantan == Vantan.ATT_SKICKA:
        samtycken = samtycken.filter(original_skickat__isnull=True)
    elif vantan == Vantan.FORSENADE:
        samtycken = samtycken.filter(overdue())
    elif vantan == Vantan.LETA_EFTER:
        samtycken = samtycken.filter(overdue(), original_skickat__isnull=False)
    return awaited(samtycken)


def samtycken_awaited(vantan: Vantan = Vantan.ALLA) -> Vantande:
    """How many of the actor's samtycken are waited for in that way."""
    return Vantande(waiting(Samtycke.objects.all(), vantan).count(), vantan)


def mark_sent(samtycken: Sequence[uuid.UUID], day: dt.date | None = None) -> list[Besked]:
    """The originals were sent to Försäkringskassan on `day` (today). One answer for each, in the given order.

    What is sent already, received, withdrawn or gone is answered so and left as it is. Raises AccessRefused (logged)
    unless every samtycke is of an insats of the actor as deltagaransvarig; RuleError for a day in the future.
    """
    day = _not_in_the_future(day)
    found = {one.pk: one for one in locked(Samtycke.objects.filter(pk__in=samtycken))}
    if require_actor().roll != Roll.DELTAGARANSVARIG or not found.keys() >= set(samtycken):
        wanted = next((one for one in samtycken if one not in found), samtycken[0] if samtycken else "")
        raise refuse(
            "samtycke", wanted, syfte="markera original som skickat",
            message="Samtycket finns inte i dina insatser. Kontakta den som ger uppdrag i förbundet.",
        )  # fmt: skip
    answers, marked = [], []
    for pk in dict.fromkeys(samtycken):
        one = found[pk]
        utfall, at = _to_mark(one, _sent_on(one), day)
        if utfall == Utfall.MARKERAT:
            marked.append(one)
        answers.append(Besked(one.referenskod, utfall, at, samtycke=one.pk))
    _write_sent(marked, day)
    return answers


def mark_codes_sent(koder: Iterable[str], day: dt.date | None = None) -> list[Besked]:
    """`mark_sent` of the originals with these codes, typed or scanned, and answered as `mark_received` answers them.

    A code of somebody else's insats is answered as one that never was. Raises AccessRefused (logged) unless a
    deltagaransvarig acts; RuleError as `mark_received` does.
    """
    day = _not_in_the_future(day)
    if require_actor().roll != Roll.DELTAGARANSVARIG:
        raise refuse(
            "samtycke", "skickade", syfte="markera original som skickat",
            message="Bara en deltagaransvarig skickar original.",
        )  # fmt: skip
    answers, marked = _answered(koder, day, _sent_on)
    _write_sent(marked, day)
    return answers


def _sent_on(samtycke: Samtycke) -> dt.date | None:
    """When it left at the latest; None while it is to be sent."""
    return samtycke.original_skickat or samtycke.original_mottaget


def _write_sent(marked: Sequence[Samtycke], day: dt.date) -> None:
    Samtycke.unscoped.filter(pk__in=[one.pk for one in marked]).update(original_skickat=day)
    log_marks(marked, "samtyckets original skickat")


def log_marks(samtycken: Sequence[Samtycke], syfte: str) -> None:
    """A row of the access log for each, of its deltagande; of the samtycke where the identity has gone meanwhile."""
    found = Identitet.objects.filter(samtycke__in=samtycken).values_list("samtycke", "deltagande", "insats")
    persons = {samtycke: (deltagande, insats) for samtycke, deltagande, insats in found}
    log_by_insats(Handling.ANDRAT, "deltagande", persons.values(), syfte=syfte)
    alone = [(one.pk, one.insats_id) for one in samtycken if one.pk not in persons]
    log_by_insats(Handling.ANDRAT, "samtycke", alone, syfte=syfte)


def mark_received(koder: Iterable[str], day: dt.date | None = None) -> list[Besked]:
    """The originals with these codes came to Försäkringskassan on `day` (today). One answer for each code given.

    koder: lines as they are typed or scanned, of one code or several (`codes_in`); a code given twice is answered
    once. The same codes again change nothing. Raises AccessRefused (logged) unless a samtyckesmottagare acts; RuleError
    for a day in the future, no code or more than MOST_CODES.
    """
    day = _not_in_the_future(day)
    if require_actor().roll != Roll.SAMTYCKESMOTTAGARE:
        raise refuse(
            "samtycke", "mottagna", syfte="markera original som mottaget",
            message="Bara samtyckesmottagaren på Försäkringskassan tar emot original.",
        )  # fmt: skip
    answers, marked = _answered(koder, day, lambda one: one.original_mottaget)
    Samtycke.unscoped.filter(pk__in=[one.pk for one in marked]).update(original_mottaget=day)
    log_access(Handling.ANDRAT, "samtycke", [one.pk for one in marked], syfte="samtyckets original mottaget")
    return answers


def _answered(
    koder: Iterable[str], day: dt.date, done: Callable[[Any], dt.date | None]
) -> tuple[list[Besked], list[Any]]:
    """(the answers, the samtycken to mark) of codes in the actor's scope. done: when one was marked before."""
    lines = list(dict.fromkeys(one.strip() for one in koder))
    raise_errors(_wrong_number(len({code for line in lines for code in codes_in(line)})))
    found = _by_code(lines)
    typed = [code for line in lines for code in codes_in(line, found)]
    answers, marked = dict[str, Besked](), []
    for text in typed:
        one = found.get(text) or found.get(read_reference(text))
        if one is None:
            unknown = _unknown(text)
            answers.setdefault(unknown.kod, unknown)
        elif one.referenskod not in answers:
            utfall, at = _to_mark(one, done(one), day)
            if utfall == Utfall.MARKERAT:
                marked.append(one)
            answers[one.referenskod] = Besked(one.referenskod, utfall, at, text, one.pk)
    return list(answers.values()), marked


def _wrong_number(count: int) -> Iterable[Finding]:
    if count == 0:
        yield Finding("koder", "saknas", "Skriv eller skanna minst en referenskod.")
    if count > MOST_CODES:
        yield Finding(
            "koder",
            "for_manga",
            f"Det är {count} koder, och högst {MOST_CODES} tas emot på en gång. Dela upp dem.",
        )


def _by_code(lines: Sequence[str]) -> dict[str, Any]:
    """Samtycken by the code as it stands in the register, locked. An older system's code may hold anything."""
    longest = Samtycke._meta.get_field("referenskod").max_length or 0
    wanted = {one for line in lines for one in may_stand_for(line) if 0 < len(one) <= longest}
    return {one.referenskod: one for one in locked(Samtycke.objects.filter(referenskod__in=wanted))}


def locked(samtycken: QuerySet[Any]) -> list[Any]:
    """The rows `with_status`, locked in order, so that two who mark at once wait for each other and then see it."""
    keys = list(samtycken.order_by("pk").select_for_update().values_list("pk", flat=True))
    return list(with_status(Samtycke.unscoped.filter(pk__in=keys)))


def _unknown(text: str) -> Besked:
    """A code that no samtycke has: what is wrong with it where it can be none of ours, else unknown."""
    code = read_reference(text)
    if len(code) != REFERENCE_LENGTH:
        utfall = Utfall.FEL_LANGD
    elif foreign_characters(code):
        utfall = Utfall.FRAMMANDE_TECKEN
    else:
        utfall = Utfall.OKAND if check_holds(code) else Utfall.FEL_TECKEN
    return Besked(code[:40], utfall, skrivet=text)


def _to_mark(one: Any, done: dt.date | None, day: dt.date) -> tuple[Utfall, dt.date | None]:
    if done is not None:
        return Utfall.REDAN, done
    if one.status == Status.ATERKALLAT:
        return Utfall.ATERKALLAT, one.aterkallat
    if one.person_borta:
        return Utfall.BORTTAGET, None
    if day < one.undertecknat:
        return Utfall.FORE_UNDERSKRIFT, one.undertecknat
    return Utfall.MARKERAT, day


def _not_in_the_future(day: dt.date | None) -> dt.date:
    today = timezone.localdate()
    if day is not None and day > today:
        raise_errors([Finding("dag", "i_framtiden", "Dagen ligger i framtiden. Ange i dag eller tidigare.")])
    return day or today

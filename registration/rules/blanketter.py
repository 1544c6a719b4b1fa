"""Printed consent forms: `reserve` gives each its reference code, `check_reserved` takes one that comes back signed.

Consent is written before anything of a person is registered (DOMAIN §4), so the paper has to have its code first.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence

from django.utils import timezone

from finsam_site.access.acting import require_actor

from ..models import Insats, Samtycke, Samtyckesblankett, Samtyckesformular
from .codes import REFERENCE_LENGTH, check_holds, new_reference, read_reference
from .doors import insatser_to_register_in, moves_in
from .findings import Finding, raise_errors
from .values import NyttDeltagande

MOST_COPIES = 20

_USED = Finding(
    "referenskod", "anvand", "Koden hör redan till ett annat samtycke. Varje blankett används en gång."
)


def reserve(insats: Insats, formular: Samtyckesformular, *, antal: int, sprak: str) -> uuid.UUID:
    """Keep reference codes for `antal` forms to be printed for the insats; gives their omgång.

    sprak: the language of the reading aid, "sv" for none. Raises AccessRefused unless the insats is the actor's own as
    deltagaransvarig, RuleError for a wrong number.
    """
    insatser_to_register_in({insats.insats_id})
    if not 1 <= antal <= MOST_COPIES:
        raise_errors([Finding("antal", "antal", f"Skriv ut 1 till {MOST_COPIES} blanketter åt gången.")])
    omgang, user, now = uuid.uuid4(), require_actor().user, timezone.now()
    Samtyckesblankett.unscoped.bulk_create(
        Samtyckesblankett(
            referenskod=new_reference(), insats=insats, formular=formular, sprak=sprak, omgang=omgang,
            skapad_av=user, skapad=now,
        )
        for _ in range(antal)
    )  # fmt: skip
    return omgang


def check_reserved(text: str, insats_id: str) -> tuple[str, list[Finding]]:
    """(the code as it is stored, what is wrong with it) of a code typed from a form of the insats.

    A code of another insats looks the same as one that was never given out.
    """
    code = read_reference(text)
    findings = list(_wrong(code, insats_id, _reserved([code])))
    if not findings and Samtycke.unscoped.filter(referenskod=code).exists():
        findings.append(_USED)
    return code, findings


def check_blanketter(nya: Sequence[NyttDeltagande]) -> Iterator[Finding]:
    """What is wrong with the reference codes that people are to be registered with, but for codes that are used.

    Who moves a register in brings its codes; everybody else has only those that `reserve` gave.
    """
    given = [ny for ny in nya if ny.samtycke.referenskod is not None]
    if not given or moves_in():
        return
    reserved = _reserved([ny.samtycke.referenskod for ny in given])
    for ny in given:
        code = ny.samtycke.referenskod or ""
        found = list(_wrong(code, ny.insats_id, reserved))
        yield from found
        if not found and reserved[code].formular.version != ny.samtycke.formular:
            yield Finding(
                "samtyckesversion", "annan_version",
                f"Blanketten med koden är av version {reserved[code].formular.version}. Välj den versionen, eller "
                "kontrollera koden.",
            )  # fmt: skip


def _reserved(codes: Iterable[str | None]) -> dict[str, Samtyckesblankett]:
    """Code → form. What cannot be a code, as a number typed into the wrong field, does not reach the database."""
    wanted = [one for one in codes if one and check_holds(one)]
    rows = Samtyckesblankett.unscoped.filter(referenskod__in=wanted).select_related("insats", "formular")
    return {one.referenskod: one for one in rows}


def _wrong(code: str, insats_id: str, reserved: dict[str, Samtyckesblankett]) -> Iterator[Finding]:
    blankett = reserved.get(code)
    if len(code) != REFERENCE_LENGTH:
        text = (
            f"Koden har {len(code)} tecken men ska ha {REFERENCE_LENGTH}. Läs den på blanketten en gång till."
        )
        yield Finding("referenskod", "langd", text)
    elif not check_holds(code):
        text = (
            "Koden stämmer inte: något tecken är fel. Läs den på blanketten en gång till, eller skanna den."
        )
        yield Finding("referenskod", "fel_tecken", text)
    elif blankett is None or blankett.insats.insats_id != insats_id:
        if Samtycke.objects.filter(referenskod=code).exists():  # in scope: of others nothing is told
            yield _USED
            return
        text = "Det finns ingen blankett med den koden för insatsen. Kontrollera insatsen, eller lämna fältet tomt."
        yield Finding("referenskod", "okand", text)

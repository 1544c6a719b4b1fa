"""What an in- or out-registration says, in words: for reading back, comparing and the time line."""

from __future__ import annotations

from finsam_site.ui.comparison import Compared
from finsam_site.ui.formats import day, sentence

from ..forms.sysselsattning import TERMS, in_words, stored
from ..forms.sysselsattning_codes import Codes
from ..models import FELREGISTRERING, Inregistrering, Kodlista, Utregistrering
from ..rules.change_number import changed_elsewhere
from ..rules.values import InUppgifter, UtUppgifter

ELSEWHERE = "Någon utanför insatsen"
"""Who changed the number of somebody whom the reader's colleagues did not change it for."""


def author(version: Inregistrering | Utregistrering) -> str:
    """Who wrote a version, for those who work with the insats; `registrerad_av` at hand."""
    return ELSEWHERE if changed_elsewhere(version) else str(version.registrerad_av)


def wrote(version: Inregistrering | Utregistrering, user: object) -> bool:
    """Whether the user (by pk) wrote it, for this insats: what was done for another is told of nowhere else."""
    return version.registrerad_av_id == user and not changed_elsewhere(version)


def said_in(said: InUppgifter, codes: Codes, kommuner: dict[str, str]) -> dict[str, str]:
    """Term → answer of an in-registration, in the order of the form. kommuner: kod → name."""
    words = in_words(said.fore, codes)
    return {
        "Startdatum": day(said.startdatum),
        "Folkbokföringskommun": kommuner.get(said.kommunkod, said.kommunkod),
        "Stadsdel": said.stadsdel or "",
        "Utbildning": sentence(codes.label(Kodlista.UTBILDNING, said.utbildning)),
        "Tid i offentlig försörjning": months_in_words(said.tid_i_forsorjning_manader),
        "Initiativ": sentence(codes.label(Kodlista.INITIERANDE_AKTOR, said.initierad_av)),
        "Behovsgrupp": sentence(codes.label(Kodlista.BEHOVSGRUPP, said.behovsgrupp)),
        **{f"{TERMS[name]} före": words[name] for name in TERMS},
    }


def said_out(said: UtUppgifter, codes: Codes) -> dict[str, str]:
    """Term → answer of an out-registration; of a felregistrering there is nothing more to say than that."""
    reason = {"Anledning": sentence(codes.label(Kodlista.AVSLUTSANLEDNING, said.avslutsanledning))}
    if said.avslutsanledning == FELREGISTRERING:
        return reason
    words = in_words(said.efter, codes)
    return reason | {"Sista dagen": day(said.slutdatum)} | {TERMS[name]: words[name] for name in TERMS}


def stored_out(version: Utregistrering) -> UtUppgifter:
    """What a version says."""
    return UtUppgifter(version.slutdatum, version.avslutsanledning, stored(version))


def changes(old: dict[str, str], new: dict[str, str]) -> list[Compared]:
    """Only what differs, in the order of what there is most of."""
    terms = [*old, *(term for term in new if term not in old)]
    rows = [Compared(term, old.get(term, ""), new.get(term, "")) for term in terms]
    return [row for row in rows if row.differs]


def months_in_words(months: int | None) -> str:
    """Time in försörjning: "2 år och 3 månader"; empty where there is no answer."""
    if months is None:
        return ""
    years, left = divmod(months, 12)
    parts = [f"{years} år"] if years else []
    parts += [f"{left} {'månad' if left == 1 else 'månader'}"] if left else []
    return " och ".join(parts) or "Ingen tid"

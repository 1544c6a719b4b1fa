"""What was answered when somebody is registered in, read back in words."""

from __future__ import annotations

from finsam_site.ui.components import Detail
from finsam_site.ui.formats import day, sentence

from ..forms.register_in import NO_GROUP
from ..forms.register_in_basis import Basis
from ..forms.register_in_parts import ChangeableAnswers
from ..forms.sysselsattning import TERMS, in_words
from ..models import Kodlista
from ..rules.codes import reference_shown
from ..rules.values import NyttDeltagande
from .version_words import months_in_words


def answers(ny: NyttDeltagande, basis: Basis) -> list[ChangeableAnswers]:
    """The answers by step, each with the way back to it."""
    codes, said, signed = basis.codes, ny.uppgifter, ny.samtycke
    kommun = basis.kommuner.get(said.kommunkod, said.kommunkod)
    start = [
        Detail("Började", day(said.startdatum)),
        Detail("Utbildning", sentence(codes.label(Kodlista.UTBILDNING, said.utbildning))),
        Detail("Tid i offentlig försörjning", months_in_words(said.tid_i_forsorjning_manader)),
        Detail("Initiativ", sentence(codes.label(Kodlista.INITIERANDE_AKTOR, said.initierad_av))),
    ]
    if basis.names_behovsgrupp(signed.formular):
        group = sentence(codes.label(Kodlista.BEHOVSGRUPP, said.behovsgrupp))
        start.append(Detail("Behovsgrupp", group or NO_GROUP))
    words = in_words(said.fore, codes)
    languages = dict(basis.languages)
    return [
        ChangeableAnswers("Samtycket", "innan", [
            Detail("Skyddade personuppgifter", "Nej"),
            Detail("Underskrivet", day(signed.undertecknat)),
            Detail("Referenskod", reference_shown(signed.referenskod or ""), missing="Ges när du registrerar"),
            Detail("Version", signed.formular),
            Detail("Språk", languages.get(signed.sprak, signed.sprak)),
        ]),
        ChangeableAnswers("Personen", "identitet", [
            Detail("Personnummer", ny.nummer.formatted),
            Detail("Namn", f"{ny.fornamn} {ny.efternamn}"),
            Detail("Folkbokföringskommun", f"{kommun}, {said.stadsdel}" if said.stadsdel else kommun),
        ]),
        ChangeableAnswers("Starten och bakgrunden", "start", start),
        ChangeableAnswers("Före insatsen", "fore", [Detail(TERMS[name], words[name]) for name in TERMS]),
    ]  # fmt: skip

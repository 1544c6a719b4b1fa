"""Between the answers of registering in and the plain values of the rules, both ways."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from ..models import Insats
from ..rules.recognise import Tidigare
from ..rules.values import InUppgifter, NyttDeltagande
from ..rules.wrong_insats import Overtaget
from .register_in import BeforeStep, IdentityStep, SituationStep, StartStep
from .sysselsattning import answers

Steps = Mapping[str, Mapping[str, list[str]]]
"""Step → question → answers, as a page would post them."""


def nytt_deltagande(
    insats: Insats,
    key: uuid.UUID,
    before: BeforeStep,
    identity: IdentityStep,
    start: StartStep,
    situation: SituationStep,
) -> NyttDeltagande:
    """What the rule takes, of four valid steps. key: the id of the draft, which only one deltagande can have."""
    if identity.nummer is None:
        raise ValueError("the step of identity is not valid")
    who = identity.cleaned_data
    return NyttDeltagande(
        insats_id=insats.insats_id,
        nummer=identity.nummer,
        fornamn=who["fornamn"],
        efternamn=who["efternamn"],
        samtycke=before.samtyckesuppgifter(),
        uppgifter=dataclasses.replace(
            start_uppgifter(start),
            kommunkod=who["kommun"],
            stadsdel=who.get("stadsdel") or None,
            fore=situation.sysselsattning(),
        ),
        pk=key,
    )


def start_uppgifter(start: StartStep) -> InUppgifter:
    """What a valid step says by itself; the rest, without which nobody is registered, is left empty."""
    said = start.cleaned_data
    return InUppgifter(
        kommunkod="",
        startdatum=said["startdatum"],
        utbildning=said["utbildning"],
        tid_i_forsorjning_manader=start.months,
        initierad_av=said["initierad_av"],
        behovsgrupp=said.get("behovsgrupp") or None,
    )


def steps_of_earlier(found: Tidigare) -> Steps:
    """What is answered by an earlier deltagande of the person: who, where, and education."""
    who = _who(found.fornamn, found.efternamn, found.kommunkod, found.stadsdel)
    return {IdentityStep.name: who, StartStep.name: _posted({"utbildning": found.utbildning})}


def steps_of_wrong(found: Overtaget) -> Steps:
    """All that a deltagande in the wrong insats has said, but the samtycke."""
    said = found.uppgifter
    who = _who(found.fornamn, found.efternamn, said.kommunkod, said.stadsdel)
    return {
        IdentityStep.name: {"personnummer": [found.personnummer], **who},
        StartStep.name: _posted(start_answers(said)),
        SituationStep.name: _posted(answers(said.fore)),
    }


def start_answers(said: InUppgifter) -> dict[str, Any]:
    """The answers of the start and background that say what is stored."""
    months = said.tid_i_forsorjning_manader
    years, left = divmod(months, 12) if months is not None else ("", "")
    return {
        "startdatum": said.startdatum, "utbildning": said.utbildning or "", "tid_ar": years, "tid_manader": left,
        "initierad_av": said.initierad_av or "", "behovsgrupp": said.behovsgrupp or "",
    }  # fmt: skip


def _who(fornamn: str, efternamn: str, kommun: str | None, stadsdel: str | None) -> dict[str, list[str]]:
    # An empty stadsdel is an answer: it is not asked for once more.
    return {
        **_posted({"fornamn": fornamn, "efternamn": efternamn, "kommun": kommun}),
        "stadsdel": [stadsdel or ""],
    }


def _posted(given: Mapping[str, Any]) -> dict[str, list[str]]:
    """As a page posts them; what is not answered is left out."""
    return {
        name: [str(one) for one in (value if isinstance(value, list) else [value])]
        for name, value in given.items()
        if value not in ("", None)
    }

"""The savers of `test_savers`: what can be saved of a deltagande, an insats and a planned uttag, each by its own page.

A saver sends what a browser would, one request at a time. Afterwards `lost` says what was lost in silence: somebody was
told that the own answers are saved, or told nothing, and another's stand who neither saw both nor began later.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from finsam_site.ui import formats
from registration.models import (
    Anonyma,
    Deltagande,
    Identitet,
    Insats,
    PlaneratUttag,
    Volym,
)
from registration.rules.reveal import decrypt
from tests import factories, numbers
from tests.registration.pages.conftest import hidden_of, led_to, send, text_of
from tests.registration.pages.test_correct import filled_in
from tests.registration.pages.test_register_out import ANSWERS

TOLD = {
    "rattad": "saved",
    "utregistrerad": "saved",
    "deras": "theirs hold",
    "samma": "somebody saved the same",
}
"""What the address that a saver ends at tells."""
READ_BACK, COMPARED = "kontroll", "jamfor"
_moments = itertools.count(1)
_new_numbers = itertools.count(2_000)
"""Places in the list of test numbers: nobody in the drill has any of them, and none is given twice."""


@dataclass(frozen=True)
class Things:
    """What the savers of one interleaving change."""

    deltagande: uuid.UUID
    insats: Insats
    volyminsats: Insats
    plan: PlaneratUttag

    @property
    def year(self) -> int:
        """Of anonyma and volym: the one that can be changed whatever day it is."""
        return timezone.localdate().year


Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """Something that two can save at once.

    who: the role that saves it. step: the questions' name where the answers are read back before they are saved; there
    is none where one page saves. said: what the savers may say, none of it twice in an interleaving. answers: what a
    saver changes on the page to say it. words: how it is told to whoever is shown both. stands: what holds.
    """

    name: str
    who: str
    step: str
    where: Callable[[Things], str]
    said: Callable[[random.Random], list[str]]
    answers: Callable[[str, random.Random], Answers]
    words: Callable[[str], str]
    stands: Callable[[Things], str]
    ends: bool = False
    """Of the end of a deltagande."""
    when_out: bool = False
    """There only of somebody who is out."""


def _days(month: str, *days: int) -> Callable[[random.Random], list[str]]:
    return lambda chance: [f"{month}-{day:02}" for day in chance.sample(days, 2)]


def _day(said: str) -> str:
    return formats.day(dt.date.fromisoformat(said))


def _of_deltagande(page: str) -> Callable[[Things], str]:
    return lambda things: f"/deltaganden/{things.deltagande}/{page}/"


def _deltagande(things: Things) -> Deltagande:
    one: Deltagande = Deltagande.unscoped.select_related("aktuell_in", "aktuell_ut").get(pk=things.deltagande)
    return one


def _started(things: Things) -> str:
    return str(_deltagande(things).aktuell_in.startdatum)  # as it is typed


def _ended(things: Things) -> str:
    version = _deltagande(things).aktuell_ut
    return str(version.slutdatum) if version else ""


def _named(things: Things) -> str:
    return Identitet.unscoped.get(deltagande=things.deltagande).decrypt_names()[1]


def _number(things: Things) -> str:
    return decrypt(Identitet.unscoped.select_related("person").get(deltagande=things.deltagande)).personnummer


def _signed(things: Things) -> str:
    return factories.samtycke_of(_deltagande(things)).undertecknat.isoformat()


def _counted(model: type[Anonyma] | type[Volym], what: str, insats: str) -> Callable[[Things], str]:
    def stands(things: Things) -> str:
        rows = model.unscoped.filter(insats=getattr(things, insats), ar=things.year).order_by("-nr")
        return str(rows.values_list(what, flat=True).first() or "")

    return stands


def _names(chance: random.Random) -> list[str]:
    """Nobody has such a name, and none begins as another does."""
    return ["Prov" + "".join(chance.choices("bdfgklm", k=9)) for _ in range(2)]


def _three_digits(chance: random.Random) -> list[str]:
    return [str(one) for one in chance.sample(range(100, 1_000), 2)]


PARTS = [
    Part(
        "register out", "D", "fragor", _of_deltagande("registrera-ut"), _days("2024-06", *range(1, 29)),
        lambda said, _: ANSWERS | {"slutdatum": said}, _day, _ended, ends=True,
    ),
    Part(
        "correct out", "D", "ut", _of_deltagande("ratta-utregistreringen"), _days("2024-06", *range(1, 29)),
        lambda said, _: {"slutdatum": said, "orsak": "Fel dag"}, _day, _ended, ends=True, when_out=True,
    ),
    Part(
        "correct in", "D", "in", _of_deltagande("ratta-inregistreringen"), _days("2024-01", *range(16, 32)),
        lambda said, _: {"startdatum": said, "orsak": "Fel dag"}, _day, _started,
    ),
    Part(
        "names", "D", "namn", _of_deltagande("ratta-namn"), _names,
        lambda said, _: {"efternamn": said, "skal": "skrev_fel"}, str, _named,
    ),
    Part(
        "number", "D", "nummer", _of_deltagande("nytt-personnummer"),
        lambda _: [numbers.pick(next(_new_numbers)) for _ in range(2)],
        lambda said, chance: {"vad": chance.choice(["nytt", "fel"]), "personnummer": said, "orsak": "Fel nummer"},
        lambda said: f"{said[:8]}-{said[8:]}", _number,
    ),
    Part(
        "samtycke", "D", "samtycke", _of_deltagande("ratta-samtycket"), _days("2024-01", *range(1, 10), *range(11, 15)),
        lambda said, _: {"undertecknat": said, "sprak": "sv", "skal": "skrev_fel"}, _day, _signed,
    ),
    Part(
        "anonyma", "D", "", lambda things: f"/insatser/{things.insats.pk}/anonyma/{things.year}/", _three_digits,
        lambda said, _: {"kvinnor": said, "man": "7"}, lambda said: f"{said} kvinnor",
        _counted(Anonyma, "kvinnor", "insats"),
    ),
    Part(
        "volym", "I", "", lambda things: f"/insatser/{things.volyminsats.pk}/volym/{things.year}/", _three_digits,
        lambda said, _: {"antal": said}, lambda said: f"{said} deltagare", _counted(Volym, "antal", "volyminsats"),
    ),
    Part(
        "planned uttag", "N", "", lambda things: f"/planerade-uttag/{things.plan.pk}/", _names,
        lambda said, _: {"anteckning": said}, str,
        lambda things: str(PlaneratUttag.objects.get(pk=things.plan.pk).anteckning),
    ),
]  # fmt: skip


@dataclass
class Saver:
    """Somebody who saves a part. said: what the user answered. choice: whose is to hold when somebody was first."""

    client: Client
    part: Part
    things: Things
    said: str
    answers: Answers
    choice: str
    page: Any = None
    answered: bool = False
    read: list[str] = field(default_factory=list)
    """The pages that showed what another saved beside the own answers."""
    told: str = ""
    opened: int = 0
    saved: int = 0
    steps: list[Callable[[], None]] = field(default_factory=list)

    MINE: ClassVar[str] = "Mina är rätt."

    def __post_init__(self) -> None:
        self.steps = [self.open, self.answer, self.save, self.choose]

    @property
    def url(self) -> str:
        return self.part.where(self.things)

    def open(self) -> None:
        self.opened = next(_moments)
        self._show(self.client.get(self.url, follow=True))

    def answer(self) -> None:
        """Where the answers are read back they are sent for that; where one page saves they are only typed."""
        if hidden_of(self.page).get("_steg", "") == self.part.step and not self.told:
            self.answered = True
            if self.part.step:
                self._show(send(self.client, self.page, filled_in(self.page) | dict(self.answers)))

    def save(self) -> None:
        if not self.part.step:
            self._send_all()
        elif hidden_of(self.page).get("_steg") == READ_BACK:
            self._show(send(self.client, self.page))

    def choose(self) -> None:
        while not self.told and self.page.status_code == 409:
            if self.part.step:
                why = {"orsak": self.MINE} if 'name="orsak"' in self.page.content.decode() else {}
                self._show(send(self.client, self.page, {"val": self.choice} | why))
            elif self.choice == "mina":
                self._send_all()
            else:  # leaves the page
                self.told = "theirs hold"

    def saw(self, other: Saver) -> bool:
        """Whether the user was shown what the other said beside the own answers."""
        told = [" ".join(one.part.words(one.said).split()) for one in (self, other)]
        wanted = [re.compile(rf"(?<!\w){re.escape(one)}(?!\w)") for one in told]
        return any(all(word.search(page) for word in wanted) for page in self.read)

    def _send_all(self) -> None:
        """The form of a page that saves at once, as it stands with the answers."""
        forms = self.page.content.decode().split("<form")
        asked = next(one for one in forms if all(f'name="{name}"' in one for name in self.answers))
        as_it_stands = filled_in(HttpResponse(f"<form{asked}"))
        self._show(self.client.post(self.url, as_it_stands | dict(self.answers), follow=True))

    def _show(self, page: Any) -> None:
        assert page.status_code in (200, 409), f"{self.part.name}: {page.status_code}"
        self.page = page
        if page.status_code == 409:
            self.read.append(text_of(page))
        if page.redirect_chain:
            where = led_to(page)
            place, _, news = where.partition("?")
            if self.part.step:
                self.told = TOLD.get(news, self.told)
                if where == f"/deltaganden/{self.things.deltagande}/":
                    self.told = "out already"
            elif place != self.url:
                self.told = "saved"
            if self.told == "saved":
                self.saved = next(_moments)


def lost(savers: list[Saver]) -> list[str]:
    """What was lost in silence of two who are done."""
    wrong = []
    for one, other in (savers, savers[::-1]):
        what = f"{one.part.name} {one.said}, told {one.told!r}"
        if not one.told:
            wrong.append(f"{what}: told nothing")
        stands = one.part.stands(one.things)
        if not one.answered or one.said == stands:
            if one.answered and one.told != "saved":
                wrong.append(f"{what}: and it stands")
            continue
        if one.choice == "deras" and one.told == "theirs hold" and one.read:
            continue
        rival = other.part.stands is one.part.stands and other.said == stands
        if not (rival and one.told == "saved" and (other.saw(one) or other.opened > one.saved)):
            wrong.append(f"{what}: {stands} stands, and nobody was asked")
    return wrong

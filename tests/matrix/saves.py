"""The saves that a post without answers never reaches: what lies behind several pages, a read-back or a log-in.

Each is done as somebody does it: the page is opened, its forms are answered one after the other, and the last post
saves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.utils import timezone

from tests import factories
from tests.matrix.world import PASSWORD, World
from tests.registration.pages.conftest import send
from tests.registration.pages.test_correct import filled_in
from tests.registration.pages.test_register_in import BEFORE, IDENTITY, SITUATION, START
from tests.registration.pages.test_register_out import ANSWERS

Answers = Mapping[str, Any]
Steps = Callable[[World], Sequence[Answers]]

NUMBER: Answers = {"personnummer": factories.nummer(900).digits}
"""Of nobody in the world."""
SLIP: Answers = {"vad": "fel"}
"""The way of the two that asks more of the database."""
READ: Answers = {}
"""What is said to a page that only reads back."""
REASON: Answers = {"orsak": "Fel på anmälan"}
NAMES: Answers = {"fornamn": "Nytt", "efternamn": "Provnamn"}
NAMES_AND_WHY: Answers = {**NAMES, "skal": "skrev_fel"}
SIGNED: Answers = {"formular": factories.FORMULAR, "sprak": "sv"}
SIGNED_LATER: Answers = {"undertecknat": "2024-01-12", "sprak": "sv", "skal": "skrev_fel"}
CORRECTED, RECEIPT = "?rattad", "/kvitto/"


@dataclass(frozen=True)
class Save:
    """steps: what is answered, page after page. told: stands in the address that a save leads to, and no other.

    as_it_stands: the first page is filled in with what holds, and only some of it is changed.
    """

    name: str
    kind: str
    who: str
    steps: Steps
    told: str
    as_it_stands: bool = False

    @property
    def line(self) -> str:
        """What it is called in the file of counts."""
        return f"save: {self.name} POST {self.who}"

    def ready(self, world: World, client: Client) -> tuple[Any, Answers]:
        """(the page with the form that saves, what is answered there): all is done but that."""
        page = client.get(world.url(self.name, self.kind, "own", self.who))
        first, *more = self.steps(world)
        answers = {**filled_in(page), **first} if self.as_it_stands else first
        for following in more:
            page, answers = send(client, page, answers), following
        return page, answers


def _always(*steps: Answers) -> Steps:
    return lambda world: steps


def _log_in(world: World) -> list[Answers]:
    return [{"username": world.users["B"].anvandarnamn, "password": PASSWORD}]


def _withdrawn(world: World) -> list[Answers]:
    return [{"vilka": [str(world.deltagande["own"].pk)]}]


def _uppdrag(world: World) -> list[Answers]:
    whom = {"vem": "annan", "konto": world.newcomer.anvandarnamn}
    what = {"roll": "deltagaransvarig", "fran": timezone.localdate().isoformat()}
    return [{**whom, **what}, {"bekrafta": "ja"}]


REGISTER_IN = _always({**BEFORE, **SIGNED}, {**IDENTITY, **NUMBER}, START, SITUATION, READ)
STARTED: Answers = {**REASON, "startdatum": "2024-01-16"}
STOPPED: Answers = {**REASON, "slutdatum": "2024-06-29"}

SAVES = (
    Save("access:log_in", "", "-", _log_in, "/"),
    Save("registration:register_in", "insats", "D", REGISTER_IN, "?registrerad"),
    Save("registration:register_out", "deltagande", "D", _always(ANSWERS, READ), "?utregistrerad"),
    Save("registration:register_out_confirm", "insats", "D", _always(READ), "?klart"),
    Save("registration:correct_in", "deltagande", "D", _always(STARTED, READ), CORRECTED, as_it_stands=True),
    Save("registration:correct_out", "deltagande", "D", _always(STOPPED, READ), CORRECTED, as_it_stands=True),
    Save("registration:correct_samtycke", "deltagande", "D", _always(SIGNED_LATER, READ), CORRECTED),
    Save("registration:correct_names", "deltagande", "D", _always(NAMES_AND_WHY, READ), CORRECTED),
    Save(
        "registration:change_number",
        "deltagande",
        "D",
        _always({**NUMBER, **SLIP, **REASON}, READ),
        CORRECTED,
    ),
    Save("registration:withdraw", "deltagande", "D", _always(READ), RECEIPT),
    Save("registration:protect", "deltagande", "D", _always(READ), RECEIPT),
    Save("registration:anonyma_set", "insats", "D", _always({"kvinnor": "7", "man": "8"}), "/anonyma/"),
    Save("registration:volym_set", "volym", "I", _always({"antal": "12"}), "/volym/"),
    Save("registration:uppdrag_give", "insats", "F", _uppdrag, "/uppdrag/"),
    Save(
        "registration:person_correct_in",
        "rattelse",
        "G",
        _always(STARTED, READ),
        CORRECTED,
        as_it_stands=True,
    ),
    Save(
        "registration:person_correct_out",
        "rattelse",
        "G",
        _always(STOPPED, READ),
        CORRECTED,
        as_it_stands=True,
    ),
    Save("registration:person_samtycke", "rattelse", "G", _always(SIGNED_LATER, READ), CORRECTED),
    Save("registration:person_names", "uppslag", "G", _always(NAMES, READ), CORRECTED),
    Save("registration:person_number", "uppslag", "G", _always({**NUMBER, "vad": "nytt"}, READ), CORRECTED),
    Save("registration:person_withdraw", "uppslag", "G", _withdrawn, RECEIPT),
    Save("registration:person_protect", "uppslag", "G", _always(READ), RECEIPT),
)

"""Two who save at once, and one who presses twenty times: through the pages, on PostgreSQL, each on a connection of
its own.

A loss is silent when somebody is told that the own answers are saved, or is told nothing, and no version says them.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import (
    Anonyma,
    Deltagande,
    Identitet,
    Inregistrering,
    Insats,
    Samtycke,
    Utkast,
    Utregistrering,
)
from registration.rules.planned import set_plan
from registration.rules.register import register_in
from tests import factories, numbers
from tests.drill import Drill, size
from tests.drill.savers import PARTS, Part, Saver, Things, lost
from tests.matrix.world import World
from tests.registration.pages.conftest import led_to, send
from tests.registration.pages.test_correct import filled_in
from tests.registration.pages.test_register_in import BEFORE, IDENTITY, SITUATION, START
from tests.registration.pages.test_register_out import ANSWERS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

BATCHES = size(10, 1)
INTERLEAVINGS = 50
"""In each batch: 500 in all at full size. One costs about 0.4 s of CPU."""
FORMS = size(50, 2)
PRESSED_FORMS = size(25, 1)
LISTS = size(25, 2)
TOGETHER = 12
ALIKE: dict[str, Any] = {"slutdatum": "2024-06-30", "avslutsanledning": "enligt_plan"}
PRESSES = 20
SEED = 20180309
CHOICES = ["mina", "deras"]
CORRECTED = {"startdatum": "2024-01-16", "orsak": "Fel dag"}
TIMEOUT = 60


def at_once(work: Sequence[Callable[[], None]]) -> None:
    """Do all of it at the same moment, each on a connection of its own. Raises what any of it raised."""
    barrier = threading.Barrier(len(work))
    wrong: list[BaseException] = []

    def one(act: Callable[[], None]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(TIMEOUT)
            act()
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[act], daemon=True) for act in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
    assert not any(thread.is_alive() for thread in threads), "somebody hangs"
    if wrong:
        raise wrong[0]


@pytest.fixture
def insats(transactional_db: None) -> Insats:
    with factories.as_system():
        factories.formular()
        return factories.insats()


def at_work(user: User) -> Client:
    """The browser of somebody who is logged in."""
    return World(users={"one": user}).client("one")


def two_of_each(insats: Insats) -> dict[str, list[Client]]:
    """Two in each role that saves something, who share what they work with."""
    kinds: dict[str, Callable[[], User]] = {
        "D": lambda: factories.user(Roll.DELTAGARANSVARIG, insats=insats),
        "I": lambda: factories.user(Roll.INSATSANSVARIG, forbund=insats.forbund),
        "N": lambda: factories.user(Roll.NATIONELL_ADMINISTRATOR, national=True),
    }
    return {who: [at_work(make()) for _ in range(2)] for who, make in kinds.items()}


@pytest.mark.parametrize("batch", range(BATCHES))
def test_two_savers_lose_nothing_in_silence(insats: Insats, batch: int, drill: Drill) -> None:
    """Whatever order their requests come in, and when the last ones come at the same moment.

    Each part in turn; now and then the second saves another part of the same deltagande.
    """
    drill.what, drill.seed = "two who save at once, random interleavings of their requests", SEED
    chance = random.Random(SEED + batch)
    clients = two_of_each(insats)
    met, drawn, wrong = 0, Counter[str](), []
    for number, (things, part, second) in enumerate(interleavings(insats, chance)):
        first = part.said(chance)
        said = first if second is part else [first[0], second.said(chance)[1]]
        savers = [
            Saver(clients[one.who][n], one, things, says, one.answers(says, chance), chance.choice(CHOICES))
            for n, (one, says) in enumerate(zip((part, second), said, strict=True))
        ]
        interleave(savers, chance)
        drill.tried += 1
        drawn.update(one.part.name for one in savers)
        met += any(one.read for one in savers)
        wrong += [f"{number}: {one}" for one in lost(savers)]
    assert not wrong, f"batch {batch} of seed {SEED}: {wrong}"
    assert met >= INTERLEAVINGS // 5, f"they hardly met ({met}): the drill shows nothing"
    assert min(drawn[one.name] for one in PARTS) >= INTERLEAVINGS // len(PARTS), drawn
    assert not Utkast.unscoped.exists()


def interleavings(insats: Insats, chance: random.Random) -> Iterator[tuple[Things, Part, Part]]:
    """What the two of each interleaving change: a deltagande each, the counts of the same insatser all the time."""
    with factories.as_system():
        volyminsats = factories.volyminsats(forbund=insats.forbund)
        people = register_in([factories.nytt_deltagande(n, insats=insats) for n in range(INTERLEAVINGS)])
        tomorrow = timezone.localdate() + dt.timedelta(days=1)
        plan = set_plan(tomorrow.year, tomorrow, "Ska tas")
    for number, one in enumerate(people):
        part = second = PARTS[number % len(PARTS)]
        if part.step and chance.random() < 0.25:
            others = [two for two in PARTS if two.step and not (two.ends and part.ends)]
            second = chance.choice(others)
        if part.when_out or second.when_out:
            factories.registered_out(one)
        yield Things(one.pk, insats, volyminsats, plan), part, second


def interleave(savers: Sequence[Saver], chance: random.Random) -> None:
    """Their requests in any order, now and then the ones that save at the same moment; then each chooses."""
    order = [saver for saver in savers for _ in saver.steps]
    chance.shuffle(order)
    left = {id(saver): list(saver.steps) for saver in savers}
    if chance.random() < 0.4:  # both have answered; then both press at the same moment
        for saver in savers:
            for step in (left[id(saver)].pop(0), left[id(saver)].pop(0)):
                step()
        at_once([left[id(saver)].pop(0) for saver in savers])
    for saver in order:
        if left[id(saver)]:
            left[id(saver)].pop(0)()
    for saver in savers:
        saver.choose()


def test_two_lists_are_registered_out_at_the_same_moment(insats: Insats, drill: Drill) -> None:
    """Of some of the same people, in any order: everybody is out once, nobody fails, and the second is told."""
    drill.what, drill.seed = "two lists with some of the same people registered out at the same moment", SEED
    chance = random.Random(SEED)
    eva, olle = two_of_each(insats)["D"]
    where = f"/insatser/{insats.pk}/registrera-ut/"
    for batch in range(LISTS):
        with factories.as_system():
            first = batch * TOGETHER
            people = register_in([
                factories.nytt_deltagande(first + n, insats=insats) for n in range(TOGETHER)
            ])  # fmt: skip
        told: list[tuple[Client, Any]] = []

        def press(client: Client, page: Any, told: list[tuple[Client, Any]] = told) -> None:
            told.append((client, send(client, page)))

        presses = []
        for client, some in ((eva, people[2:]), (olle, people[:-2])):
            chance.shuffle(some)
            chosen = ALIKE | {"deltagare": [str(one.pk) for one in some]}
            send(client, client.get(where), chosen)
            client.post(where + "svar/", {"_samma": "alla"})
            presses.append(partial(press, client, client.get(where + "granska/")))
        at_once(presses)
        assert sorted(page.status_code for _, page in told) == [200, 409]
        client, page = next(one for one in told if one[1].status_code == 409)
        assert page.content.decode().count("registrerade ut Förnamn") == TOGETHER - 4
        send(client, page)
        client.post(where + "svar/", {"_ta_bort": "ute"})
        out = Utregistrering.unscoped.filter(deltagande__in=people)
        assert out.count() == TOGETHER == out.values("deltagande").distinct().count()
        assert not Utkast.unscoped.exists()
        drill.tried += 1


def sent_at_once(client: Client, page: Any) -> list[Any]:
    """The answers to the last form of the page, sent twenty times at the same moment by the same user."""
    given: list[Any] = []

    def press() -> None:
        twin = Client()
        twin.cookies = client.cookies
        given.append(send(twin, page, follow=False))

    at_once([press] * PRESSES)
    assert len(given) == PRESSES
    return given


def test_twenty_presses_make_one_row(insats: Insats, drill: Drill) -> None:
    """Each form is sent twenty times at the same moment; every press is shown the same deltagande."""
    drill.what = f"register in: a form sent {PRESSES} times at the same moment"
    client = two_of_each(insats)["D"][0]
    places: list[str] = []
    for number in range(FORMS):
        page = client.get(f"/insatser/{insats.pk}/registrera-in/")
        identity = IDENTITY | {"personnummer": numbers.pick(number)}
        for answers in (BEFORE, identity, START, SITUATION):
            page = send(client, page, answers)
        led = {led_to(one) for one in sent_at_once(client, page)}
        assert len(led) == 1, (number, led)
        places += led
        drill.tried += 1
    assert Deltagande.unscoped.count() == FORMS == len(set(places))
    assert not Utkast.unscoped.exists()


@dataclass(frozen=True)
class Pressed:
    """A form about somebody that is sent twenty times. asked: the page with it. made: what it makes one more of. led:
    where every press leads to."""

    asked: Callable[[Client, Deltagande], Any]
    made: Callable[[Deltagande], int]
    led: str


def read_back(client: Client, one: Deltagande, page: str, answers: dict[str, Any]) -> Any:
    """The page that reads these answers back."""
    form = client.get(f"/deltaganden/{one.pk}/{page}/")
    return send(client, form, filled_in(form) | answers)


PRESSED = {
    "register out": Pressed(
        lambda client, one: read_back(client, one, "registrera-ut", ANSWERS),
        lambda one: Utregistrering.unscoped.filter(deltagande=one).count(),
        "/deltaganden/{}/[?]utregistrerad",
    ),
    "correct": Pressed(
        lambda client, one: read_back(client, one, "ratta-inregistreringen", CORRECTED),
        lambda one: Inregistrering.unscoped.filter(deltagande=one).count(),
        "/deltaganden/{}/[?]rattad",
    ),
    "withdraw": Pressed(
        lambda client, one: client.get(f"/deltaganden/{one.pk}/aterkalla/"),
        lambda one: Utregistrering.unscoped.filter(deltagande=one).count(),  # it ends an open one
        "/kvitto/[0-9a-f-]{{36}}/",
    ),
}


@pytest.mark.parametrize("what", PRESSED)
def test_twenty_presses_about_somebody_have_one_effect(insats: Insats, what: str, drill: Drill) -> None:
    """One version more, and every press is shown the same: that it is saved, or the one receipt."""
    drill.what = f"{what}: a form sent {PRESSES} times at the same moment"
    client, pressed = two_of_each(insats)["D"][0], PRESSED[what]
    with factories.as_system():
        people = register_in([factories.nytt_deltagande(n, insats=insats) for n in range(PRESSED_FORMS)])
    for one in people:
        page, before = pressed.asked(client, one), pressed.made(one)
        led = {led_to(answer) for answer in sent_at_once(client, page)}
        assert len(led) == 1 and re.fullmatch(pressed.led.format(one.pk), led.pop()), (one.pk, led)
        assert pressed.made(one) == before + 1
        drill.tried += 1
    gone = Samtycke.unscoped.filter(aterkallat__isnull=False).count()
    assert gone == (PRESSED_FORMS if what == "withdraw" else 0)
    assert Identitet.unscoped.count() == PRESSED_FORMS - gone
    assert not Utkast.unscoped.exists()


def test_twenty_presses_add_one(insats: Insats, drill: Drill) -> None:
    """One woman more, however often the button is pressed."""
    drill.what = f"anonyma, one more: a button pressed {PRESSES} times at the same moment"
    client, year = two_of_each(insats)["D"][0], timezone.localdate().year
    add, count = f"/insatser/{insats.pk}/anonyma/{year}/lagg-till/", f"/insatser/{insats.pk}/anonyma/"
    for number in range(PRESSED_FORMS):
        forms = client.get(count).content.decode().split("<form")
        button = next(one for one in forms if add in one and 'value="K"' in one)
        given = sent_at_once(client, HttpResponse(f"<form{button}"))
        assert {led_to(answer) for answer in given if answer.status_code != 409} == {count}
        rows = Anonyma.unscoped.filter(insats=insats).values_list("nr", "kvinnor", "man")
        assert sorted(rows) == [(n, n, 0) for n in range(1, number + 2)]
        drill.tried += 1

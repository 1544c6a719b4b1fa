"""Two who save at once, and one who presses twenty times: through the pages, on PostgreSQL, each on a connection of
its own.

A loss is silent when somebody is told that the own answers are saved, or is told nothing, and no version says them.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Insats, Utkast, Utregistrering
from registration.rules.register import register_in
from tests import factories, numbers
from tests.drill import size
from tests.matrix.world import World
from tests.registration.pages.conftest import led_to, send
from tests.registration.pages.test_register_in import BEFORE, IDENTITY, SITUATION, START
from tests.registration.pages.test_register_out import ANSWERS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

BATCHES = size(10, 1)
INTERLEAVINGS = 50
"""In each batch: 500 in all at full size. One costs about 0.4 s of CPU, nine requests for two savers."""
FORMS = size(50, 2)
LISTS = size(25, 2)
TOGETHER = 12
ALIKE: dict[str, Any] = {"slutdatum": "2024-06-30", "avslutsanledning": "enligt_plan"}
PRESSES = 20
SEED = 20180309
TOLD = {"utregistrerad": "saved", "deras": "theirs hold"}
"""What the address that a saver ends at tells."""
TIMEOUT = 60


@dataclass
class Saver:
    """Somebody who registers a deltagande out, one request at a time. said: what the user answered."""

    client: Client
    deltagande: uuid.UUID
    said: str
    choice: str
    page: Any = None
    answered: bool = False
    saw_both: bool = False
    told: str = ""
    steps: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.steps = [self.open, self.answer, self.save, self.choose]

    @property
    def url(self) -> str:
        return f"/deltaganden/{self.deltagande}/registrera-ut/"

    def open(self) -> None:
        self._show(self.client.get(self.url, follow=True))

    def answer(self) -> None:
        if 'name="_steg" value="fragor"' in self.page.content.decode():
            self.answered = True
            self._show(send(self.client, self.page, ANSWERS | {"slutdatum": self.said}))

    def save(self) -> None:
        if 'name="_steg" value="kontroll"' in self.page.content.decode():
            self._show(send(self.client, self.page))

    def choose(self) -> None:
        while not self.told and self.page.status_code == 409:
            self._show(send(self.client, self.page, {"val": self.choice, "orsak": "Mina är rätt."}))

    def _show(self, page: Any) -> None:
        assert page.status_code in (200, 409), page.status_code
        self.page = page
        self.saw_both = self.saw_both or page.status_code == 409
        if page.redirect_chain:
            where = led_to(page)
            self.told = TOLD.get(where.rpartition("?")[2], self.told)
            if where == f"/deltaganden/{self.deltagande}/":
                self.told = "out already"


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


def worker(insats: Insats) -> tuple[User, Client]:
    """Somebody who works in the insats, logged in."""
    user = factories.user(Roll.DELTAGARANSVARIG, insats=insats)
    return user, World(users={"D": user}).client("D")


@pytest.mark.parametrize("batch", range(BATCHES))
def test_two_savers_lose_nothing_in_silence(insats: Insats, batch: int) -> None:
    """Whatever order their requests come in, and when the last ones come at the same moment."""
    chance = random.Random(SEED + batch)
    (_, eva), (_, olle) = worker(insats), worker(insats)
    with factories.as_system():
        people = register_in([factories.nytt_deltagande(n, insats=insats) for n in range(INTERLEAVINGS)])
    lost, met = [], 0
    for number, one in enumerate(people):
        days = chance.sample(range(1, 29), 2)
        savers = [
            Saver(client, one.pk, f"2024-06-{day:02}", chance.choice(["mina", "deras"]))
            for client, day in zip((eva, olle), days, strict=True)
        ]
        order = [saver for saver in savers for _ in saver.steps]
        chance.shuffle(order)
        together = chance.random() < 0.4
        left = {id(saver): list(saver.steps) for saver in savers}
        if together:  # both have answered; then both press at the same moment
            for saver in savers:
                for step in (left[id(saver)].pop(0), left[id(saver)].pop(0)):
                    step()
            at_once([left[id(saver)].pop(0) for saver in savers])
        for saver in order:
            if left[id(saver)]:
                left[id(saver)].pop(0)()
        for saver in savers:
            saver.choose()
        saved = {
            day.isoformat()
            for day in Utregistrering.unscoped.filter(deltagande=one.pk).values_list("slutdatum", flat=True)
        }
        assert saved, number
        for saver in savers:
            met += saver.saw_both
            if (
                saver.answered
                and saver.said not in saved
                and not (saver.saw_both and saver.choice == "deras" and saver.told != "saved")
            ):
                lost.append((number, saver.said, saver.told))
            if not saver.told:
                lost.append((number, saver.said, "told nothing"))
    assert not lost, f"batch {batch} of seed {SEED}: {lost}"
    assert met >= INTERLEAVINGS // 5, "they hardly met: the drill shows nothing"
    assert not Utkast.unscoped.exists()


def test_two_lists_are_registered_out_at_the_same_moment(insats: Insats) -> None:
    """Of some of the same people, in any order: everybody is out once, nobody fails, and the second is told."""
    chance = random.Random(SEED)
    (_, eva), (_, olle) = worker(insats), worker(insats)
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


def test_twenty_presses_make_one_row(insats: Insats) -> None:
    """Each form is sent twenty times at the same moment; every press is shown the same deltagande."""
    _, client = worker(insats)
    places = []
    for number in range(FORMS):
        page = client.get(f"/insatser/{insats.pk}/registrera-in/")
        identity = IDENTITY | {"personnummer": numbers.pick(number)}
        for answers in (BEFORE, identity, START, SITUATION):
            page = send(client, page, answers)
        led: list[str] = []

        def press(page: Any = page, led: list[str] = led) -> None:
            twin = Client()
            twin.cookies = client.cookies
            led.append(led_to(send(twin, page, follow=False)))

        at_once([press] * PRESSES)
        assert len(led) == PRESSES and len(set(led)) == 1, (number, set(led))
        places.append(led[0])
    assert Deltagande.unscoped.count() == FORMS == len(set(places))
    assert not Utkast.unscoped.exists()

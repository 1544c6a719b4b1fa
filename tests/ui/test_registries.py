"""Navigation and panels: each role sees its own, in order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from finsam_site.access.acting import Actor
from finsam_site.access.roles import Roll
from finsam_site.ui import navigation, panels
from finsam_site.ui.components import Link, TaskList
from tests import factories

PASSWORD = "prov-losenord-7"


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(navigation, "_items", {})
    monkeypatch.setattr(panels, "_panels", {})
    yield


def test_entries_by_role_in_order_with_the_current_one() -> None:
    start = navigation.Item("Start", "start", roles=list(Roll), order=1)
    other = navigation.Item("Uppdrag", "access:uppdrag", roles=[Roll.DELTAGARANSVARIG], order=2)
    for item in (other, start):
        navigation.register(item)
    found = navigation.entries(Roll.DELTAGARANSVARIG, "/uppdrag/7/")
    assert [(one.label, one.here) for one in found] == [("Start", False), ("Uppdrag", True)]
    assert [one.here for one in navigation.entries(Roll.DELTAGARANSVARIG, "/")] == [True, False]
    assert [one.label for one in navigation.entries(Roll.BESTALLARE, "/")] == ["Start"]
    with pytest.raises(ValueError, match="already"):
        navigation.register(navigation.Item("Annan", "start", roles=[]))


@pytest.mark.django_db
def test_panels_of_the_role_stand_on_the_start_page(client: Client) -> None:
    @panels.register(roles=[Roll.FORBUNDSADMINISTRATOR], order=2)
    def second(actor: Actor) -> panels.Panel | None:
        return panels.Panel("Att göra", [TaskList([])], link=Link("Visa alla", "/"))

    @panels.register(roles=[Roll.FORBUNDSADMINISTRATOR], order=1)
    def none(actor: Actor) -> panels.Panel | None:
        return None

    @panels.register(roles=[Roll.RAPPORTLASARE])
    def others(actor: Actor) -> panels.Panel | None:
        raise AssertionError("not for this role")

    navigation.register(navigation.Item("Början", "start", roles=[Roll.FORBUNDSADMINISTRATOR]))
    navigation.register(navigation.Item("Annat", "access:uppdrag", roles=[Roll.FORBUNDSADMINISTRATOR]))
    with factories.as_system():
        user = factories.user(Roll.FORBUNDSADMINISTRATOR, forbund=factories.forbund(), password=PASSWORD)
    client.post("/logga-in/", {"username": user.anvandarnamn, "password": PASSWORD})
    page = client.get("/").content.decode()
    assert "Att göra" in page and "Inget att göra just nu." in page and "Visa alla" in page
    assert 'aria-current="page">Början' in page

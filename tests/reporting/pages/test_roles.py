"""Who may see which page of uttag, and what the pages say when there is nothing to see."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from finsam_site.access.requires import roles_of
from finsam_site.access.roles import Roll
from finsam_site.jobs.models import Jobb
from reporting.models import Uttag
from reporting.urls import urlpatterns
from tests.reporting.pages.world import logged_in, people, small_register, taken

pytestmark = [pytest.mark.django_db, pytest.mark.both]

READ = ("report", "workbook", "csv", "json")


def addresses(uttag: Uttag) -> dict[str, str]:
    """Every page of uttag by its name."""
    found = {name: reverse(f"reporting:{name}", args=[uttag.pk]) for name in (*READ, "uttag_settle")}
    return found | {
        "uttag_list": reverse("reporting:uttag_list"),
        "uttag_new": reverse("reporting:uttag_new"),
        "definitions": reverse("reporting:definitions", args=[uttag.ar]),
        "table": reverse("reporting:table", args=[uttag.pk, "deltagare"]),
    }


def test_every_page_for_every_role() -> None:
    """The nationella administratören sees all, rapportläsare all that is read, others nothing."""
    who = people()
    small_register()
    found = addresses(taken().uttag)
    assert set(found) == {pattern.name for pattern in urlpatterns}
    takes = {"uttag_new", "uttag_settle"}
    for client, allowed in (
        (logged_in(who.greta), set(found)),
        (logged_in(who.farid), set(found) - takes),
        (logged_in(who.anna), set()),
        (logged_in(who.elsa), set()),
    ):
        statuses = {name: client.get(url).status_code for name, url in found.items()}
        assert statuses == {name: 200 if name in allowed else 403 for name in found}
    assert {Client().get(url).status_code for url in found.values()} == {302}


def test_nobody_else_starts_or_settles() -> None:
    who = people()
    small_register()
    uttag = taken().uttag
    for user in (who.farid, who.anna):
        client = logged_in(user)
        assert client.post(reverse("reporting:uttag_new"), {"ar": "2024", "kand": "nu"}).status_code == 403
        assert client.post(reverse("reporting:uttag_settle", args=[uttag.pk])).status_code == 403
    uttag.refresh_from_db()
    assert uttag.faststalld is None and not Jobb.objects.exists()


def test_the_roles_are_marked_for_the_matrix() -> None:
    """Every view says which roles it is for."""
    takes = {"uttag_new", "uttag_settle"}
    for pattern in urlpatterns:
        roles = {Roll.NATIONELL_ADMINISTRATOR}
        if pattern.name not in takes:
            roles.add(Roll.RAPPORTLASARE)
        assert set(roles_of(pattern.callback) or ()) == roles, pattern.name


def test_what_is_not_there_is_404() -> None:
    who = people()
    small_register()
    uttag = taken().uttag
    client = logged_in(who.farid)
    missing = uuid.uuid4()
    for url in (
        *(reverse(f"reporting:{name}", args=[missing]) for name in READ),
        reverse("reporting:table", args=[missing, "deltagare"]),
        reverse("reporting:table", args=[uttag.pk, "finns-inte"]),
        reverse("reporting:definitions", args=[1999]),
    ):
        assert client.get(url).status_code == 404, url
    assert client.post(reverse("reporting:report", args=[uttag.pk])).status_code == 405


def test_empty_pages_offer_the_act() -> None:
    """Before the first uttag the list and the start page say what will be here; only who may is offered to begin."""
    who = people()
    for user, offered in ((who.greta, True), (who.farid, False)):
        client = logged_in(user)
        for url in ("/uttag/", "/"):
            page = client.get(url).content.decode()
            assert "Inget uttag är taget än" in page
            assert (reverse("reporting:uttag_new") in page) is offered, url


def test_the_start_page_shows_the_latest_uttag() -> None:
    who = people()
    small_register()
    uttag = taken().uttag
    for user in (who.greta, who.farid):
        page = logged_in(user).get("/").content.decode()
        assert reverse("reporting:report", args=[uttag.pk]) in page
        assert "Till arbete, studier eller arbetssökande" in page
        assert "Ej fastställt" in page and "INTERN – får inte publiceras" in page
    assert "Uttag 2024" not in logged_in(who.anna).get("/").content.decode()

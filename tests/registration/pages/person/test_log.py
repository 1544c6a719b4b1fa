"""The dataskyddsgranskare sees who has looked at a person, in pages and whole."""

from __future__ import annotations

import pytest
from django.test import Client

from finsam_site.access.models import Atkomst, User
from finsam_site.access.roles import Roll
from registration.models import Deltagande
from registration.rules.change_number import change_number
from registration.views import person
from tests import factories
from tests.registration.pages.conftest import Cast, looks
from tests.registration.pages.person.conftest import NUMBER, here, last_looks, search, words

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def test_who_has_looked(johan: Client, eva: Client, anders: Deltagande, cast: Cast) -> None:
    User.objects.filter(pk=cast.eva.pk).update(organisation="Vallentuna kommun")
    eva.get(f"/deltaganden/{anders.pk}/")
    path = here(search(johan, syfte="insyn"))
    before = len(looks())
    page = johan.get(f"{path}vem-har-tittat/")
    said = words(page)
    for one in ("Eva Prov, deltagaransvarig, Vallentuna kommun", "Visa deltagandet", "Läst", "Steget vidare",
                "Johan Prov, dataskyddsgranskare", "Sökt", "Systemet", "Skapat"):  # fmt: skip
        assert one in said, one
    assert said.index("Johan Prov, data") < said.index("Eva Prov, delt") < said.index("Systemet")
    assert "Andersprov" not in page.content.decode() and NUMBER not in page.content.decode()
    why = "vem har tittat: personen vill veta vem som har tittat"
    assert last_looks(before) == [("last", why, "utfort")]


def test_who_changed_the_number_in_another_forbund_is_not_told(
    kajsa: Client, johan: Client, anders: Deltagande, elsewhere: Deltagande, cast: Cast
) -> None:
    """The person learns that it was changed and when; who it was says the granskare who may know where."""
    stranger = factories.user(Roll.DELTAGARANSVARIG, insats=cast.framtid, namn="Frida Främling")
    with factories.acting(stranger):
        change_number(elsewhere.pk, factories.nummer(1), orsak="Nytt.")
    pages = [
        client.get(f"{here(search(client, factories.nummer(1).digits))}vem-har-tittat/")
        for client in (kajsa, johan)
    ]
    assert "Någon utanför förbundet Ändrat Steget vidare Nytt personnummer" in words(pages[0])
    assert "Främling" not in pages[0].content.decode()
    assert "Frida Främling, deltagaransvarig" in words(pages[1]) and "utanför" not in words(pages[1])


def test_the_log_in_pages_and_whole(
    johan: Client, eva: Client, anders: Deltagande, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person, "PER_PAGE", 3)
    for _ in range(4):
        eva.get(f"/deltaganden/{anders.pk}/")
    path = here(search(johan))
    about = Atkomst.objects.filter(objekt_id=str(anders.pk))
    count = about.exclude(syfte__startswith="visa personen").count()  # which came after the search
    first = johan.get(f"{path}vem-har-tittat/")
    assert f"1–3 av {count} gånger" in words(first) and "Visa alla på en sida" in words(first)
    second = johan.get(f"{path}vem-har-tittat/?sida=2")
    assert f"4–6 av {count} gånger" in words(second)
    whole = johan.get(f"{path}vem-har-tittat/?alla")
    assert whole.content.decode().count("<tr>") == count + 1 and "Föregående" not in words(whole)
    monkeypatch.setattr(person, "MOST", 2)
    assert "Här står de 2 senaste." in words(johan.get(f"{path}vem-har-tittat/?alla"))

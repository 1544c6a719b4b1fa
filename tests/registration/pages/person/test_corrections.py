"""The dataskyddsgranskare corrects what was registered in and out at the person's request."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from finsam_site.access.roles import Roll
from registration.models import Deltagande, Inregistrering, Uppdrag
from registration.rules.correct import Rattelse, correct
from registration.rules.version_rows import reason_given
from registration.views.changing import NOTHING
from tests import factories
from tests.registration.pages.conftest import Cast, errors_of, led_to, looks, send
from tests.registration.pages.person.conftest import correction, here, last_looks, search, words

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def filled_in(page: Any) -> dict[str, Any]:
    """What the form is sent with when nothing is changed."""
    form = page.context["form"]
    return {
        one.html_name: value
        for one in form
        if (value := one.value()) not in (None, "") and one.html_name in form.fields
    }


def test_correct_the_in_registration(johan: Client, anders: Deltagande) -> None:
    """Also when nobody works with the insats any more; by the rules that the deltagaransvarig has."""
    Uppdrag.objects.filter(roll=Roll.DELTAGARANSVARIG).update(till=dt.date(2024, 12, 31))
    before = len(looks(anders))
    page = correction(johan, anders, "inregistreringen")
    assert looks(anders)[before + 2 :] == [("last", "rätta: personen vill få en uppgift rättad", "utfort")]
    assert "Anders Andersprov i Steget vidare, på personens begäran" in words(page)
    said = filled_in(page) | {"orsak": "Personen visade intyg."}
    assert errors_of(send(johan, page, said)) == [NOTHING]
    assert errors_of(send(johan, page, said | {"startdatum": "2019-01-01"}))
    read = send(johan, page, said | {"startdatum": "2024-01-17"})
    assert "Stämmer rättelsen?" in words(read) and "Varför Personen visade intyg." in words(read)
    assert "Startdatum 15 januari 2024 17 januari 2024".replace(" ", "") in re.sub(
        "Står nu|Ska stå|[ ]", "", words(read)
    )
    assert factories.identitet_of(anders).startdatum == factories.START  # nothing is saved before it is read
    back = send(johan, read, {"_till": "in"})
    assert filled_in(back)["startdatum"] == "2024-01-17" and not errors_of(back)
    assert filled_in(back)["forsorjning"] == said["forsorjning"]
    before = len(looks(anders))
    done = send(johan, read)
    assert "Rättelsen är sparad" in words(done) and "2024-01-17" in words(done)
    assert looks(anders)[before] == ("andrat", "rättelse", "utfort")
    assert factories.identitet_of(anders).startdatum == dt.date(2024, 1, 17)


def test_a_correction_that_took_long_to_fill_in(
    johan: Client, anders: Deltagande, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is taken, with an error told first, and the next page is there; after the hour it is said that it is not."""
    page = correction(johan, anders, "inregistreringen")
    said = filled_in(page) | {"orsak": "Personen visade intyg.", "startdatum": "2024-01-17"}
    start = dt.datetime.now(dt.UTC)

    def minutes_later(minutes: int) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: start + dt.timedelta(minutes=minutes))

    minutes_later(40)
    assert errors_of(send(johan, page, said | {"startdatum": "2019-01-01"}))
    minutes_later(57)
    read = send(johan, page, said)
    minutes_later(58)
    assert "Rättelsen är sparad" in words(send(johan, read))
    assert factories.identitet_of(anders).startdatum == dt.date(2024, 1, 17)
    minutes_later(61)
    late = send(johan, page, said | {"startdatum": "2024-01-18"})
    assert here(late) == "/person/" and "Det du skickade är inte sparat. Sökningen är inte öppen" in words(
        late
    )
    assert factories.identitet_of(anders).startdatum == dt.date(2024, 1, 17)


def test_what_is_odd_is_asked_once(johan: Client, anders: Deltagande) -> None:
    page = correction(johan, anders, "inregistreringen")
    said = filled_in(page) | {"orsak": "Intyg.", "forsorjning": ["sjukpenning", "forsorjningsstod"]}
    said |= {"forsorjning_sjukpenning": "hel", "forsorjning_forsorjningsstod": "hel"}
    names = set(page.context["form"].fields)
    said = {name: value for name, value in said.items() if name in names} | {
        name: "hel" for name in names if name.endswith(("sjukpenning", "forsorjningsstod"))
    }
    read = send(johan, page, said)
    assert "Ovanligt, men möjligt" in words(read) and not errors_of(read)
    again = send(johan, read)
    assert errors_of(again) == ["Läs det ovanliga och kryssa för att det stämmer, eller ändra svaret."]
    assert "Rättelsen är sparad" in words(send(johan, again, {"bekraftat": "on"}))
    stored = Inregistrering.unscoped.get(deltagande=anders, nr=2).forsorjning or ""
    assert "sjukpenning" in stored and "forsorjningsstod" in stored  # both of the carried values


def test_correct_the_out_registration(johan: Client, anders: Deltagande) -> None:
    with factories.as_system():
        factories.registered_out(anders)
    page = correction(johan, anders, "utregistreringen")
    said = filled_in(page) | {"orsak": "Personen visade intyg.", "slutdatum": "2024-06-28"}
    same = send(johan, page, said | {"_samma": "1"})
    assert filled_in(same)["slutdatum"] == "2024-06-28" and filled_in(same)["forsorjning"] == ["sjukpenning"]
    read = send(johan, page, said)
    assert "Stämmer rättelsen?" in words(read)
    assert factories.identitet_of(anders).slutdatum != dt.date(2024, 6, 28)
    assert "Rättelsen är sparad" in words(send(johan, read))
    assert factories.identitet_of(anders).slutdatum == dt.date(2024, 6, 28)


def correct_as_eva(cast: Cast, one: Deltagande, **changed: Any) -> None:
    with factories.acting(cast.eva):
        new = factories.nytt_deltagande(0, insats=cast.steget, **changed)
        correct(Rattelse(one.pk, "Fel.", in_=new.uppgifter))


@pytest.mark.parametrize("read_first", [True, False])
@pytest.mark.parametrize("answer", ["mina", "deras"])
def test_two_who_correct_at_once(
    johan: Client, anders: Deltagande, cast: Cast, answer: str, *, read_first: bool
) -> None:
    """Both versions are shown, and the granskare chooses: whether the other came before the read-back or after."""
    page = correction(johan, anders, "inregistreringen")
    said = filled_in(page) | {"orsak": "Intyg.", "startdatum": "2024-01-17"}
    if read_first:
        page, said = send(johan, page, said), {}
    correct_as_eva(cast, anders, arbetar=10, typ_av_arbete="ordinarie")
    both = send(johan, page, said)
    assert both.status_code == 409 and "Eva Prov rättade uppgifterna" in words(both)
    assert "15 januari 2024" in words(both) and "17 januari 2024" in words(both)
    assert errors_of(send(johan, both))  # one is to be chosen
    done = words(send(johan, both, {"val": answer}))
    assert ("Rättelsen är sparad" in done) == (answer == "mina")
    assert ("Det som redan var sparat gäller" in done) == (answer == "deras")
    last = Inregistrering.unscoped.filter(deltagande=anders).order_by("-nr")[0]
    assert (last.nr, last.arbetar) == ((3, 0) if answer == "mina" else (2, 10))
    assert factories.identitet_of(anders).startdatum == (
        dt.date(2024, 1, 17) if answer == "mina" else factories.START
    )
    if answer == "mina":
        assert reason_given(last) == "Intyg."


def test_the_same_correction_was_saved_meanwhile(johan: Client, anders: Deltagande, cast: Cast) -> None:
    """By a colleague, or by oneself with a second press."""
    page = correction(johan, anders, "inregistreringen")
    read = send(johan, page, filled_in(page) | {"orsak": "Intyg.", "startdatum": "2024-01-17"})
    correct_as_eva(cast, anders, startdatum=dt.date(2024, 1, 17))
    assert "Någon annan har redan sparat samma sak" in words(send(johan, read))
    page = correction(johan, anders, "inregistreringen")
    read = send(johan, page, filled_in(page) | {"orsak": "Intyg.", "startdatum": "2024-01-18"})
    for _ in range(2):
        assert "Rättelsen är sparad" in words(send(johan, read))
    assert Inregistrering.unscoped.filter(deltagande=anders).count() == 3


def test_no_correction_of_what_was_not_found(
    kajsa: Client, anders: Deltagande, elsewhere: Deltagande
) -> None:
    path = here(search(kajsa))
    before = len(looks())
    assert kajsa.get(f"{path}{elsewhere.pk}/inregistreringen/").status_code == 404
    assert last_looks(before) == [("last", "rätta", "nekat")]
    assert led_to(kajsa.get(f"{path}{anders.pk}/utregistreringen/", follow=True)) == path  # not out yet

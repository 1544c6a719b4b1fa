"""The dataskyddsgranskare corrects the name, the number and the samtycke at the person's request."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from finsam_site.access.roles import Roll
from registration.models import Deltagande, Identitet, Inregistrering, Person, Uppdrag
from registration.rules.change_number import change_number
from registration.rules.correct_samtycke import samtycke_changes
from registration.rules.erase import withdraw_samtycke
from registration.rules.names import NyttNamn, correct_names
from registration.rules.reveal import reveal
from registration.rules.version_rows import reason_given
from tests import factories, numbers
from tests.registration.pages.conftest import Cast, errors_of, led_to, looks, send, text_of, title_of
from tests.registration.pages.person.conftest import NUMBER, correction, here, last_looks, search, words
from tests.registration.pages.test_correct_samtycke import correct_as_karin

pytestmark = [pytest.mark.django_db, pytest.mark.both]


# The name and the number


def test_correct_the_name(johan: Client, anders: Deltagande, elsewhere: Deltagande) -> None:
    """Read back first; one row for each that was changed."""
    path = here(search(johan, syfte="ratta"))
    page = johan.get(f"{path}namn/")
    assert 'value="Andersprov"' in page.content.decode() and "alla 2 deltaganden" in words(page)
    assert "Varför rättar du?" not in words(page)  # the person's request is why
    assert errors_of(send(johan, page, {"fornamn": "A\u0007", "efternamn": "Andersprov"}))
    unchanged = send(johan, page, {"fornamn": "Anders", "efternamn": "Andersprov"})
    assert errors_of(unchanged) == ["Du har inte ändrat något. Ändra det som är fel, eller välj Avbryt."]
    before = len(looks())
    page = send(johan, johan.get(f"{path}namn/"), {"fornamn": "Andreas", "efternamn": "Andersprov"})
    assert "Förnamn Står nu Anders Ska stå Andreas" in words(page) and "alla 2 deltaganden" in words(page)
    back = send(johan, page, {"_till": "namn"})
    assert 'value="Andreas"' in back.content.decode() and not errors_of(back)
    looked = ("last", "rätta namnet: personen vill få en uppgift rättad", "utfort")
    assert last_looks(before) == [looked] * 6
    page = send(johan, page)
    assert "Rättelsen är sparad" in text_of(page) and "Andreas Andersprov" in text_of(page)
    assert [row[:2] for row in last_looks(before)][6:8] == [("andrat", "rättat namn")] * 2
    with factories.as_system():
        for one in (anders, elsewhere):
            assert reveal(factories.identitet_of(one).pk, "prov").fornamn == "Andreas"


def test_names_that_differ_are_all_read_back(johan: Client, anders: Deltagande, cast: Cast) -> None:
    with factories.as_system():
        factories.registered(0, insats=cast.sista, fornamn="Andreas", efternamn="Andersprov")
    page = johan.get(f"{here(search(johan))}namn/")
    page = send(johan, page, {"fornamn": "Anders", "efternamn": "Andersprov"})
    assert f"I {cast.sista.namn} Står nu Andreas Andersprov Ska stå Anders Andersprov" in words(page)
    assert "I Steget vidare" not in words(page)
    assert "Rättelsen är sparad" in words(send(johan, page))
    assert {one.decrypt_names()[0] for one in Identitet.unscoped.all()} == {"Anders"}


def test_the_name_was_corrected_meanwhile(
    johan: Client, anders: Deltagande, elsewhere: Deltagande, cast: Cast
) -> None:
    """In any of them: both are shown, and only what was compared with is replaced."""
    page = send(
        johan, johan.get(f"{here(search(johan))}namn/"), {"fornamn": "Anders", "efternamn": "Andersson"}
    )
    with factories.acting(cast.eva):
        correct_names([NyttNamn(anders.pk, efternamn="Anderzon")])
    page = send(johan, page)
    assert page.status_code == 409 and "Eva Prov rättade namnet" in words(page)
    assert "Anders Anderzon" in words(page) and "Anders Andersson" in words(page)
    assert factories.identitet_of(elsewhere).decrypt_names()[1] == "Andersprov"
    assert "Rättelsen är sparad" in words(send(johan, page, {"val": "mina"}))
    for one in (anders, elsewhere):
        assert factories.identitet_of(one).decrypt_names()[1] == "Andersson"


def new_number(client: Client, typed: str) -> Any:
    """What a typed number leads to, from the person's page."""
    page = client.get(f"{here(search(client, syfte='ratta'))}nummer/")
    return send(client, page, {"vad": "nytt", "personnummer": typed})


def test_correct_the_number(johan: Client, anders: Deltagande, cast: Cast) -> None:
    new = factories.nummer(5)
    assert errors_of(new_number(johan, "1"))
    assert errors_of(new_number(johan, NUMBER))
    page = new_number(johan, new.digits)
    assert f"Nytt nummer {new.formatted}" in words(page) and f"Födelseår {new.birth_year}" in words(page)
    assert "Bytet gäller alla personens deltaganden. Det som redan är rapporterat" in words(page)
    assert new.digits not in title_of(page) + page.request["PATH_INFO"] + page.request["QUERY_STRING"]
    with factories.as_system():
        assert reveal(factories.identitet_of(anders).pk, "prov").personnummer == NUMBER
    back = send(johan, page, {"_till": "nummer"})
    assert f'value="{new.digits}"' in back.content.decode() and not errors_of(back)
    path = here(search(johan))
    page = send(johan, page)
    assert re.fullmatch(r"/person/[0-9a-f-]{36}/", here(page)) and "Rättelsen är sparad" in text_of(page)
    assert new.digits not in page.content.decode() and johan.get(path).status_code == 200
    with factories.as_system():
        assert reveal(factories.identitet_of(anders).pk, "prov").personnummer == new.digits
    assert "Anders Andersprov" in words(search(johan, new.digits))
    version = Inregistrering.unscoped.get(deltagande=anders, nr=2)
    assert (version.slag, reason_given(version)) == ("nummerbyte", "Rättat på personens begäran")


def test_an_odd_number_is_confirmed(johan: Client, anders: Deltagande) -> None:
    page = new_number(johan, numbers.pick(0, born=(2014, 2015)))
    assert "Ovanligt, men möjligt" in words(page)
    assert errors_of(send(johan, page)) == [
        "Läs det ovanliga och kryssa för att det stämmer, eller ändra svaret."
    ]
    assert Inregistrering.unscoped.count() == 1
    assert "Rättelsen är sparad" in words(send(johan, page, {"bekraftat": "on"}))


def test_the_number_was_changed_meanwhile(johan: Client, anders: Deltagande, cast: Cast) -> None:
    """Both are shown; no reason is asked for, since the person's request is one."""
    page = new_number(johan, factories.nummer(5).digits)
    with factories.acting(cast.eva):
        change_number(anders.pk, factories.nummer(6), orsak="Nytt.")
    page = send(johan, page)
    assert page.status_code == 409 and "Eva Prov bytte personens nummer" in words(page)
    assert factories.nummer(6).formatted in words(page) and "Varför" not in words(page)
    assert "Rättelsen är sparad" in words(send(johan, page, {"val": "mina"}))
    with factories.as_system():
        assert reveal(factories.identitet_of(anders).pk, "prov").personnummer == factories.nummer(5).digits


def test_that_two_become_one_is_told(johan: Client, kajsa: Client, anders: Deltagande, cast: Cast) -> None:
    """By name to who may find the other, with a row in the log; a förbund's granskare is told of nobody elsewhere."""
    with factories.as_system():
        other = factories.registered(5, insats=cast.framtid, fornamn="Andreas", efternamn="Dubbelprov")
    taken, free = factories.nummer(5).digits, factories.nummer(6).digits
    pages = [
        re.sub(r"Nytt nummer \S+ Kön \S+ (Nu: \w+|Ändras inte) Födelseår \d+ (Nu: \d+|Ändras inte)", "",
               words(new_number(kajsa, one)))
        for one in (taken, free)
    ]  # fmt: skip
    assert pages[0] == pages[1] and "Ovanligt" not in pages[0] and not looks(other)[1:]
    page = new_number(johan, taken)
    assert "Ovanligt, men möjligt Andreas Dubbelprov har redan det numret." in words(page)
    why = "personen vill få en uppgift rättad"
    assert looks(other)[1:] == [("sokt", f"rätta personnumret: {why}", "utfort"), ("last", "rätta", "utfort")]
    assert errors_of(send(johan, page)) and Person.unscoped.count() == 2
    send(johan, page, {"bekraftat": "on"})
    assert Person.unscoped.count() == 1


def test_that_the_other_is_locked_is_told(
    johan: Client, anders: Deltagande, cast: Cast, settings: Any
) -> None:
    settings.ERASURE_DECISION = ""
    with factories.as_system():
        locked = factories.registered(5, insats=cast.framtid, fornamn="Andreas", efternamn="Dubbelprov")
        factories.as_if_committed()
        withdraw_samtycke([locked.pk])
    page = new_number(johan, factories.nummer(5).digits)
    assert "Någon vars uppgifter är spärrade har redan det numret." in words(page)
    assert "Dubbelprov" not in page.content.decode()


def test_a_number_that_would_make_two_overlap(johan: Client, anders: Deltagande, cast: Cast) -> None:
    """Told where it is: the granskare may find both."""
    with factories.as_system():
        factories.registered(5, insats=cast.steget)
    factories.as_if_committed()
    page = new_number(johan, factories.nummer(5).digits)
    assert "Numret hör till en annan person i Steget vidare" in errors_of(page)[0]
    assert Person.unscoped.count() == 2


# The samtycke

LATER = {"undertecknat": "2024-01-12", "sprak": "sv"}


def signed(one: Deltagande) -> dt.date:
    return factories.samtycke_of(one).undertecknat


def test_correct_the_samtycke(johan: Client, anders: Deltagande) -> None:
    """Also when nobody works with the insats any more: read back, and told in the log, with why."""
    Uppdrag.objects.filter(roll=Roll.DELTAGARANSVARIG).update(till=dt.date(2024, 12, 31))
    before = len(looks(anders))
    page = correction(johan, anders, "samtycket")
    assert looks(anders)[before + 2 :] == [("last", "rätta: personen vill få en uppgift rättad", "utfort")]
    assert "Gäller samtycket för Steget vidare." in words(page) and "Varför rättar du?" not in words(page)
    assert errors_of(send(johan, page, LATER | {"undertecknat": ""}))
    same = send(johan, page, LATER | {"undertecknat": signed(anders).isoformat()})
    assert errors_of(same) == ["Du har inte ändrat något. Ändra det som är fel, eller välj Avbryt."]
    read = send(johan, page, LATER)
    assert "12 januari 2024" in words(read) and "Personen har berättat hur det var" in words(read)
    back = send(johan, read, {"_till": "samtycke"})
    assert 'value="2024-01-12"' in back.content.decode() and signed(anders) != dt.date(2024, 1, 12)
    done = send(johan, read)
    assert "Rättelsen är sparad" in words(done) and "alla deltaganden" not in words(done)
    assert signed(anders) == factories.identitet_of(anders).undertecknat == dt.date(2024, 1, 12)
    with factories.as_system():
        [told] = samtycke_changes(factories.samtycke_of(anders).pk)
    assert str(told.registrerad_av) == "Johan Prov" and told.skal == "annan_uppgift"


@pytest.mark.parametrize("answer", ["mina", "deras"])
def test_the_samtycke_was_corrected_meanwhile(
    johan: Client, anders: Deltagande, cast: Cast, answer: str
) -> None:
    read = send(johan, correction(johan, anders, "samtycket"), LATER)
    correct_as_karin(cast, anders, dt.date(2024, 1, 11))
    page = send(johan, read)
    assert page.status_code == 409 and "Karin Kollega rättade samtycket" in words(page)
    done = words(send(johan, page, {"val": answer}))
    assert ("Rättelsen är sparad" in done) == (answer == "mina")
    assert ("Det som redan var sparat gäller" in done) == (answer == "deras")
    assert signed(anders) == dt.date(2024, 1, 12 if answer == "mina" else 11)


def test_the_same_of_the_samtycke_was_saved_meanwhile(johan: Client, anders: Deltagande, cast: Cast) -> None:
    read = send(johan, correction(johan, anders, "samtycket"), LATER)
    correct_as_karin(cast, anders, dt.date(2024, 1, 12))
    done = words(send(johan, read))
    assert "Någon annan har redan sparat samma sak" in done and "Rättelsen är sparad" not in done


def test_no_samtycke_of_what_was_not_found_or_is_locked(
    kajsa: Client, johan: Client, anders: Deltagande, elsewhere: Deltagande
) -> None:
    path = here(search(kajsa))
    before = len(looks())
    assert kajsa.get(f"{path}{elsewhere.pk}/samtycket/").status_code == 404
    assert last_looks(before) == [("last", "rätta", "nekat")]
    path = here(search(johan))
    Identitet.unscoped.filter(deltagande=anders).update(
        begransad=dt.datetime.now(dt.UTC), begransad_orsak="skyddad"
    )
    assert f"{anders.pk}/samtycket/" not in johan.get(path).content.decode()
    assert led_to(johan.get(f"{path}{anders.pk}/samtycket/", follow=True)) == path

"""A corrected name and a new number, by the page: read back, saved once, nothing of the old ones left or shown."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from finsam_site.access.roles import Roll
from registration.models import Deltagande, Identitet, Inregistrering, Nummerhash, Person, Utkast
from registration.personnummer import parse
from registration.rules.change_number import change_number
from registration.rules.erase import withdraw_samtycke
from registration.rules.names import NyttNamn, Skal, correct_names
from registration.rules.reveal import decrypt
from tests import factories, numbers
from tests.registration.pages.conftest import (
    Cast,
    errors_of,
    hidden_of,
    led_to,
    looks,
    send,
    text_of,
    title_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both]

REASON = "Har fått personnummer"
NEW = {"vad": "nytt"}
ANDERSSON = {"fornamn": "Anders", "efternamn": "Andersson", "skal": "skrev_fel"}


def url(one: Deltagande, page: str = "ratta-namn") -> str:
    return f"/deltaganden/{one.pk}/{page}/"


def names(one: Deltagande) -> tuple[str, str]:
    return factories.identitet_of(one).decrypt_names()


def stored_number(one: Deltagande) -> str:
    return decrypt(Identitet.unscoped.select_related("person").get(deltagande=one)).personnummer


def other_kon() -> str:
    """A listed number of another kön and birth year than those of anders."""
    old = factories.nummer(0)
    assert old.birth_year != 1971
    return numbers.pick(0, born=(1971, 1971), kon="K" if old.kon == "M" else "M")


def asked(client: Client, one: Deltagande, **answers: str) -> Any:
    """What the questions about a new number lead to."""
    return send(client, client.get(url(one, "nytt-personnummer")), NEW | {"orsak": REASON} | answers)


# --- The name --------------------------------------------------------------------------------------------------------


def test_the_name(eva: Client, cast: Cast, anders: Deltagande) -> None:
    place = f"/deltaganden/{anders.pk}/"
    assert url(anders) in eva.get(place).content.decode()
    form = eva.get(url(anders))
    assert 'value="Andersprov"' in form.content.decode() and "Anders" not in str(hidden_of(form))
    page = send(eva, form, ANDERSSON)
    words = text_of(page)
    assert "Efternamn Står nu Andersprov Ska stå Andersson" in words and "Varför Jag skrev fel" in words
    assert "Förnamn" not in text_of(page) and names(anders)[1] == "Andersprov"
    assert "Anders" not in title_of(page) + str(hidden_of(page))
    answer = send(eva, page, follow=False)
    assert led_to(answer) == place + "?rattad" and names(anders) == ("Anders", "Andersson")
    assert not Utkast.unscoped.exists()
    words = text_of(eva.get(led_to(answer)))
    assert "Rättelsen är sparad" in words and "Andersprov" not in words
    assert re.search(r"Namnet rättat (Eva Prov )?Varför: Jag skrev fel( Eva Prov)?", words)


def test_why_the_name_is_corrected_is_chosen(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """By whoever registers; each answer stands in the log and the time line, and older rows without one are read."""
    with factories.acting(cast.eva):
        correct_names(
            [NyttNamn(anders.pk, efternamn="Anderzén")]
        )  # as it was written before anybody was asked
    page = send(eva, eva.get(url(anders)), ANDERSSON | {"skal": ""})
    assert errors_of(page) == ["Svara på frågan ”Varför rättar du?”"]
    for n, why in enumerate(Skal):
        page = send(eva, eva.get(url(anders)), ANDERSSON | {"efternamn": f"Prov{'a' * n}", "skal": why.value})
        assert f"Varför {why.label}" in text_of(page)
        send(eva, page)
    written = [syfte for _, syfte, _ in looks(anders) if syfte.startswith("rättat namn")]
    assert written == ["rättat namn", *(f"rättat namn: {why.label}." for why in Skal)]
    words = text_of(eva.get(f"/deltaganden/{anders.pk}/"))
    assert words.count("Namnet rättat") == 4 and words.count("Varför: ") == 3
    assert all(f"Varför: {why.label}" in words for why in Skal)


def test_the_name_is_asked_for_and_changed(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = send(eva, eva.get(url(anders)), ANDERSSON | {"fornamn": ""})
    assert errors_of(page) == ["Ange förnamn."] and 'value="Andersson"' in page.content.decode()
    page = send(eva, eva.get(url(anders)), ANDERSSON | {"efternamn": "Andersprov"})
    assert errors_of(page) == ["Du har inte ändrat något. Ändra det som är fel, eller välj Avbryt."]
    assert names(anders) == ("Anders", "Andersprov")


def test_a_colleague_corrected_the_name_first(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Both are shown; mine replaces theirs, and only the one that was compared with."""
    page = send(eva, eva.get(url(anders)), ANDERSSON)
    colleague = factories.user(Roll.DELTAGARANSVARIG, insats=cast.steget, namn="Karin Kollega")
    for theirs in ("Anderzon", "Anderzén"):
        with factories.acting(colleague):
            correct_names([NyttNamn(anders.pk, efternamn=theirs)])
        page = send(eva, page, {"val": "mina"})
        words = text_of(page)
        assert page.status_code == 409 and "Karin Kollega rättade namnet" in words
        assert f"Sparat av Karin Kollega {theirs}" in words and "Dina svar Andersson" in words
        assert names(anders)[1] == theirs
    send(eva, page, {"val": "mina"})
    assert names(anders)[1] == "Andersson" and not Utkast.unscoped.exists()


def test_theirs_stays_when_it_is_chosen(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = send(eva, eva.get(url(anders)), ANDERSSON)
    with factories.as_system():
        correct_names([NyttNamn(anders.pk, efternamn="Anderzon")])
    told = text_of(send(eva, send(eva, page), {"val": "deras"}))
    assert "Det som redan var sparat gäller" in told and "Rättelsen är sparad" not in told
    assert names(anders)[1] == "Anderzon" and not Utkast.unscoped.exists()


def test_the_second_press(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = send(eva, eva.get(url(anders)), ANDERSSON)
    places = {led_to(send(eva, page, follow=False)) for _ in range(20)}
    assert places == {f"/deltaganden/{anders.pk}/?rattad"}
    written = [one for one in looks(anders) if one[1].startswith("rättat namn")]
    assert written == [("andrat", "rättat namn: Jag skrev fel.", "utfort")]
    page = asked(eva, anders, personnummer=numbers.pick(9))
    places = {led_to(send(eva, page, follow=False)) for _ in range(20)}
    assert places == {f"/deltaganden/{anders.pk}/?rattad"}
    assert Inregistrering.unscoped.filter(deltagande=anders).count() == 2


def test_an_old_window_after_another_saved_something_else(
    eva: Client, cast: Cast, anders: Deltagande
) -> None:
    """Of names and numbers too: what holds is the user's own, and not what the page said."""
    old_name = send(eva, eva.get(url(anders)), ANDERSSON)
    old_number = asked(eva, anders, personnummer=numbers.pick(9))
    Utkast.unscoped.all().delete()
    send(eva, send(eva, eva.get(url(anders)), ANDERSSON | {"efternamn": "Anderzon"}))
    send(eva, asked(eva, anders, personnummer=numbers.pick(8)))
    for page in (old_name, old_number):
        words = text_of(send(eva, page))
        assert "Utkastet finns inte längre. Här står det som är sparat nu." in words
        assert "Rättelsen är sparad" not in words
    assert names(anders)[1] == "Anderzon" and stored_number(anders) == numbers.pick(8)


def test_what_is_typed_is_a_draft(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Each part in the draft of corrections, found again where it was typed; gone with the person."""
    send(eva, eva.get(url(anders)), {"fornamn": "Andrea", "efternamn": ""})
    assert 'value="Andrea"' in eva.get(url(anders)).content.decode()
    again = f"/deltaganden/{anders.pk}/ratta-inregistreringen/?fortsatt"
    assert led_to(eva.get(again)) == url(anders)
    asked(eva, anders, personnummer=numbers.pick(9), orsak="")
    assert led_to(eva.get(again)) == url(anders, "nytt-personnummer")
    assert Utkast.unscoped.get().nummerhash is not None
    question = send(eva, eva.get(url(anders)), {"fornamn": "Andrea", "_lamna": "1"})
    assert "Vill du behålla utkastet?" in text_of(question)
    with factories.as_system():
        withdraw_samtycke([anders.pk])
    assert not Utkast.unscoped.exists()


# --- The number ------------------------------------------------------------------------------------------------------


def test_a_new_number(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """What changes is read back, with how far it reaches; the old number is only to be found by."""
    place, old, new = f"/deltaganden/{anders.pk}/", factories.nummer(0), other_kon()
    with factories.as_system():
        also = factories.registered(0, insats=cast.sista)
    form = eva.get(url(anders, "nytt-personnummer"))
    assert old.digits not in form.content.decode()
    page = send(eva, form, NEW | {"personnummer": new, "orsak": REASON})
    words = text_of(page)
    assert f"Nytt nummer {new[:8]}-{new[8:]}" in words and "Födelseår 1971" in words and "Nu: " in words
    assert "personens 2 deltaganden i dina insatser" in words and "Det gamla numret sparas inte" in words
    assert (
        new
        not in title_of(page)
        + str(hidden_of(page))
        + page.request["PATH_INFO"]
        + page.request["QUERY_STRING"]
    )
    assert stored_number(anders) == old.digits
    answer = send(eva, page, follow=False)
    assert led_to(answer) == place + "?rattad"
    assert stored_number(anders) == stored_number(also) == new
    words = text_of(eva.get(led_to(answer)))
    assert "Nytt personnummer Kön:" in words and f"Varför: {REASON}" in words and "Född" not in words
    assert new not in words and old.digits not in words
    for one in (anders, also):
        before, after = Inregistrering.unscoped.filter(deltagande=one).order_by("nr")
        assert (before.fodelsear, after.fodelsear) == (old.birth_year, 1971)
    found = eva.post("/sok/", {"sok": old.digits})
    assert "Andersprov, Anders" in text_of(found)


def test_only_the_number_changes(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Kön and birth year as they were: why it was changed stands in the time line all the same."""
    old = factories.nummer(0)
    alike = (numbers.pick(n, born=(old.birth_year, old.birth_year), kon=old.kon) for n in range(2))
    same = next(one for one in alike if one != old.digits)
    page = asked(eva, anders, personnummer=same)
    assert text_of(page).count("Ändras inte") == 2
    words = text_of(send(eva, page))
    assert f"Nytt personnummer Varför: {REASON} Eva Prov" in words


@pytest.mark.parametrize(
    ("typed", "told"), [("", "Ange det rätta numret."), ("12345", "siffror"), ("2012-12-12", "siffror")]
)
def test_the_parser_says_what_is_wrong(
    eva: Client, cast: Cast, anders: Deltagande, typed: str, told: str
) -> None:
    page = asked(eva, anders, personnummer=typed)
    assert told in errors_of(page)[0] and 'href="#id_personnummer"' in page.content.decode()


def test_a_reason_is_asked_for(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = asked(eva, anders, personnummer=numbers.pick(9), orsak=" ")
    assert errors_of(page) == ["Skriv varför, till exempel ”Har fått personnummer” eller ”Skrev av fel”."]


def test_the_number_that_the_person_has(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = asked(eva, anders, personnummer=factories.nummer(0).digits)
    assert errors_of(page) == [
        "Det är numret som personen redan har. Kontrollera vilket nummer som är det rätta."
    ]


def test_what_is_odd_is_confirmed(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = asked(eva, anders, personnummer=numbers.pick(0, born=(2014, 2015)))
    assert "Ovanligt, men möjligt" in text_of(page)
    assert errors_of(send(eva, page)) and stored_number(anders) == factories.nummer(0).digits
    send(eva, page, {"bekraftat": "on"})
    assert stored_number(anders) == numbers.pick(0, born=(2014, 2015))


def test_the_number_of_somebody_in_the_own_insatser(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Told by name that the two become one, and confirmed: nothing undoes it."""
    with factories.as_system():
        factories.registered(1, insats=cast.sista, fornamn="Andreas", efternamn="Dubbelprov")
    page = asked(eva, anders, personnummer=factories.nummer(1).digits)
    assert "Ovanligt, men möjligt Andreas Dubbelprov i dina insatser har redan det numret." in text_of(page)
    page = send(eva, page)
    assert errors_of(page) == ["Läs det ovanliga och kryssa för att det stämmer, eller ändra svaret."]
    assert Person.unscoped.count() == 2
    send(eva, page, {"bekraftat": "on"})
    assert Person.unscoped.count() == 1


def test_somebody_elsewhere_is_not_told_of(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """The same page as for a number that nobody has."""
    with factories.as_system():
        factories.registered(1, insats=cast.framtid, fornamn="Andreas", efternamn="Dubbelprov")
    free, taken = numbers.pick(5), factories.nummer(1).digits
    pages = []
    for typed in (free, taken):
        words = text_of(asked(eva, anders, personnummer=typed))
        pages.append(
            re.sub(
                r"Nytt nummer \S+ Kön \S+ (Nu: \w+|Ändras inte) Födelseår \d+ (Nu: \d+|Ändras inte)",
                "",
                words,
            )
        )
    assert pages[0] == pages[1] and "Dubbelprov" not in pages[0]


def test_two_at_the_same_time_in_the_own_insats(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.as_system():
        factories.registered(1, insats=cast.steget, fornamn="Andreas", efternamn="Dubbelprov")
    page = asked(eva, anders, personnummer=factories.nummer(1).digits)
    assert "Numret hör till en annan person i Steget vidare" in errors_of(page)[0]
    assert 'href="#id_personnummer"' in page.content.decode() and Person.unscoped.count() == 2


def test_a_clash_elsewhere_says_only_that_it_cannot_be_done_here(
    eva: Client, cast: Cast, anders: Deltagande
) -> None:
    """The persons overlap in an insats that the user does not see: neither insats, day nor name is told."""
    with factories.as_system():
        factories.registered(0, insats=cast.framtid)
        factories.registered(1, insats=cast.framtid, fornamn="Andreas", efternamn="Dubbelprov")
    page = asked(eva, anders, personnummer=factories.nummer(1).digits)
    assert errors_of(page) == [
        "Det går inte att ange det numret här. Kontrollera numret. Stämmer det hjälper dataskyddsombudet till."
    ]
    for told in ("Ung framtid", "Dubbelprov", "2024-01-15"):
        assert told not in text_of(page)


def test_a_colleague_changed_the_number_first(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = asked(eva, anders, personnummer=numbers.pick(9))
    colleague = factories.user(Roll.DELTAGARANSVARIG, insats=cast.steget, namn="Karin Kollega")
    theirs = numbers.pick(8)
    with factories.acting(colleague):
        change_number(anders.pk, parse(theirs, today=dt.date(2024, 1, 1)), orsak="Nytt.")
    both = send(eva, page)
    assert both.status_code == 409 and "Karin Kollega bytte personens nummer" in text_of(both)
    assert f"{theirs[:8]}-{theirs[8:]}" in text_of(both) and stored_number(anders) == theirs
    assert errors_of(send(eva, both)) == ["Svara på frågan ”Vilka svar ska gälla?”"]
    send(eva, both, {"val": "mina", "orsak": REASON})
    assert stored_number(anders) == numbers.pick(9)
    assert Nummerhash.unscoped.filter(person=factories.identitet_of(anders).person_id).count() == 3


def test_two_become_one_only_when_that_is_ticked(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Also when a colleague was first and the own answers are to hold."""
    with factories.as_system():
        factories.registered(1, insats=cast.sista, fornamn="Andreas", efternamn="Dubbelprov")
    page = asked(eva, anders, personnummer=factories.nummer(1).digits)
    colleague = factories.user(Roll.DELTAGARANSVARIG, insats=cast.steget, namn="Karin Kollega")
    with factories.acting(colleague):
        change_number(anders.pk, parse(numbers.pick(8), today=dt.date(2024, 1, 1)), orsak="Nytt.")
    both = send(eva, page, {"bekraftat": "on"})
    assert both.status_code == 409
    asked_again = send(eva, both, {"val": "mina", "orsak": REASON})
    assert "Andreas Dubbelprov i dina insatser har redan det numret." in text_of(asked_again)
    assert Person.unscoped.count() == 2
    send(eva, asked_again, {"bekraftat": "on"})
    assert Person.unscoped.count() == 1


def changed_elsewhere(cast: Cast, number: str) -> None:
    """Anders takes part in another förbund too, and somebody there changes the number."""
    with factories.as_system():
        other = factories.registered(0, insats=cast.framtid)
    stranger = factories.user(Roll.DELTAGARANSVARIG, insats=cast.framtid, namn="Frida Främling")
    factories.as_if_committed()
    with factories.acting(stranger):
        change_number(other.pk, parse(number, today=dt.date(2024, 1, 1)), orsak="Mötte Skattekontoret.")


def test_who_changed_the_number_elsewhere_is_not_told(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Neither who nor why: both would tell where else the person is known."""
    changed_elsewhere(cast, other_kon())
    page = eva.get(f"/deltaganden/{anders.pk}/")
    said = text_of(page)
    assert "Nytt personnummer Kön:" in said and "Någon utanför insatsen" in said
    assert not re.search("Främling|Skattekontoret|Varför|Ung framtid", page.content.decode())


def test_a_number_changed_elsewhere_meanwhile(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Nor where two are compared."""
    page = asked(eva, anders, personnummer=numbers.pick(9))
    corrected = eva.get(f"/deltaganden/{anders.pk}/ratta-inregistreringen/")
    answers = {
        one.html_name: one.value() for one in corrected.context["form"] if one.value() not in (None, "")
    }
    corrected = send(eva, corrected, answers | {"startdatum": "2024-01-17", "orsak": "Intyg."})
    changed_elsewhere(cast, other_kon())
    for both, told in (
        (send(eva, page), "Någon utanför insatsen bytte personens nummer"),
        (send(eva, corrected), "Någon utanför insatsen rättade uppgifterna"),
    ):
        assert both.status_code == 409 and told in text_of(both)
        assert "Främling" not in both.content.decode()


# --- Who, and the log ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["ratta-namn", "nytt-personnummer"])
def test_each_page_is_one_look_and_others_see_nothing(
    eva: Client, cast: Cast, anders: Deltagande, as_user: Any, page: str
) -> None:
    before = len(looks(anders))
    form = eva.get(url(anders, page))
    assert looks(anders)[before:] == [("last", "rätta", "utfort")]
    names = {"fornamn": "Andrea", "efternamn": "Ny"}
    send(eva, form, NEW | names | {"personnummer": numbers.pick(9), "orsak": REASON})
    assert looks(anders)[before:] == [("last", "rätta", "utfort")] * 2
    for user, status in ((cast.olle, 404), (cast.berit, 404), (cast.ada, 403)):
        assert as_user(user).get(url(anders, page)).status_code == status


def test_a_changed_number_is_one_row_for_each_deltagande_and_one_for_the_person(
    eva: Client, cast: Cast, anders: Deltagande
) -> None:
    page, before = asked(eva, anders, personnummer=other_kon()), len(looks())
    send(eva, page, follow=False)
    assert looks()[before:] == [("andrat", "nytt personnummer", "utfort")] * 2
    assert looks(anders)[-1] == ("andrat", "nytt personnummer", "utfort")

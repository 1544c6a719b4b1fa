"""Registering in by the pages: consent before identity, nothing of the person outside the draft, saved once."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from registration.models import (
    Deltagande,
    Kod,
    Kodlista,
    Person,
    Samtycke,
    Samtyckesformular,
    Stadsdel,
    Utkast,
)
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

NUMBER = numbers.pick(3)
BEFORE: dict[str, Any] = {
    "skydd": "nej",
    "samtycke": "ja",
    "undertecknat": "2024-01-10",
    "formular": "",
    "sprak": "",
}
IDENTITY = {"personnummer": NUMBER, "fornamn": "Siv", "efternamn": "Sivprov", "kommun": "0114"}
START = {
    "startdatum": "2024-01-15", "utbildning": "gymnasium", "tid_ar": "2", "tid_manader": "3", "initierad_av": "fk",
}  # fmt: skip
SITUATION: dict[str, Any] = {
    "forsorjning": ["sjukpenning", "forsorjningsstod"], "omfattning_sjukpenning": "hel",
    "omfattning_forsorjningsstod": "del", "arbetar": "ja", "arbetar_procent": "25 %", "typ_av_arbete": "ordinarie",
    "studerar": "nej", "arbetssokande": "ja", "inskriven_af": "vet_ej",
}  # fmt: skip
STEPS = (BEFORE, IDENTITY, START, SITUATION)


def url(cast: Cast) -> str:
    return f"/insatser/{cast.steget.pk}/registrera-in/"


def go(client: Client, cast: Cast, *steps: dict[str, Any], **more: str) -> Any:
    """Answer the steps one after the other; gives the last page."""
    page = client.get(url(cast))
    for answers in steps:
        page = send(client, page, answers | more)
        assert page.status_code == 200, page.status_code
    return page


def test_the_whole_flow(eva: Client, cast: Cast) -> None:
    read_back = go(eva, cast, *STEPS)
    words = text_of(read_back)
    assert "Stämmer uppgifterna?" in words and "steg 5 av 5" in words
    for said in ("Siv Sivprov", "Upplands Väsby", "2 år och 3 månader", "25 %, ordinarie arbete", "Försäkringskassan",
                 "Försörjningsstöd, del; sjukpenning, hel", "Uppgift saknas"):  # fmt: skip
        assert said in words.replace("\u00a0", " "), said
    assert not Deltagande.unscoped.exists() and not looks()
    saved = send(eva, read_back, follow=False)
    one = Deltagande.unscoped.get()
    assert led_to(saved) == f"/deltaganden/{one.pk}/?registrerad"
    assert looks() == [("skapat", "inregistrering", "utfort")]
    version = one.aktuell_in
    assert (version.forsorjning, version.arbetar, version.studerar) == (
        "forsorjningsstod:del|sjukpenning:hel",
        25,
        0,
    )
    assert (version.arbetssokande, version.inskriven_af, version.tid_i_forsorjning_manader) == (
        True,
        None,
        27,
    )
    assert factories.identitet_of(one).undertecknat == dt.date(2024, 1, 10)
    page = eva.get(led_to(saved))
    assert "Deltagaren är registrerad" in text_of(page) and "Registrera nästa person" in text_of(page)


def test_protection_and_consent_are_asked_before_anything_else(eva: Client, cast: Cast) -> None:
    assert "personnummer" not in eva.get(url(cast)).content.decode().lower()
    # A post that jumps over the first step gets the first step.
    page = eva.post(url(cast), IDENTITY | {"_steg": "identitet"})
    assert "Innan du börjar" in text_of(page)
    first = eva.get(url(cast))
    page = send(eva, first, IDENTITY | {"_steg": "identitet"})
    assert "Innan du börjar" in text_of(page) and NUMBER not in page.content.decode()
    page = send(eva, first, {"_steg": "kontroll"})
    assert "Innan du börjar" in text_of(page)
    assert not any(row.nummerhash for row in Utkast.unscoped.all())
    assert not Deltagande.unscoped.exists()


def test_the_second_question_stands_below_the_whole_first(eva: Client, cast: Cast) -> None:
    """Between its answers the two would read as one set. It opens by the style sheet, without scripts."""
    page = eva.get(url(cast)).content.decode()
    places = [
        page.index(one) for one in ("Vet inte</label>", 'class="by-choice"', "skrivit under samtycket?")
    ]
    assert places == sorted(places)
    assert re.findall(r'value="(\w+)"[^>]*data-opens', page) == ["nej"]


@pytest.mark.parametrize(
    "answers", [{"skydd": "ja"}, {"skydd": "vet_ej"}, {"skydd": "nej", "samtycke": "nej"}], ids=str
)
def test_the_anonymous_path(eva: Client, cast: Cast, answers: dict[str, str]) -> None:
    page = go(eva, cast, answers)
    # The address says nothing of why.
    assert led_to(page) == url(cast) + "utan-personuppgifter/" and not Utkast.unscoped.exists()
    words = text_of(page)
    assert "Personen är lika välkommen i insatsen och räknas med." in words
    assert "Lägg till en kvinna" in words and "Lägg till en man" in words  # counted by the next press
    assert not Person.unscoped.exists() and not looks()


def test_nothing_of_the_person_stands_where_it_should_not(eva: Client, cast: Cast, caplog: Any) -> None:
    page = eva.get(url(cast))
    for answers in STEPS:
        page = send(eva, page, answers)
        hidden = str(hidden_of(page))
        for secret in (NUMBER, NUMBER[2:], "Sivprov", "sjukpenning"):
            assert secret not in hidden
            assert secret not in title_of(page)
    send(eva, page)
    assert NUMBER not in caplog.text and "Sivprov" not in caplog.text


def test_errors_stand_in_the_summary(eva: Client, cast: Cast) -> None:
    assert errors_of(go(eva, cast, {})) == ["Svara på frågan ”Har personen skyddade personuppgifter?”"]
    assert errors_of(go(eva, cast, {"skydd": "nej", "samtycke": "ja"})) == [
        "Svara på frågan ”Vilken dag skrevs det under?”"
    ]
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    assert (
        "ligger i framtiden" in errors_of(go(eva, cast, BEFORE | {"undertecknat": tomorrow.isoformat()}))[0]
    )
    wrong = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
    assert (
        "kontrollsiffran stämmer inte"
        in errors_of(go(eva, cast, BEFORE, IDENTITY | {"personnummer": wrong}))[0]
    )
    assert errors_of(go(eva, cast, BEFORE, {})) == [
        "Ange personnummer eller samordningsnummer.", "Ange förnamn.", "Ange efternamn.", "Välj folkbokföringskommun.",
    ]  # fmt: skip
    assert len(errors_of(go(eva, cast, BEFORE, IDENTITY, {}))) == 3
    page = go(eva, cast, BEFORE, IDENTITY, START | {"tid_manader": "12"})
    assert errors_of(page) == ["Skriv högst 11 månader, och resten som år."]
    page = go(eva, cast, *STEPS[:3], SITUATION | {"forsorjning": ["ingen", "sjukpenning"]})
    assert "både ingen offentlig försörjning och något mer" in errors_of(page)[0]
    page = go(eva, cast, *STEPS[:3], SITUATION | {"omfattning_sjukpenning": "", "arbetar_procent": "0"})
    assert errors_of(page) == [
        "Välj om sjukpenning är hel eller del.",
        "Skriv hur mycket personen arbetade, från 1 till 100 %, eller svara nej på frågan ovanför.",
    ]
    assert title_of(page).startswith("Fel: ")


def test_how_much_of_what_is_told_apart(eva: Client, cast: Cast) -> None:
    """Both questions are "Hur mycket?": in the summary they stand without the one above."""
    both = SITUATION | {"studerar": "ja"}
    for share, said in (
        ("", "Svara på hur mycket personen {}."),
        ("mycket", "Skriv hur mycket personen {} som ett helt tal från 0 till 100."),
        ("101", "Skriv hur mycket personen {} som ett helt tal från 0 till 100."),
    ):
        page = go(eva, cast, *STEPS[:3], both | {"arbetar_procent": share, "studerar_procent": share})
        assert errors_of(page) == [said.format("arbetade"), said.format("studerade")]


@pytest.mark.parametrize("day", ["1899-01-01", "2019-12-31"])
def test_a_samtycke_on_a_day_when_no_form_held_is_told_at_once(eva: Client, cast: Cast, day: str) -> None:
    """With the one version there is nothing to choose, and no advice to."""
    page = go(eva, cast, BEFORE | {"undertecknat": day})
    assert (
        errors_of(page) == [f"Samtyckesformuläret {factories.FORMULAR} gällde inte {day}. Rätta datumet."]
        and 'href="#id_undertecknat"' in page.content.decode()
    )
    assert "Vem är personen?" in text_of(send(eva, page, BEFORE))


def test_the_version_that_held_can_be_chosen(eva: Client, cast: Cast) -> None:
    Samtyckesformular.objects.create(version="ny-2", giltig_fran=dt.date(2024, 1, 1), sprak="sv")
    page = go(eva, cast, BEFORE | {"undertecknat": "2023-12-31", "formular": "ny-2"})
    said = "Samtyckesformuläret ny-2 gällde inte 2023-12-31. Rätta datumet, eller välj den version som undertecknades."
    assert errors_of(page) == [said]
    page = send(eva, page, BEFORE | {"undertecknat": "2023-12-31", "formular": "finns-inte"})
    assert len(errors_of(page)) == 1 and "ny-2" not in errors_of(page)[0]
    page = send(eva, page, BEFORE | {"undertecknat": "1899-01-01", "formular": "ny-2"})
    assert errors_of(page)[0].endswith("Rätta datumet.")
    page = send(eva, page, BEFORE | {"undertecknat": "2023-12-31", "formular": factories.FORMULAR})
    assert "Vem är personen?" in text_of(page)


def test_what_a_rule_finds_stands_at_its_step(eva: Client, cast: Cast) -> None:
    page = go(eva, cast, *STEPS)
    with factories.as_system():
        factories.registered(3, insats=cast.steget)
    page = send(eva, page)
    assert "deltar redan i insatsen" in errors_of(page)[0]
    assert Deltagande.unscoped.count() == 1


def test_a_wrong_start_is_told_on_its_own_page(eva: Client, cast: Cast) -> None:
    """At once, and alone: that codes did not hold on that day only follows from it."""
    page = go(eva, cast, BEFORE, IDENTITY, START | {"startdatum": "1890-01-01"})
    assert "Starten och bakgrunden" in text_of(page) and 'href="#id_startdatum"' in page.content.decode()
    told = "Startdatum 1890-01-01 ligger utanför insatsens tid (2020-01-01 och framåt). "
    assert errors_of(page) == [told + "Kontrollera datumet, och att det är rätt insats."]
    # The same where the later pages are answered already.
    page = send(eva, go(eva, cast, *STEPS), {"_till": "start"})
    page = send(eva, page, START | {"startdatum": "1890-01-01", "_till": "fore"})
    page = send(eva, page, SITUATION)
    assert "Starten och bakgrunden" in text_of(page) and len(errors_of(page)) == 1


def test_a_code_that_did_not_hold_is_told_by_its_label(eva: Client, cast: Cast) -> None:
    Kod.objects.filter(lista=Kodlista.UTBILDNING, kod="gymnasium").update(giltig_fran=dt.date(2024, 2, 1))
    page = go(eva, cast, BEFORE, IDENTITY, START)
    label = Kod.objects.get(lista=Kodlista.UTBILDNING, kod="gymnasium").etikett
    said = f"Alternativet ”{label}” gällde inte 2024-01-15. Välj ett som gällde då."
    assert errors_of(page) == [said] and 'href="#id_utbildning' in page.content.decode()


def test_what_is_odd_is_confirmed(eva: Client, cast: Cast) -> None:
    child = numbers.pick(0, born=(2012, 2015))
    both = SITUATION | {"omfattning_forsorjningsstod": "hel"}
    page = go(eva, cast, BEFORE, IDENTITY | {"personnummer": child, "kommun": "1480"}, START, both)
    words = text_of(page)
    assert "Ovanligt, men möjligt" in words and "Deltagare är i regel 16–74 år" in words
    assert "Kommunen hör inte till insatsens förbund." in words and "Fler än en hel försörjning" in words
    page = send(eva, page)
    assert errors_of(page) == ["Läs det ovanliga och kryssa för att det stämmer, eller ändra svaret."]
    assert not Deltagande.unscoped.exists()
    send(eva, page, {"bekraftat": "on"})
    assert Deltagande.unscoped.count() == 1


def test_longer_in_support_than_somebody_can_have_been(eva: Client, cast: Cast) -> None:
    """Odd and no more: it is confirmed, as any number is."""
    page = go(eva, cast, BEFORE, IDENTITY, START | {"tid_ar": "70"}, SITUATION)
    assert "längre än tiden sedan personen fyllde 16 år" in text_of(page)
    send(eva, page, {"bekraftat": "on"})
    assert Deltagande.unscoped.get().aktuell_in.tid_i_forsorjning_manader == 843


def test_back_and_change(eva: Client, cast: Cast) -> None:
    page = go(eva, cast, *STEPS)
    page = send(eva, page, {"_till": "identitet"})
    assert "Vem är personen?" in text_of(page) and 'value="Sivprov"' in page.content.decode()
    page = send(eva, page, IDENTITY | {"efternamn": "Nyprov"})
    assert "Siv Nyprov" in text_of(page)  # back to the answers at once, nothing is asked twice
    # What is typed is kept when going back.
    page = send(eva, page, {"_till": "start"})
    page = send(eva, page, START | {"tid_ar": "7", "_till": "identitet"})
    page = send(eva, page, IDENTITY)
    assert "7 år och 3 månader" in text_of(page)
    # A consent taken back on the way ends the flow.
    page = send(eva, page, {"_till": "innan"})
    page = send(eva, page, {"skydd": "ja"})
    assert led_to(page).endswith("/utan-personuppgifter/")
    assert not Utkast.unscoped.exists()


def test_a_strange_draft_is_refused(eva: Client, cast: Cast, as_user: Any) -> None:
    page = go(eva, cast, *STEPS)
    fields, here = hidden_of(page), led_to(page)
    for wrong in ("x", "", "1", "å", "A" * 50_000):
        for answer in (
            eva.get(url(cast), {"utkast": wrong}),
            eva.post(f"{url(cast)}?utkast={wrong}", fields),
        ):
            assert answer.status_code == 404
    elsewhere = here.replace(f"/{cast.steget.pk}/", f"/{cast.sista.pk}/")
    assert eva.get(elsewhere).status_code == eva.post(elsewhere, fields).status_code == 404
    with factories.as_system():
        factories.uppdrag(cast.olle, cast.olle.roller[0], insats=cast.steget)
    another = as_user(cast.olle)
    row = Utkast.unscoped.get()
    for path in (here, f"/utkast/{row.pk}/"):
        assert (
            another.get(path).status_code == another.post(path, fields | {"gor": "kasta"}).status_code == 404
        )
    assert Utkast.unscoped.get() == row and not Deltagande.unscoped.exists()


def test_a_draft_that_is_gone(eva: Client, cast: Cast) -> None:
    """Removed while the page was open: said in words, and what is posted then is not kept without a samtycke."""
    page = go(eva, cast, *STEPS)
    third = go(eva, cast, *STEPS[:2])
    Utkast.unscoped.all().delete()
    for answer in (send(eva, page), send(eva, third, START)):
        assert "Utkastet finns inte längre, och ingenting är registrerat." in text_of(answer)
        assert "Sivprov" not in answer.content.decode()
    assert not Deltagande.unscoped.exists() and not Utkast.unscoped.exists()


def test_the_second_post_leads_to_what_was_saved(eva: Client, cast: Cast) -> None:
    page = go(eva, cast, *STEPS)
    answers = [led_to(send(eva, page, follow=False)) for _ in range(3)]
    assert len(set(answers)) == 1 and Deltagande.unscoped.count() == 1
    assert looks() == [("skapat", "inregistrering", "utfort")]
    assert not Utkast.unscoped.exists()


def test_back_after_the_last_press_shows_what_was_saved(eva: Client, cast: Cast) -> None:
    """The browser sends or asks for the page before once more, whichever it was; nothing begins anew."""
    fourth = go(eva, cast, *STEPS[:3])
    last = send(eva, fourth, SITUATION)
    saved = led_to(send(eva, last, follow=False))
    for again, answers in ((fourth, SITUATION), (last, {"_till": "identitet"}), (last, {})):
        assert led_to(send(eva, again, answers, follow=False)) == saved
        assert eva.get(led_to(again)).headers["Location"] == saved
    assert Deltagande.unscoped.count() == 1


def test_somebody_else_was_first_with_the_person(eva: Client, cast: Cast) -> None:
    """The database refuses what the rule could not yet see; nothing is half saved and the draft is still there."""

    class Taken(Exception):
        sqlstate = "23505"

    def refuse(*_: Any, **__: Any) -> None:
        raise IntegrityError from Taken()

    page = go(eva, cast, *STEPS)
    with patch("registration.rules.register.write_in", refuse):
        answer = send(eva, page)
    told = "En kollega sparade något om samma sak i samma ögonblick, och ditt är inte sparat."
    assert [one.startswith(told) for one in errors_of(answer)] == [True]
    assert Utkast.unscoped.exists() and not Deltagande.unscoped.exists()


def test_a_fault_of_the_program_is_not_told_as_done(eva: Client, cast: Cast) -> None:
    """What the database refuses for another reason than somebody else's row is a fault, and is logged as one."""
    page = go(eva, cast, *STEPS)
    with (
        patch("registration.rules.register.write_in", side_effect=IntegrityError),
        pytest.raises(IntegrityError),
    ):
        send(eva, page)
    assert Utkast.unscoped.exists() and not Deltagande.unscoped.exists()


def test_behovsgrupp_only_where_the_form_names_it(eva: Client, cast: Cast) -> None:
    assert "behovsgrupperna" not in text_of(go(eva, cast, BEFORE, IDENTITY))
    Samtyckesformular.objects.create(
        version="ny-2", giltig_fran=dt.date(2024, 1, 1), namner_behovsgrupp=True, sprak="sv, en"
    )
    first = eva.get(url(cast)).content.decode()
    assert first.index("ny-2") < first.index(factories.FORMULAR)  # the newest stands first and is chosen
    chosen = BEFORE | {"formular": "ny-2", "sprak": "en"}
    page = go(eva, cast, chosen, IDENTITY)
    assert "behovsgrupperna" in text_of(page) and "långtidsarbetslösa" not in text_of(page).lower()
    none = text_of(go(eva, cast, chosen, IDENTITY, START | {"behovsgrupp": ""}, SITUATION))
    assert "Behovsgrupp Ingen av dem, eller vill inte svara" in none
    page = go(eva, cast, chosen, IDENTITY, START | {"behovsgrupp": "unga_funktionsnedsattning"}, SITUATION)
    assert "Unga med funktionsnedsättning" in text_of(page) and "Engelska" in text_of(page)
    send(eva, page)
    assert Samtycke.unscoped.get().sprak == "en"
    # Changed to the form that does not name it, the answer is not kept.
    page = go(
        eva,
        cast,
        chosen,
        IDENTITY | {"personnummer": numbers.pick(4)},
        START | {"behovsgrupp": "unga_funktionsnedsattning"},
        SITUATION,
    )
    page = send(eva, page, {"_till": "innan"})
    page = send(eva, page, BEFORE | {"formular": factories.FORMULAR, "sprak": "sv"})
    assert "Unga med funktionsnedsättning" not in text_of(page)


def test_stadsdel(eva: Client, cast: Cast) -> None:
    Stadsdel.objects.create(kommun_id="1480", namn="Hisingen", giltig_fran=dt.date(2011, 1, 1))
    page = send(eva, go(eva, cast, BEFORE), IDENTITY | {"kommun": "1480"})  # a page that did not ask
    assert "Hisingen" in text_of(page) and not errors_of(page)
    page = send(eva, page, IDENTITY | {"kommun": "1480", "stadsdel": "Hisingen"})
    assert "Starten och bakgrunden" in text_of(page)


def test_who_may(eva: Client, cast: Cast, as_user: Any) -> None:
    for user, code in ((cast.eva, 200), (cast.olle, 404), (cast.berit, 404), (cast.ada, 403), (cast.ina, 403),
                       (cast.nils, 403), (cast.rita, 403)):  # fmt: skip
        client = as_user(user)
        for path in (url(cast), url(cast) + "utan-personuppgifter/"):
            assert client.get(path).status_code == code, (user, path)
        posted = client.post(url(cast), {"_steg": "innan"} | BEFORE).status_code
        assert posted == (302 if code == 200 else code)
    assert Client().get(url(cast)).status_code == 302


def test_where_nobody_can_be_registered(eva: Client, cast: Cast) -> None:
    assert "registrerar bara antal" in text_of(eva.get(f"/insatser/{cast.volym.pk}/registrera-in/"))
    Samtyckesformular.objects.all().delete()
    assert "Det finns inget samtycke att skriva under" in text_of(eva.get(url(cast)))


def test_queries(eva: Client, cast: Cast, django_assert_max_num_queries: Any) -> None:
    page = eva.get(url(cast))
    for answers, most, then in zip(STEPS, (24, 26, 32, 24), (20, 20, 20, 32), strict=True):
        with django_assert_max_num_queries(most):
            answer = send(eva, page, answers, follow=False)
        with django_assert_max_num_queries(then):
            page = eva.get(led_to(answer))
    with django_assert_max_num_queries(54):
        send(eva, page, follow=False)

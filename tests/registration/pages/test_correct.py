"""Correcting by the page: filled in with what holds, old beside new, a reason, saved once as a new version."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from finsam_site.access.roles import Roll
from finsam_site.access.sealed_columns import open_text
from registration.models import Deltagande, Inregistrering, Kod, Kodlista, Utkast, Utregistrering
from registration.rules.change_number import in_uppgifter
from registration.rules.correct import Rattelse, correct
from tests import factories
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


def url(one: Deltagande, part: str = "in") -> str:
    return f"/deltaganden/{one.pk}/ratta-{part}registreringen/"


def filled_in(page: Any) -> dict[str, Any]:
    """What a browser would send of the page's last form, as it stands."""
    form = page.content.decode().split("<form")[-1]
    said: dict[str, Any] = {}
    for field in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', field), re.search(r'value="([^"]*)"', field)
        kind = re.search(r'type="([^"]*)"', field)
        if name and (kind and kind[1] in ("text", "hidden") or " checked" in field):
            said.setdefault(name[1], []).append(value[1] if value else "")
    for name, options in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', form, re.S):
        said[name] = re.findall(r'<option value="([^"]*)" selected', options)
    return said


def corrected(client: Client, page: Any, **answers: Any) -> Any:
    """The page that the form with these answers changed leads to."""
    return send(client, page, filled_in(page) | {"orsak": "Fel på anmälan"} | answers)


def versions(one: Deltagande) -> list[Inregistrering]:
    return list(Inregistrering.unscoped.filter(deltagande=one).order_by("nr"))


def test_the_in_registration(eva: Client, cast: Cast, anders: Deltagande) -> None:
    place = f"/deltaganden/{anders.pk}/"
    assert url(anders) in eva.get(place).content.decode()
    form = eva.get(url(anders))
    assert (
        "Anders Andersprov i Steget vidare" in text_of(form) and 'value="2024-01-15"' in form.content.decode()
    )
    page = corrected(eva, form, startdatum="2024-01-16")
    words = text_of(page)
    assert "Startdatum Står nu 15 januari 2024 Ska stå 16 januari 2024" in words and "Fel på anmälan" in words
    assert "Försörjning" not in words and "Utbildning" not in words  # only what is changed
    assert "Andersprov" not in title_of(page) + str(hidden_of(page)) and len(versions(anders)) == 1
    answer = send(eva, page, follow=False)
    assert led_to(answer) == place + "?rattad" and not Utkast.unscoped.exists()
    old, new = versions(anders)
    assert (old.startdatum, new.startdatum) == (dt.date(2024, 1, 15), dt.date(2024, 1, 16))
    assert (
        open_text(new, "orsak_krypterad") == "Fel på anmälan"
        and new.registrerad > old.registrerad
        and old.forsorjning == new.forsorjning
    )
    assert "Rättelsen är sparad" in text_of(eva.get(led_to(answer)))


def test_a_reason_with_the_words_of_another_change(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """The time line says what was done, whatever was written of it, and all that was written."""
    page = corrected(eva, eva.get(url(anders)), startdatum="2024-01-16", orsak="Nytt personnummer: se ärende")
    words = text_of(send(eva, page))
    assert "Inregistreringen rättad" in words and "Varför: Nytt personnummer: se ärende" in words
    assert "Nytt personnummer Startdatum" not in words


def test_nothing_changed_is_said_and_not_saved(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = corrected(eva, eva.get(url(anders)))
    assert errors_of(page) == ["Du har inte ändrat något. Ändra det som är fel, eller välj Avbryt."]
    assert len(versions(anders)) == 1


def test_a_reason_is_asked_for_and_the_rules_hold(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = corrected(eva, eva.get(url(anders)), startdatum="2024-01-16", orsak="")
    assert errors_of(page) == ["Skriv varför du rättar, till exempel ”Fel datum på anmälan”."]
    page = corrected(eva, eva.get(url(anders)), startdatum="2019-01-16")
    assert "utanför insatsens tid" in errors_of(page)[0] and 'href="#id_startdatum"' in page.content.decode()
    assert len(versions(anders)) == 1


def test_the_out_registration(eva: Client, cast: Cast, anders: Deltagande) -> None:
    assert led_to(eva.get(url(anders, "ut"))) == f"/deltaganden/{anders.pk}/registrera-ut/"
    with factories.as_system():
        factories.registered_out(anders)
    page = corrected(eva, eva.get(url(anders, "ut")), slutdatum="2024-06-29", orsak="Slutade på fredagen")
    assert "Sista dagen Står nu 30 juni 2024 Ska stå 29 juni 2024" in text_of(page)
    send(eva, page)
    old, new = Utregistrering.unscoped.order_by("nr")
    assert (old.slutdatum, new.slutdatum) == (dt.date(2024, 6, 30), dt.date(2024, 6, 29))
    assert open_text(new, "orsak_krypterad") == "Slutade på fredagen"


def ended(lista: Kodlista, kod: str) -> None:
    """Let a code hold for the last time at the end of 2024."""
    Kod.objects.filter(lista=lista, kod=kod).update(giltig_till=dt.date(2024, 12, 31))


def test_what_was_registered_with_codes_that_no_longer_hold_can_be_corrected(
    eva: Client, cast: Cast, anders: Deltagande
) -> None:
    """They held on the day that is concerned (DOMAIN §3)."""
    with factories.as_system():
        factories.registered_out(anders)
    for lista, kod in (
        (Kodlista.AVSLUTSANLEDNING, "enligt_plan"), (Kodlista.TYP_AV_ARBETE, "ordinarie"),
        (Kodlista.FORSORJNING, "ingen"), (Kodlista.FORSORJNING, "sjukpenning"), (Kodlista.UTBILDNING, "gymnasium"),
    ):  # fmt: skip
        ended(lista, kod)
    page = corrected(eva, eva.get(url(anders, "ut")), slutdatum="2024-06-29")
    assert "Sista dagen Står nu 30 juni 2024 Ska stå 29 juni 2024" in text_of(page)
    assert "Anledning Står nu" not in text_of(page) and "Försörjning Står nu" not in text_of(page)
    send(eva, page)
    assert Utregistrering.unscoped.get(nr=2).avslutsanledning == "enligt_plan"
    page = corrected(eva, eva.get(url(anders)), startdatum="2024-01-16")
    assert "Startdatum Står nu" in text_of(page) and "Utbildning" not in text_of(page)


def test_a_code_that_came_later_is_offered_and_refused_by_the_rule(
    eva: Client, cast: Cast, anders: Deltagande
) -> None:
    """The day is chosen on the same page: which codes hold is known when it is sent."""
    Kod.objects.filter(lista=Kodlista.UTBILDNING, kod="gymnasium").update(giltig_fran=dt.date(2024, 6, 1))
    page = corrected(eva, eva.get(url(anders)), startdatum="2024-01-16")
    assert "gällde inte 2024-01-16. Välj ett som gällde då." in errors_of(page)[0]
    assert "Granska" not in title_of(page) and len(versions(anders)) == 1


def test_a_felregistrering_and_back(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.as_system():
        factories.registered_out(anders)
    page = corrected(eva, eva.get(url(anders, "ut")), avslutsanledning="felregistrering")
    send(eva, page)
    assert Utregistrering.unscoped.get(nr=2).felregistrering
    page = eva.get(url(anders, "ut"))
    again = {"avslutsanledning": "enligt_plan", "slutdatum": "2024-06-30", "forsorjning": ["ingen"], "arbetar": "nej",
             "studerar": "nej", "arbetssokande": "ja", "inskriven_af": "ja"}  # fmt: skip
    send(eva, corrected(eva, page, **again))
    assert not Utregistrering.unscoped.get(nr=3).felregistrering


def test_the_second_press(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = corrected(eva, eva.get(url(anders)), startdatum="2024-01-16")
    places = {led_to(send(eva, page, follow=False)) for _ in range(20)}
    assert places == {f"/deltaganden/{anders.pk}/?rattad"} and len(versions(anders)) == 2


def test_an_old_window_whose_draft_was_thrown_away(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """What holds is the user's own correction, but not the one on that page: nothing is said to be saved."""
    send(eva, corrected(eva, eva.get(url(anders)), startdatum="2024-01-16"))
    page = corrected(eva, eva.get(url(anders)), startdatum="2024-01-17")
    Utkast.unscoped.all().delete()
    answer = send(eva, page)
    words = text_of(answer)
    assert "Utkastet finns inte längre, och rättelsen är inte sparad" in words
    assert "Rättelsen är sparad" not in words and "registrerat" not in words.split("Börja om")[0][-80:]
    assert len(versions(anders)) == 2


def test_an_old_window_after_another_saved_something_else(
    eva: Client, cast: Cast, anders: Deltagande
) -> None:
    """The own correction that holds is newer than the page, and says something else than the page did."""
    page = corrected(eva, eva.get(url(anders)), startdatum="2024-01-17")
    Utkast.unscoped.all().delete()
    send(eva, corrected(eva, eva.get(url(anders)), startdatum="2024-01-16"))
    answer = send(eva, page)
    words = text_of(answer)
    assert "Utkastet finns inte längre. Här står det som är sparat nu." in words
    assert "Rättelsen är sparad" not in words and 'value="2024-01-16"' in answer.content.decode()
    assert [one.startdatum for one in versions(anders)] == [dt.date(2024, 1, 15), dt.date(2024, 1, 16)]
    # The mark tells nothing of what it is made from.
    assert re.fullmatch("[0-9a-f]{20}", hidden_of(page)["_sagt"])


def test_a_colleague_was_first(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Both are shown; mine become a correction of theirs, and only of the one that was compared with."""
    page = corrected(eva, eva.get(url(anders)), startdatum="2024-01-16", orsak="Min orsak")
    colleague = factories.user(Roll.DELTAGARANSVARIG, insats=cast.steget, namn="Karin Kollega")
    with factories.acting(colleague):
        said = factories.nytt_deltagande(0, insats=cast.steget, startdatum=dt.date(2024, 1, 18)).uppgifter
        correct(Rattelse(anders.pk, "Annan dag.", in_=said))
    both = send(eva, page)
    assert both.status_code == 409 and len(versions(anders)) == 2
    words = text_of(both)
    assert "Karin Kollega" in words and "18 januari 2024" in words and "16 januari 2024" in words
    assert "Min orsak" in both.content.decode()
    send(eva, both, {"val": "mina", "orsak": "Min orsak"})
    assert [one.startdatum for one in versions(anders)][1:] == [dt.date(2024, 1, 18), dt.date(2024, 1, 16)]
    assert not Utkast.unscoped.exists()


def test_somebody_else_saved_the_same(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Told as it is: the own answers, and why, are not saved; what the user saved in another window is."""
    karin = factories.user(Roll.DELTAGARANSVARIG, insats=cast.steget, namn="Karin Kollega")
    for who, told, day in ((karin, "?samma", 16), (cast.eva, "?rattad", 17)):
        last = dt.date(2024, 1, day)
        page = corrected(eva, eva.get(url(anders)), startdatum=last.isoformat())
        with factories.acting(who):
            said = in_uppgifter(versions(anders)[-1])
            correct(Rattelse(anders.pk, "Samma dag.", in_=replace(said, startdatum=last)))
        answer = send(eva, page)
        assert led_to(answer) == f"/deltaganden/{anders.pk}/{told}" and not Utkast.unscoped.exists()
        alike = "Någon annan har redan sparat samma sak Dina svar är inte sparade en gång till."
        assert (alike in text_of(answer)) == (told == "?samma")
        assert ("Rättelsen är sparad" in text_of(answer)) == (told == "?rattad")
    assert len(versions(anders)) == 3


def test_somebody_else_saved_the_same_before_it_is_read_back(
    eva: Client, cast: Cast, anders: Deltagande
) -> None:
    """What a colleague has just saved is not told as nothing changed."""
    karin = factories.user(Roll.DELTAGARANSVARIG, insats=cast.steget, namn="Karin Kollega")
    page = eva.get(url(anders))
    with factories.acting(karin):
        said = replace(in_uppgifter(versions(anders)[-1]), startdatum=dt.date(2024, 1, 16))
        correct(Rattelse(anders.pk, "Samma dag.", in_=said))
    answer = corrected(eva, page, startdatum="2024-01-16")
    assert led_to(answer) == f"/deltaganden/{anders.pk}/?samma" and len(versions(anders)) == 2


def test_the_own_other_window_was_first(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Said as it is, without a colleague; what neither says is no row of the two."""
    page = corrected(eva, eva.get(url(anders)), startdatum="2024-01-16", orsak="Min orsak")
    with factories.acting(cast.eva):
        said = factories.nytt_deltagande(0, insats=cast.steget, startdatum=dt.date(2024, 1, 18)).uppgifter
        correct(Rattelse(anders.pk, "Annan dag.", in_=said))
    both = send(eva, page)
    words = text_of(both)
    assert both.status_code == 409 and "Du sparade i ett annat fönster" in words
    assert "Du rättade uppgifterna" in words and "Sparat i det andra fönstret 18 januari 2024" in words
    assert "kollega" not in words and "av Eva Prov" not in words
    assert "Stadsdel" not in words and "Utbildning" in words


def test_what_is_typed_is_a_draft(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.as_system():
        factories.registered_out(anders)
    corrected(eva, eva.get(url(anders)), startdatum="2024-01-1")
    page = eva.get(url(anders))
    assert 'value="2024-01-1"' in page.content.decode() and not errors_of(page)
    page = corrected(eva, eva.get(url(anders, "ut")), slutdatum="2024-06-29")
    assert led_to(eva.get(url(anders) + "?fortsatt")) == url(anders, "ut")  # the part typed in last
    send(eva, page)
    assert 'value="2024-01-1"' in eva.get(url(anders)).content.decode()  # the other part is still there


def test_each_page_is_one_look_and_others_see_nothing(
    eva: Client, cast: Cast, anders: Deltagande, as_user: Any
) -> None:
    before = len(looks(anders))
    eva.get(url(anders))
    assert looks(anders)[before:] == [("last", "rätta", "utfort")]
    for user, status in ((cast.olle, 404), (cast.berit, 404), (cast.ada, 403)):
        assert as_user(user).get(url(anders)).status_code == status

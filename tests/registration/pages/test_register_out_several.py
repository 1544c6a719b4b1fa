"""Registering out several at once: chosen, answered one by one or as before, read through, all registered or nobody."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from finsam_site.access.middleware import KEPT
from finsam_site.access.roles import Roll
from registration.forms.register_out_several import MOST
from registration.models import Deltagande, Insats, Utkast, Utregistrering
from registration.rules.correct import Rattelse, correct
from registration.rules.erase import withdraw_samtycke
from registration.rules.register import register_in
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
from tests.registration.pages.test_drafts import end_session
from tests.registration.pages.test_register_out import ANSWERS

pytestmark = [pytest.mark.django_db, pytest.mark.both]

ENDED = dt.date(2024, 6, 30)
ALIKE = {"slutdatum": "2024-06-30", "avslutsanledning": "insats_upphor"}
NAMES = (
    "Anna",
    "Berit",
    "Cilla",
    "Doris",
    "Elsa",
    "Frida",
    "Greta",
    "Hanna",
    "Irma",
    "Jonna",
    "Karin",
    "Lena",
)


def choose_url(insats: Insats) -> str:
    return f"/insatser/{insats.pk}/registrera-ut/"


def one_url(one: Deltagande) -> str:
    return f"/deltaganden/{one.pk}/registrera-ut/med-andra/"


def people(insats: Insats, count: int) -> list[Deltagande]:
    """So many who are still there, by name in their order."""
    with factories.as_system():
        found = register_in([
            factories.nytt_deltagande(n, insats=insats, fornamn=NAMES[n % 12], efternamn=f"Prov{n:02}")
            for n in range(count)
        ])  # fmt: skip
    factories.as_if_committed()
    return found


def ids(chosen: Sequence[Deltagande]) -> list[str]:
    return [str(one.pk) for one in chosen]


def chosen(client: Client, insats: Insats, who: Sequence[Deltagande], **answers: Any) -> Any:
    """The page of answers, of whom is chosen."""
    return send(client, client.get(choose_url(insats)), ALIKE | {"deltagare": ids(who)} | answers)


def act(client: Client, insats: Insats, **what: Any) -> Any:
    return client.post(choose_url(insats) + "svar/", what, follow=True)


def read(client: Client, insats: Insats) -> Any:
    return client.get(choose_url(insats) + "granska/")


def ticked(page: Any) -> int:
    return len(re.findall(r'name="deltagare"[^>]* checked', page.content.decode()))


def ut(one: Deltagande) -> Utregistrering:
    return Utregistrering.unscoped.get(deltagande=one, nr=1)


# --- The whole way ---------------------------------------------------------------------------------------------------


def test_twelve_people_of_an_insats_that_has_ended(eva: Client, cast: Cast) -> None:
    """The work list leads there, everybody is ticked with the last day filled in; one answers otherwise than before."""
    twelve = people(cast.steget, 12)
    factories.end(cast.steget, ENDED)
    assert f'href="{choose_url(cast.steget)}"' in eva.get("/").content.decode()
    page = eva.get(choose_url(cast.steget))
    assert ticked(page) == 12 and 'value="2024-06-30"' in page.content.decode()
    assert "Prov00, Anna, född" in text_of(page) and "Insatsen slutade 30 juni 2024." in text_of(page)
    page = send(eva, page, ALIKE | {"deltagare": ids(twelve)})
    words = text_of(page)
    assert "0 av 12 är klara." in words and words.count("Inte besvarat") == 12
    assert words.index("Samma som före för de 12") > words.rindex(
        "Inte besvarat"
    )  # seen before it is pressed
    assert "Försörjning: Sjukpenning, hel. Arbete: Nej." in words
    page = act(eva, cast.steget, _samma="alla")
    assert "12 av 12 är klara." in text_of(page) and text_of(page).count("Samma som före") == 12
    page = send(eva, eva.get(one_url(twelve[3])), ANSWERS | {"avslutsanledning": "enligt_plan"})
    assert "Försörjning: Ingen offentlig försörjning. Arbete: 100" in text_of(page)
    page = read(eva, cast.steget)
    words = text_of(page)
    assert "Registrera ut 12 deltagare" in words and words.count("Ändrat") == 3
    for secret in ("Prov03", "ordinarie"):
        assert secret not in title_of(page) + str(hidden_of(page))
    assert not Utregistrering.unscoped.exists()
    answer = send(eva, page, follow=False)
    assert led_to(answer) == choose_url(cast.steget) + "?klart=12"
    words = text_of(eva.get(led_to(answer)))
    assert "12 deltagare är utregistrerade" in words
    assert words.count("Till deltagandena i insatsen") == 1 and "Ingen att registrera ut" not in words
    assert Utregistrering.unscoped.count() == 12 and not Utkast.unscoped.exists()
    same, other = ut(twelve[0]), ut(twelve[3])
    assert (same.slutdatum, same.avslutsanledning, same.forsorjning) == (
        ENDED,
        "insats_upphor",
        "sjukpenning:hel",
    )
    assert (other.avslutsanledning, other.forsorjning, other.arbetar) == ("enligt_plan", "ingen", 100)


def test_a_few_of_an_insats_that_goes_on(eva: Client, cast: Cast) -> None:
    """The list leads there; nobody is ticked; each answer leads to the next, and back to the list after the last."""
    three = people(cast.steget, 3)
    everybody = eva.get(f"/insatser/{cast.steget.pk}/deltaganden/")
    assert f'href="{choose_url(cast.steget)}"' in everybody.content.decode()
    assert ticked(eva.get(choose_url(cast.steget))) == 0
    chosen(eva, cast.steget, three[:2])
    page = eva.get(one_url(three[0]))
    assert 'value="2024-06-30"' in page.content.decode() and "Före insatsen Sjukpenning, hel" in text_of(page)
    answer = send(eva, page, ANSWERS, follow=False)
    assert led_to(answer) == one_url(three[1])
    answer = send(eva, eva.get(one_url(three[1])), ANSWERS, follow=False)
    assert led_to(answer) == f"{choose_url(cast.steget)}svar/#p-{three[1].pk}"
    send(eva, read(eva, cast.steget))
    left = Deltagande.unscoped.filter(aktuell_ut__isnull=True)
    assert [one.pk for one in left] == [three[2].pk]


def test_same_as_before_for_one(eva: Client, cast: Cast) -> None:
    two = people(cast.steget, 2)
    chosen(eva, cast.steget, two)
    answer = eva.post(choose_url(cast.steget) + "svar/", {"_samma": str(two[1].pk)})
    assert led_to(answer).endswith(f"svar/#p-{two[1].pk}")
    page = eva.get(choose_url(cast.steget) + "svar/")
    assert "1 av 2 är klara." in text_of(page) and "Granska den som är klar" in text_of(page)
    page = read(eva, cast.steget)
    assert "1 är inte besvarad och står kvar i listan." in text_of(page)
    send(eva, page)
    assert ut(two[1]) and Utkast.unscoped.get().deltagande_id == two[0].pk


def test_same_as_before_takes_away_nothing_that_is_typed(eva: Client, cast: Cast) -> None:
    """Who is half answered is left to be answered in full."""
    two = people(cast.steget, 2)
    chosen(eva, cast.steget, two)
    send(eva, eva.get(one_url(two[0])), {"forsorjning": ["studiestod"], "arbetar": "ja"})
    page = act(eva, cast.steget, _samma="alla")
    assert "1 av 2 är klara." in text_of(page) and "Påbörjat, men inte klart" in text_of(page)
    act(eva, cast.steget, _samma=str(two[0].pk))
    page = eva.get(one_url(two[0]))
    assert re.search(r'value="studiestod"[^>]* checked', page.content.decode())


# --- Left in the middle ----------------------------------------------------------------------------------------------


def test_left_and_gone_on_with(eva: Client, cast: Cast) -> None:
    """One row of the work list leads back to the list, where everything is as it was; also to the page of one alone."""
    three = people(cast.steget, 3)
    chosen(eva, cast.steget, three)
    send(eva, eva.get(one_url(three[0])), {"slutdatum": "2024-06-2", "_lamna": "1"})
    start = eva.get("/").content.decode()
    assert "Fortsätt: registrera ut 3 deltagare ur Steget vidare" in start.replace("\u00a0", " ")
    assert f'href="{choose_url(cast.steget)}svar/"' in start
    assert start.count("Fortsätt:") == 1
    assert 'value="2024-06-2"' in eva.get(one_url(three[0])).content.decode()
    assert 'value="2024-06-2"' in eva.get(f"/deltaganden/{three[0].pk}/registrera-ut/").content.decode()
    page = eva.get(choose_url(cast.steget))
    assert "Du har börjat registrera ut 3 deltagare." in text_of(
        page
    ) and "Ingen att registrera ut" in text_of(page)


def test_what_was_typed_of_one_alone_comes_along(eva: Client, cast: Cast) -> None:
    two = people(cast.steget, 2)
    alone = f"/deltaganden/{two[0].pk}/registrera-ut/"
    send(eva, eva.get(alone), {"forsorjning": ["studiestod"], "slutdatum": "2024-05-01"})
    chosen(eva, cast.steget, two)
    page = eva.get(one_url(two[0])).content.decode()
    assert re.search(r'value="studiestod"[^>]* checked', page) and 'value="2024-06-30"' in page
    # Out of the list again: what was typed is still there, and who had nothing typed has no draft.
    act(eva, cast.steget, _ta_bort=str(two[0].pk))
    act(eva, cast.steget, _ta_bort=str(two[1].pk))
    assert re.search(r'value="studiestod"[^>]* checked', eva.get(alone).content.decode())
    assert Utkast.unscoped.get().deltagande_id == two[0].pk
    assert "registrera ut i Steget vidare" in text_of(eva.get("/"))


def test_nobody_else_sees_the_list(eva: Client, cast: Cast, as_user: Any) -> None:
    two = people(cast.steget, 2)
    chosen(eva, cast.steget, two)
    colleague = factories.user(
        Roll.DELTAGARANSVARIG, insats=cast.steget, namn="Karin Kollega", password="prov-losenord-7"
    )
    karin = as_user(colleague)
    assert led_to(karin.get(choose_url(cast.steget) + "svar/")) == choose_url(cast.steget)
    assert "Du har börjat" not in text_of(karin.get(choose_url(cast.steget)))
    for user, status in ((cast.olle, 404), (cast.berit, 404), (cast.ada, 403)):
        for page in ("", "svar/", "granska/"):
            assert as_user(user).get(choose_url(cast.steget) + page).status_code == status


def test_a_withdrawn_samtycke_is_gone_from_the_list(eva: Client, cast: Cast) -> None:
    three = people(cast.steget, 3)
    chosen(eva, cast.steget, three)
    act(eva, cast.steget, _samma="alla")
    page = read(eva, cast.steget)
    with factories.as_system():
        withdraw_samtycke([three[0].pk])
    factories.as_if_committed()
    again = send(eva, page)
    assert again.status_code == 409 and "Registrera ut 2 deltagare" in text_of(again)
    assert "Prov00" not in text_of(again) and Utkast.unscoped.count() == 2
    send(eva, again)
    assert Utregistrering.unscoped.filter(deltagande__in=three[1:]).count() == 2


# --- Faults ----------------------------------------------------------------------------------------------------------


def test_errors_of_the_choice(eva: Client, cast: Cast) -> None:
    two = people(cast.steget, 2)
    url = choose_url(cast.steget)
    assert errors_of(send(eva, eva.get(url), {})) == [
        "Kryssa för minst en som slutar.",
        "Svara på frågan ”Vilken är den sista dagen i insatsen?”",
        "Svara på frågan ”Varför slutar de?”",
    ]
    early = chosen(eva, cast.steget, two, slutdatum="2024-01-14")
    told = (
        "Den sista dagen ligger före starten för: Anna Prov00 15 januari 2024; Berit Prov01 15 januari 2024."
    )
    assert told in errors_of(early)[0].replace("\u00a0", " ")
    assert ticked(early) == 2
    outside = chosen(eva, cast.steget, two, slutdatum="2019-01-14")
    assert "utanför insatsens tid" in errors_of(outside)[0]
    for reason in ("aterkallat_samtycke", "felregistrering"):
        assert errors_of(chosen(eva, cast.steget, two, avslutsanledning=reason))
    assert not Utkast.unscoped.exists()


def test_everybody_on_the_page_is_ticked_by_a_button(eva: Client, cast: Cast) -> None:
    people(cast.steget, 3)
    page = send(eva, eva.get(choose_url(cast.steget)), {"_alla": "1", "slutdatum": "2024-06-3"})
    assert ticked(page) == 3 and 'value="2024-06-3"' in page.content.decode() and not errors_of(page)


def test_no_more_than_can_be_read_through(eva: Client, cast: Cast) -> None:
    """25 on a page and in the list; the page says so, and the rest come afterwards."""
    many = people(cast.steget, MOST + 3)
    page = eva.get(choose_url(cast.steget))
    words = text_of(page)
    assert f"Högst {MOST} åt gången. Här står {MOST} av dem som pågår." in words
    assert f"1–{MOST} av {MOST + 3} deltagare" in words and "Prov27" not in words
    assert "Prov27, Doris" in text_of(eva.get(choose_url(cast.steget) + "?sida=2"))
    chosen(eva, cast.steget, many[:MOST])
    refused = errors_of(chosen(eva, cast.steget, many[MOST:]))
    assert refused == [f"Det står redan {MOST} i listan. Registrera ut dem först, och lägg sedan till fler."]
    act(eva, cast.steget, _ta_bort=str(many[0].pk))
    refused = errors_of(chosen(eva, cast.steget, many[MOST:]))
    assert "Kryssa för högst 1, och registrera ut resten efteråt." in refused[0]
    act(eva, cast.steget, _samma="alla")
    page = send(eva, read(eva, cast.steget))
    assert f"{MOST - 1} deltagare är utregistrerade" in text_of(page) and "Prov27" in text_of(page)


def test_what_is_wrong_with_one_is_told_there(eva: Client, cast: Cast) -> None:
    """The rules are those of one alone; nobody is registered before all that is read through is right."""
    two = people(cast.steget, 2)
    chosen(eva, cast.steget, two)
    act(eva, cast.steget, _samma="alla")
    page = send(eva, eva.get(one_url(two[0])), ANSWERS | {"slutdatum": "2024-01-14"})
    assert errors_of(page) == ["Slutdatum ligger före startdatum (2024-01-15). Ändra något av dem."]
    page = eva.get(choose_url(cast.steget) + "svar/")
    assert "Slutdatum ligger före startdatum" in text_of(page) and "Rätta" in text_of(page)
    assert "Registrera ut 1 deltagare" in text_of(read(eva, cast.steget))


def test_what_is_odd_is_confirmed_by_name(eva: Client, cast: Cast) -> None:
    two = people(cast.steget, 2)
    chosen(eva, cast.steget, two)
    act(eva, cast.steget, _samma="alla")
    whole = {"forsorjning": ["sjukpenning", "studiestod"], "omfattning_sjukpenning": "hel",
             "omfattning_studiestod": "hel"}  # fmt: skip
    send(eva, eva.get(one_url(two[1])), ANSWERS | whole)
    page = read(eva, cast.steget)
    assert "Berit Prov01: Fler än en hel försörjning anges." in text_of(page)
    page = send(eva, page)
    assert errors_of(page) and not Utregistrering.unscoped.exists()
    send(eva, page, {"bekraftat": "on"})
    assert Utregistrering.unscoped.count() == 2


def test_a_felregistrering_among_them(eva: Client, cast: Cast) -> None:
    two = people(cast.steget, 2)
    chosen(eva, cast.steget, two)
    act(eva, cast.steget, _samma="alla")
    page = send(eva, eva.get(one_url(two[0])), {"avslutsanledning": "felregistrering"})
    assert "Felregistrering. Räknas inte" in text_of(page)
    send(eva, read(eva, cast.steget))
    assert ut(two[0]).felregistrering and not ut(two[1]).felregistrering


# --- Somebody else, and twice ----------------------------------------------------------------------------------------


def ready(client: Client, insats: Insats, who: Sequence[Deltagande]) -> Any:
    """Everybody answered as before and read through."""
    chosen(client, insats, who)
    act(client, insats, _samma="alla")
    return read(client, insats)


def out_by_karin(cast: Cast, one: Deltagande) -> None:
    colleague = factories.user(Roll.DELTAGARANSVARIG, insats=cast.steget, namn="Karin Kollega")
    with factories.acting(colleague):
        fresh = Deltagande.unscoped.get(pk=one.pk)
        factories.registered_out(fresh, slutdatum=dt.date(2024, 6, 1))


def test_somebody_else_has_registered_one_of_them_out(eva: Client, cast: Cast) -> None:
    """Said by name; nobody is registered by that press, the others by the next; the own answers can be compared."""
    three = people(cast.steget, 3)
    page = ready(eva, cast.steget, three)
    out_by_karin(cast, three[1])
    told = send(eva, page)
    words = text_of(told)
    assert told.status_code == 409 and "Ingen är utregistrerad än" in words
    assert "Karin Kollega registrerade ut Berit Prov01" in words and "Registrera ut 2 deltagare" in words
    assert Utregistrering.unscoped.count() == 1
    send(eva, told)
    assert ut(three[0]).slutdatum == ut(three[2]).slutdatum == ENDED
    assert ut(three[1]).slutdatum == dt.date(2024, 6, 1)
    compare = eva.get(f"/deltaganden/{three[1].pk}/registrera-ut/")
    assert "1 juni 2024" in text_of(compare) and "30 juni 2024" in text_of(compare)
    assert led_to(eva.get(one_url(three[1]))) == f"/deltaganden/{three[1].pk}/registrera-ut/"


def test_what_others_have_saved_is_let_stand(eva: Client, cast: Cast) -> None:
    """Of all whom others have registered out, in one press; the own answers about them go."""
    three = people(cast.steget, 3)
    ready(eva, cast.steget, three)
    for one in three[1:]:
        out_by_karin(cast, one)
    assert text_of(eva.get(choose_url(cast.steget) + "svar/")).count("Karin Kollega registrerade ut") == 2
    page = act(eva, cast.steget, _ta_bort="ute")
    assert "1 av 1 är klara." in text_of(page) and "Karin Kollega" not in text_of(page)
    assert Utkast.unscoped.get().deltagande_id == three[0].pk


def test_chosen_and_out_already(eva: Client, cast: Cast) -> None:
    """Between the page and the press: said by name, and the others stay ticked."""
    *three, _ = people(cast.steget, 4)
    page = eva.get(choose_url(cast.steget))
    out_by_karin(cast, three[0])
    again = send(eva, page, ALIKE | {"deltagare": ids(three)})
    assert errors_of(again) == ["Anna Prov00 är redan utregistrerad. Kontrollera de andra och fortsätt."]
    assert ticked(again) == 2
    assert "0 av 2 är klara." in text_of(send(eva, again, ALIKE | {"deltagare": ids(three[1:])}))
    nobody = send(eva, eva.get(choose_url(cast.steget)), ALIKE | {"deltagare": [str(uuid.uuid4()), "fel"]})
    assert errors_of(nobody) == [
        "Kryssa för minst en som slutar.",
        "Någon som du kryssade för finns inte kvar i insatsen. Kontrollera de andra och fortsätt.",
    ]


def test_answers_changed_in_another_window(eva: Client, cast: Cast) -> None:
    """What is registered is what was read through."""
    two = people(cast.steget, 2)
    page = ready(eva, cast.steget, two)
    send(eva, eva.get(one_url(two[0])), ANSWERS | {"slutdatum": "2024-06-29"})
    again = send(eva, page)
    assert (
        again.status_code == 409
        and "Listan har ändrats" in text_of(again)
        and "29 juni 2024" in text_of(again)
    )
    assert not Utregistrering.unscoped.exists()
    send(eva, again)
    assert ut(two[0]).slutdatum == dt.date(2024, 6, 29)


def test_many_presses_make_one_each(eva: Client, cast: Cast) -> None:
    page = ready(eva, cast.steget, people(cast.steget, 3))
    said, kind = urlencode(hidden_of(page)), "application/x-www-form-urlencoded"  # as a browser sends it
    where = choose_url(cast.steget) + "granska/"
    places = {led_to(eva.post(where, said, content_type=kind)) for _ in range(20)}
    assert places == {choose_url(cast.steget) + "?klart=3"} and Utregistrering.unscoped.count() == 3
    # And another page of the same list, read through before.
    late = eva.post(where, {"last": "x"}, follow=True)
    assert late.status_code == 200 and Utregistrering.unscoped.count() == 3


def test_all_or_nobody(eva: Client, cast: Cast) -> None:
    """A rule that refuses one of them at the last moment: nobody is registered, and the page says why."""
    two = people(cast.steget, 2)
    page = ready(eva, cast.steget, two)
    later = factories.nytt_deltagande(1, insats=cast.steget, startdatum=dt.date(2024, 7, 1)).uppgifter
    with factories.as_system():
        correct(Rattelse(two[1].pk, "Började senare.", in_=later))
    send(eva, page)
    assert not Utregistrering.unscoped.filter(deltagande=two[1]).exists()
    assert Deltagande.unscoped.filter(aktuell_ut__isnull=True).count() == 2


# --- The log and the queries -----------------------------------------------------------------------------------------


def test_each_page_is_one_look_at_each(eva: Client, cast: Cast) -> None:
    """Of everybody named on it, and none where nobody is shown."""
    two = people(cast.steget, 2)
    seen = [("last", "registrera ut", "utfort")]
    before = [len(looks(one)) for one in two]

    def new() -> list[list[tuple[str, str, str]]]:
        found = [looks(one)[at:] for one, at in zip(two, before, strict=True)]
        before[:] = [len(looks(one)) for one in two]
        return found

    page = eva.get(choose_url(cast.steget))
    assert new() == [seen, seen]
    send(eva, page, ALIKE | {"deltagare": ids(two)}, follow=False)
    assert new() == [[], []]
    eva.get(choose_url(cast.steget) + "svar/")
    assert new() == [seen, seen]
    eva.post(choose_url(cast.steget) + "svar/", {"_samma": "alla"})
    assert new() == [[], []]
    eva.get(one_url(two[0]))
    assert new() == [seen, []]
    page = read(eva, cast.steget)
    assert new() == [seen, seen]
    send(eva, page, follow=False)
    assert new() == [[("andrat", "utregistrering", "utfort")]] * 2
    page = eva.post(choose_url(cast.sista), ALIKE)
    assert page.status_code == 200


def test_an_insats_without_anybody(eva: Client, cast: Cast) -> None:
    page = eva.get(choose_url(cast.sista))
    assert "Ingen att registrera ut" in text_of(page)
    assert (
        "registrera-ut/"
        not in eva.get(reverse("registration:deltaganden", args=[cast.sista.pk])).content.decode()
    )
    for page_name in ("svar/", "granska/"):
        answer = eva.get(choose_url(cast.sista) + page_name, follow=True)
        assert led_to(answer) == choose_url(cast.sista)


def test_queries(eva: Client, cast: Cast, django_assert_max_num_queries: Any) -> None:
    """However many there are."""
    many = people(cast.steget, 20)
    with django_assert_max_num_queries(22):
        eva.get(choose_url(cast.steget))
    chosen(eva, cast.steget, many)
    act(eva, cast.steget, _samma="alla")
    with django_assert_max_num_queries(34):
        eva.get(choose_url(cast.steget) + "svar/")
    page = read(eva, cast.steget)
    with django_assert_max_num_queries(56):
        send(eva, page, follow=False)


def test_chosen_as_the_session_ended(eva: Client, cast: Cast) -> None:
    """Who was chosen is in the list, nothing is shown, and the log-in page says that it is kept."""
    chosen = people(cast.steget, 2)
    page = eva.get(choose_url(cast.steget))
    end_session(eva)
    answer = send(eva, page, ALIKE | {"deltagare": ids(chosen)})
    assert KEPT in text_of(answer) and "Prov00" not in answer.content.decode()
    assert Utkast.unscoped.count() == 2 and not Utregistrering.unscoped.exists()

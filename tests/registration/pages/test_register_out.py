"""Registering out by the page: before beside after, read back, saved once, nobody's answers lost in silence."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from finsam_site.access.sealed_columns import open_text
from registration.models import Deltagande, Kod, Kodlista, Utkast, Utregistrering
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

ANSWERS: dict[str, Any] = {
    "avslutsanledning": "enligt_plan", "slutdatum": "2024-06-30", "forsorjning": ["ingen"], "arbetar": "ja",
    "arbetar_procent": "100", "typ_av_arbete": "ordinarie", "studerar": "nej", "arbetssokande": "nej",
    "inskriven_af": "vet_ej",
}  # fmt: skip


def url(one: Deltagande) -> str:
    return f"/deltaganden/{one.pk}/registrera-ut/"


def read_back(client: Client, one: Deltagande, answers: dict[str, Any] = ANSWERS) -> Any:
    return send(client, client.get(url(one)), answers)


def test_who_left_while_a_code_held_is_registered_out_with_it(
    eva: Client, cast: Cast, anders: Deltagande
) -> None:
    """Registered late, when another code has taken its place; the new one did not hold on the last day."""
    reasons = Kod.objects.filter(lista=Kodlista.AVSLUTSANLEDNING)
    reasons.filter(kod="enligt_plan").update(giltig_till=dt.date(2024, 12, 31))
    reasons.create(
        lista=Kodlista.AVSLUTSANLEDNING, kod="nyare", etikett="nyare anledning", ordning=99,
        giltig_fran=dt.date(2025, 1, 1),
    )  # fmt: skip
    assert "30 juni 2024" in text_of(read_back(eva, anders))
    refused = read_back(eva, anders, ANSWERS | {"avslutsanledning": "nyare"})
    assert errors_of(refused) == [
        "Alternativet ”nyare anledning” gällde inte 2024-06-30. Välj ett som gällde då."
    ]


def test_out(eva: Client, cast: Cast, anders: Deltagande) -> None:
    form = eva.get(url(anders))
    words = text_of(form)
    assert "Före insatsen Sjukpenning, hel" in words and "Anders Andersprov i Steget vidare" in words
    assert (
        "återkallat samtycke" not in form.content.decode().split("<select")[1].split("</select>")[0].lower()
    )
    page = send(eva, form, ANSWERS)
    words = text_of(page).replace("\u00a0", " ")
    assert "100 %, ordinarie arbete Före insatsen: Nej" in words and "30 juni 2024" in words
    for secret in ("Andersprov", "ordinarie", factories.nummer(0).digits):
        assert secret not in str(hidden_of(page)) and secret not in title_of(page)
    assert not Utregistrering.unscoped.exists()
    answer = send(eva, page, follow=False)
    assert led_to(answer) == f"/deltaganden/{anders.pk}/?utregistrerad" and not Utkast.unscoped.exists()
    version = Utregistrering.unscoped.get()
    assert (version.slutdatum, version.avslutsanledning) == (dt.date(2024, 6, 30), "enligt_plan")
    assert (version.forsorjning, version.arbetar, version.inskriven_af) == ("ingen", 100, None)
    assert "Deltagaren är utregistrerad" in text_of(eva.get(led_to(answer)))


def test_how_much_of_what_is_told_apart(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = read_back(eva, anders, ANSWERS | {"arbetar_procent": "", "studerar": "ja"})
    assert errors_of(page) == [f"Svara på hur mycket personen {what}." for what in ("arbetar", "studerar")]


def test_each_page_is_one_look(eva: Client, cast: Cast, anders: Deltagande) -> None:
    before = len(looks(anders))
    page = read_back(eva, anders)
    assert looks(anders)[before:] == [("last", "registrera ut", "utfort")] * 2
    send(eva, page, follow=False)
    assert looks(anders)[before + 2 :] == [("andrat", "utregistrering", "utfort")]


def test_errors(eva: Client, cast: Cast, anders: Deltagande) -> None:
    everything = errors_of(read_back(eva, anders, {}))
    assert len(everything) == 7
    assert ["Varför slutar" in everything[0], "sista dagen" in everything[1]] == [
        True,
        True,
    ]  # as on the page
    early = read_back(eva, anders, ANSWERS | {"slutdatum": "2024-01-14"})
    assert errors_of(early) == ["Slutdatum ligger före startdatum (2024-01-15). Ändra något av dem."]
    assert 'href="#id_slutdatum"' in early.content.decode()
    assert "Fel: " in title_of(early)
    withdrawn = read_back(eva, anders, ANSWERS | {"avslutsanledning": "aterkallat_samtycke"})
    assert errors_of(withdrawn)
    assert not Utregistrering.unscoped.exists()


def test_a_felregistrering_closes_the_other_questions(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """All reasons but that one keep them open, and so does none; the reason itself is never closed."""
    page = eva.get(url(anders)).content.decode()
    reasons = re.findall(r"<option [^>]*>", page.split('name="avslutsanledning"')[1].split("</select>")[0])
    closing = [one for one in reasons if "data-opens" not in one]
    assert len(reasons) > 2 and len(closing) == 1 and "felregistrering" in closing[0]
    before, *opened = page.split('class="by-choice"')
    assert 'name="avslutsanledning"' in before and 'name="slutdatum"' in opened[0]
    for name in ("_samma", "forsorjning", "arbetar", "inskriven_af"):
        assert f'name="{name}"' in opened[1] and f'name="{name}"' not in before + opened[0]


def test_what_was_answered_before_stands_in_its_question(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """After the words of the question and before its answers, so that it is not read with the question before."""
    page = eva.get(url(anders)).content.decode()
    question = page.split("<legend>Arbetar personen?")[1].split("</fieldset>")[0]
    assert question.index('id="id_arbetar_beside"') < question.index('name="arbetar"')
    assert page.count('class="answer-before"') == 5


def test_a_felregistrering_asks_nothing_more(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = read_back(eva, anders, {"avslutsanledning": "felregistrering"})
    assert "räknas inte någonstans" in text_of(page)
    # What is left in the closed questions is neither looked at nor kept.
    left = {
        "avslutsanledning": "felregistrering",
        "slutdatum": "igår",
        "arbetar": "ja",
        "arbetar_procent": "900",
    }
    page = read_back(eva, anders, left)
    assert "räknas inte någonstans" in text_of(page) and not errors_of(page)
    send(eva, page)
    version = Utregistrering.unscoped.get()
    assert version.felregistrering and version.slutdatum is None and version.forsorjning is None


def test_as_before_fills_in_and_loses_nothing(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Only when asked for; what else was typed stays, and the answers can be changed before they are read back."""
    page = eva.get(url(anders))
    assert " checked" not in page.content.decode()
    page = send(eva, page, {"slutdatum": "2024-06-3", "avslutsanledning": "flytt", "_samma": "1"})
    text = page.content.decode()
    assert 'value="2024-06-3"' in text and not errors_of(page)
    assert re.search(r'value="sjukpenning"[^>]* checked', text) and not Utregistrering.unscoped.exists()
    same = {"forsorjning": ["sjukpenning"], "omfattning_sjukpenning": "hel", "arbetar": "nej", "studerar": "nej",
            "arbetssokande": "nej", "inskriven_af": "nej"}  # fmt: skip
    for name, value in same.items():
        assert re.search(
            rf'name="{name}" value="{value if isinstance(value, str) else value[0]}"[^>]* checked', text
        )
    send(eva, send(eva, page, same | {"slutdatum": "2024-06-30", "avslutsanledning": "flytt"}))
    out, before = Utregistrering.unscoped.get(), anders.aktuell_in
    assert (out.forsorjning, out.arbetar, out.studerar) == (
        before.forsorjning,
        before.arbetar,
        before.studerar,
    )


def test_change_and_back(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = read_back(eva, anders)
    page = send(eva, page, {"_till": "fragor"})
    assert 'value="2024-06-30"' in page.content.decode() and not errors_of(page)
    page = send(eva, page, ANSWERS | {"slutdatum": "2024-07-01"})
    send(eva, page)
    assert Utregistrering.unscoped.get().slutdatum == dt.date(2024, 7, 1)


ODD: dict[str, Any] = {
    "forsorjning": ["sjukpenning", "studiestod"],
    "omfattning_sjukpenning": "hel",
    "omfattning_studiestod": "hel",
}


def test_what_is_odd_is_confirmed(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = read_back(eva, anders, ANSWERS | ODD)
    page = send(eva, page)
    assert errors_of(page) and not Utregistrering.unscoped.exists()
    send(eva, page, {"bekraftat": "on"})
    assert Utregistrering.unscoped.exists()


def test_the_second_press(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = read_back(eva, anders)
    places = {led_to(send(eva, page, follow=False)) for _ in range(3)}
    assert places == {f"/deltaganden/{anders.pk}/?utregistrerad"} and Utregistrering.unscoped.count() == 1
    again = eva.get(url(anders), follow=True)
    assert "Deltagaren är redan utregistrerad." in text_of(again)


def test_the_draft_is_there_again(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Half answered and left: everything typed is there, and nothing complains of what is missing."""
    page = eva.get(url(anders))
    assert errors_of(send(eva, page, {"slutdatum": "2024-06-3", "forsorjning": ["ingen"]}))
    page = eva.get(url(anders))
    assert 'value="2024-06-3"' in page.content.decode() and not errors_of(page)
    assert re.search(r'value="ingen"[^>]* checked', page.content.decode())
    assert "Utkast sparat" in text_of(page)
    question = send(eva, page, {"slutdatum": "2024-06-30", "_lamna": "1"})
    assert "Vill du behålla utkastet?" in text_of(question)
    send(eva, question, {"gor": "behall"})
    assert 'value="2024-06-30"' in eva.get(url(anders)).content.decode()
    send(eva, eva.get(led_to(question)), {"gor": "kasta"})
    assert "2024-06-30" not in eva.get(url(anders)).content.decode() and not Utkast.unscoped.exists()


# --- Somebody else was first -----------------------------------------------------------------------------------------


def both(
    eva: Client, cast: Cast, anders: Deltagande, as_user: Any, own: dict[str, Any] = ANSWERS, **theirs: Any
) -> Any:
    """Eva and Olle answer at the same time, Olle saves first; gives what Eva sees when she saves."""
    with factories.as_system():
        factories.uppdrag(cast.olle, cast.olle.roller[0], insats=cast.steget)
    olle = as_user(cast.olle)
    mine = read_back(eva, anders, own)
    send(olle, read_back(olle, anders, ANSWERS | {"slutdatum": "2024-07-01"} | theirs))
    return send(eva, mine)


def test_the_second_saver_sees_both(eva: Client, cast: Cast, anders: Deltagande, as_user: Any) -> None:
    page = both(eva, cast, anders, as_user)
    words = text_of(page)
    assert page.status_code == 409 and "Olle Prov registrerade ut deltagaren" in words
    assert "1 juli 2024" in words and "30 juni 2024" in words and words.count("Skiljer sig") == 1
    assert Utregistrering.unscoped.get().slutdatum == dt.date(2024, 7, 1)
    # Going away and coming back leads here too.
    assert "1 juli 2024" in text_of(eva.get(url(anders)))
    assert errors_of(send(eva, page)) == ["Svara på frågan ”Vilka svar ska gälla?”"]
    assert errors_of(send(eva, page, {"val": "mina"})) == ["Svara på frågan ”Varför ska dina svar gälla?”"]
    assert Utregistrering.unscoped.count() == 1


def test_theirs(eva: Client, cast: Cast, anders: Deltagande, as_user: Any) -> None:
    page = both(eva, cast, anders, as_user)
    told = send(eva, page, {"val": "deras"})
    assert led_to(told) == f"/deltaganden/{anders.pk}/?deras"
    assert "Det som redan var sparat gäller Dina svar är inte sparade" in text_of(told)
    assert "Deltagaren är utregistrerad" not in text_of(told)
    assert Utregistrering.unscoped.get().slutdatum == dt.date(2024, 7, 1) and not Utkast.unscoped.exists()


def test_mine(eva: Client, cast: Cast, anders: Deltagande, as_user: Any) -> None:
    """A correction with a reason: what the other saved stays in the history."""
    page = both(eva, cast, anders, as_user)
    send(eva, page, {"val": "mina", "orsak": "Olle tog fel dag."})
    versions = Utregistrering.unscoped.order_by("nr")
    assert [one.slutdatum for one in versions] == [dt.date(2024, 7, 1), dt.date(2024, 6, 30)]
    assert not Utkast.unscoped.exists()


def test_what_is_odd_with_mine_is_confirmed(
    eva: Client, cast: Cast, anders: Deltagande, as_user: Any
) -> None:
    """Nobody asked on the way to the choice: not before it is read back with what it changes, and why."""
    page = both(eva, cast, anders, as_user, ANSWERS | ODD)
    page = send(eva, page, {"val": "mina", "orsak": "Olle tog fel."})
    assert "Ovanligt, men möjligt" in text_of(page) and Utregistrering.unscoped.count() == 1
    assert "1 juli 2024" in text_of(page) and "Olle tog fel." in text_of(page)
    page = send(eva, page)
    assert errors_of(page) and Utregistrering.unscoped.count() == 1
    # Away and back: it is still a correction of what Olle saved, and is not compared once more.
    assert "Ovanligt, men möjligt" in text_of(eva.get(f"{url(anders)}?steg=kontroll"))
    page = send(eva, page, {"_till": "fragor"})
    page = send(eva, page, ANSWERS | ODD | {"slutdatum": "2024-06-29"})
    assert page.status_code == 200 and "Ovanligt, men möjligt" in text_of(page)
    send(eva, page, {"bekraftat": "on"})
    newest = Utregistrering.unscoped.order_by("nr").last()
    assert newest is not None and (newest.nr, newest.slutdatum) == (2, dt.date(2024, 6, 29))
    assert open_text(newest, "orsak_krypterad") == "Olle tog fel." and not Utkast.unscoped.exists()


def test_odd_and_mine_and_changed_once_more(
    eva: Client, cast: Cast, anders: Deltagande, as_user: Any
) -> None:
    page = both(eva, cast, anders, as_user, ANSWERS | ODD)
    page = send(eva, page, {"val": "mina", "orsak": "Olle tog fel."})
    with factories.as_system():
        correct(Rattelse(anders.pk, "igen", ut=factories.ut_uppgifter(slutdatum=dt.date(2024, 8, 1))))
    again = send(eva, page, {"bekraftat": "on"})
    assert again.status_code == 409 and "1 augusti 2024" in text_of(again)
    assert "rättade uppgifterna" in text_of(again) and Utregistrering.unscoped.count() == 2


def test_leaving_after_somebody_else_saved(eva: Client, cast: Cast, anders: Deltagande, as_user: Any) -> None:
    """ "Avbryt" leads away, whoever was first."""
    both(eva, cast, anders, as_user)
    answers = {"_steg": "fragor", **ANSWERS, "_lamna": "1"}
    assert "Vill du behålla utkastet?" in text_of(eva.post(url(anders), answers, follow=True))


def test_changed_once_more_while_choosing(eva: Client, cast: Cast, anders: Deltagande, as_user: Any) -> None:
    page = both(eva, cast, anders, as_user)
    with factories.as_system():
        correct(Rattelse(anders.pk, "igen", ut=factories.ut_uppgifter(slutdatum=dt.date(2024, 8, 1))))
    again = send(eva, page, {"val": "mina", "orsak": "Olle tog fel dag."})
    assert again.status_code == 409 and "1 augusti 2024" in text_of(again)
    send(eva, again, {"val": "mina", "orsak": "Båda tog fel dag."})
    assert Utregistrering.unscoped.count() == 3


def test_the_same_answers_need_no_choice(eva: Client, cast: Cast, anders: Deltagande, as_user: Any) -> None:
    page = both(eva, cast, anders, as_user, slutdatum=ANSWERS["slutdatum"])
    assert led_to(page) == f"/deltaganden/{anders.pk}/?utregistrerad"


def test_half_answered_when_somebody_else_saves(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """What is typed is still there; answered in full it is compared."""
    send(eva, eva.get(url(anders)), {"slutdatum": "2024-06-30"})
    with factories.as_system():
        factories.registered_out(Deltagande.unscoped.get(pk=anders.pk), slutdatum=dt.date(2024, 7, 1))
    page = eva.get(url(anders))
    assert 'value="2024-06-30"' in page.content.decode() and "medan du fyllde i" in text_of(page)
    assert "1 juli 2024" in text_of(send(eva, page, ANSWERS))


def test_what_is_refused(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Read back without a draft: nothing is registered, and the page says so."""
    page = read_back(eva, anders)
    Utkast.unscoped.all().delete()
    assert "ingenting är registrerat" in text_of(send(eva, page))
    assert not Utregistrering.unscoped.exists()


def test_a_correction_of_nobodys_end_is_no_correction(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """A post may say that it corrects a version that there is none of: it registers out, and each page opens."""
    page = read_back(eva, anders, ANSWERS | {"sedd": "5"})
    assert page.status_code == 200 and "30 juni 2024" in text_of(page)
    assert eva.get(url(anders)).status_code == 200
    assert led_to(send(eva, page)) == f"/deltaganden/{anders.pk}/?utregistrerad"
    assert Utregistrering.unscoped.get().nr == 1


def test_queries(eva: Client, cast: Cast, anders: Deltagande, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(16):
        form = eva.get(url(anders))
    with django_assert_max_num_queries(30):
        answer = send(eva, form, ANSWERS, follow=False)
    with django_assert_max_num_queries(30):
        page = eva.get(led_to(answer))
    with django_assert_max_num_queries(42):
        send(eva, page, follow=False)

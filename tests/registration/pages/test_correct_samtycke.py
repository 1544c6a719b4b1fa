"""What was registered of the paper, corrected by the page: read back, saved once, told in the time line."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from finsam_site.access.roles import Roll
from registration.models import Deltagande, Samtycke, Utkast
from registration.rules.correct_samtycke import Samtyckesrattelse, Skal, correct_samtycke
from registration.rules.facts import load_facts
from tests import factories
from tests.registration.pages.conftest import Cast, errors_of, led_to, send, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]

LATER = {"undertecknat": "2024-01-12", "sprak": "sv", "skal": "skrev_fel"}


def url(one: Deltagande) -> str:
    return f"/deltaganden/{one.pk}/ratta-samtycket/"


def signed(one: Deltagande) -> dt.date:
    return factories.samtycke_of(one).undertecknat


def test_corrected(eva: Client, cast: Cast, anders: Deltagande) -> None:
    place = f"/deltaganden/{anders.pk}/"
    before = signed(anders)
    assert url(anders) in eva.get(place).content.decode()
    page = send(eva, eva.get(url(anders)), LATER)
    words = text_of(page)
    assert "Underskrivet Står nu" in words and "12 januari 2024" in words and "Jag skrev fel" in words
    assert "Språk" not in words and signed(anders) == before
    answer = send(eva, page, follow=False)
    assert led_to(answer) == place + "?rattad" and signed(anders) == dt.date(2024, 1, 12)
    assert not Utkast.unscoped.exists()
    said = text_of(eva.get(place))
    changed = f"ändrat från {before.day} januari 2024 → till 12 januari 2024"
    assert f"Samtycket rättat Underskrivet: {changed} Varför: Jag skrev fel" in said


def test_errors_in_words(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = eva.get(url(anders))
    assert errors_of(send(eva, page, LATER | {"undertecknat": "", "skal": ""})) == [
        "Svara på frågan ”Vilken dag skrevs det under?”",
        "Svara på frågan ”Varför rättar du?”",
    ]
    late = errors_of(send(eva, page, LATER | {"undertecknat": "2999-01-01"}))
    assert len(late) == 1 and "efter registreringen" in late[0]
    same = send(eva, page, LATER | {"undertecknat": signed(anders).isoformat()})
    assert errors_of(same) and "Underskrivet Står nu" not in text_of(same)


def test_a_colleague_was_first(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Both are shown; the own answers hold when that is chosen."""
    page = send(eva, eva.get(url(anders)), LATER)
    correct_as_karin(cast, anders, dt.date(2024, 1, 11))
    conflict = send(eva, page)
    assert conflict.status_code == 409
    assert "Karin Kollega rättade samtycket" in text_of(conflict) and "11 januari 2024" in text_of(conflict)
    send(eva, conflict, {"val": "mina"})
    assert signed(anders) == dt.date(2024, 1, 12)


def test_a_colleague_saved_the_same(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = send(eva, eva.get(url(anders)), LATER)
    correct_as_karin(cast, anders, dt.date(2024, 1, 12))
    answer = send(eva, page)
    assert led_to(answer) == f"/deltaganden/{anders.pk}/?samma"
    assert "Någon annan har redan sparat samma sak" in text_of(answer)


def test_the_second_press_and_an_old_window(eva: Client, cast: Cast, anders: Deltagande) -> None:
    old = send(eva, eva.get(url(anders)), LATER)
    Utkast.unscoped.all().delete()
    page = send(eva, eva.get(url(anders)), LATER | {"undertecknat": "2024-01-11"})
    places = {led_to(send(eva, page, follow=False)) for _ in range(3)}
    assert places == {f"/deltaganden/{anders.pk}/?rattad"} and signed(anders) == dt.date(2024, 1, 11)
    words = text_of(send(eva, old))
    assert "Här står det som är sparat nu" in words and "Rättelsen är sparad" not in words


def correct_as_karin(cast: Cast, one: Deltagande, day: dt.date, sprak: str = "sv") -> None:
    formular = factories.samtycke_of(one).formular.version
    with factories.acting(factories.user(Roll.DELTAGARANSVARIG, insats=cast.steget, namn="Karin Kollega")):
        theirs = Samtyckesrattelse(one.pk, day, formular, sprak, Skal.LASTE_FEL)
        correct_samtycke(theirs, load_facts({cast.steget.insats_id}))


def bring_language(one: Deltagande, sprak: str) -> None:
    """As an import does of a paper of which it was not known."""
    Samtycke.unscoped.filter(identitet__deltagande=one).update(sprak=sprak)


def test_nobody_is_named_for_what_an_import_brought(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Karin corrected the day before it was seen, and has nothing to do with the language."""
    correct_as_karin(cast, anders, dt.date(2024, 1, 11))
    page = send(eva, eva.get(url(anders)), LATER)
    bring_language(anders, "ar")
    conflict = send(eva, page)
    words = text_of(conflict)
    assert conflict.status_code == 409
    assert "Någon annan hann före" in words and "kollega" not in words
    assert "Samtycket har ändrats, medan du fyllde i" in words and "Sparat av någon annan" in words
    assert "Karin" not in words and "arabiska" in words.lower()


def test_nobody_is_named_when_a_correction_tells_half(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """The day was corrected meanwhile, and the language brought."""
    page = send(eva, eva.get(url(anders)), LATER)
    correct_as_karin(cast, anders, dt.date(2024, 1, 11))
    bring_language(anders, "ar")
    assert "Samtycket har ändrats, medan du fyllde i" in text_of(send(eva, page))


def test_a_colleague_is_named_before_ones_own_other_window(
    eva: Client, cast: Cast, anders: Deltagande
) -> None:
    """Karin corrected the day, and then Eva the language in another window: not all of it is Eva's own."""
    page = send(eva, eva.get(url(anders)), LATER)
    correct_as_karin(cast, anders, dt.date(2024, 1, 11))
    with factories.acting(cast.eva):
        formular = factories.samtycke_of(anders).formular.version
        hers = Samtyckesrattelse(anders.pk, dt.date(2024, 1, 11), formular, "en", Skal.LASTE_FEL)
        correct_samtycke(hers, load_facts({cast.steget.insats_id}))
    words = text_of(send(eva, page))
    assert "Karin Kollega rättade samtycket" in words and "annat fönster" not in words


def test_who_corrected_last_of_several_is_named(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Of the same day, in two steps."""
    page = send(eva, eva.get(url(anders)), LATER)
    with factories.as_system():
        bring = Samtyckesrattelse(
            anders.pk,
            dt.date(2024, 1, 9),
            factories.samtycke_of(anders).formular.version,
            "sv",
            Skal.SKREV_FEL,
        )
        correct_samtycke(bring, load_facts({cast.steget.insats_id}))
    correct_as_karin(cast, anders, dt.date(2024, 1, 11), "en")
    assert "Karin Kollega rättade samtycket" in text_of(send(eva, page))


def test_the_list_of_drafts_names_what_is_left(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """The samtycke saved, the correction of the in-registration is what is gone on with."""
    begun = eva.get(f"/deltaganden/{anders.pk}/ratta-inregistreringen/")
    send(eva, begun, {"orsak": "Fel", "_skriver": "fonster"}, follow=False)
    send(eva, send(eva, eva.get(url(anders)), LATER))
    words = text_of(eva.get("/utkast/"))
    assert "Senast sparat: Rätta inregistreringen" in words and "Rätta samtycket" not in words

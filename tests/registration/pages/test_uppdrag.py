"""Giving and ending uppdrag by the pages: from the work list to the row that is gone, and errors in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from finsam_site.access.models import Arbetsgivare, Atkomst, User
from finsam_site.access.roles import Roll
from registration.forms.uppdrag import LOOK_UPS, TOO_MANY, UNKNOWN
from registration.models import Insats, Uppdrag
from tests import factories
from tests.registration.pages.conftest import PASSWORD, Cast, errors_of, hidden_of, led_to, send, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]

AsUser = Callable[[User], Client]


@pytest.fixture
def bilal(cast: Cast) -> User:
    """Somebody with the role and without an uppdrag."""
    return factories.user(
        Roll.DELTAGARANSVARIG, namn="Bilal Prov", organisation="Åns kommun", epost="bilal@example.se",
        password=PASSWORD,
    )  # fmt: skip


@pytest.fixture
def ada(cast: Cast, as_user: AsUser) -> Client:
    LOOK_UPS.forget(str(cast.ada.pk))
    return as_user(cast.ada)


def words(answer: Any) -> str:
    return text_of(answer).replace("\u00a0", " ")


def give_url(insats: Insats) -> str:
    return reverse("registration:uppdrag_give", args=[insats.pk])


def answers(konto: str, **said: str) -> dict[str, str]:
    today = timezone.localdate().isoformat()
    return {"roll": "deltagaransvarig", "vem": "annan", "konto": konto, "fran": today, "till": ""} | said


def orphan(cast: Cast, antal: int = 7) -> Insats:
    """An insats where so many take part and nobody answers for them."""
    with factories.as_system():
        insats = factories.insats(forbund=cast.kust, namn="Ung framåt")
        for n in range(antal):
            factories.registered(n, insats=insats)
    return insats


def test_a_new_uppdrag_takes_over(cast: Cast, ada: Client, as_user: AsUser, bilal: User) -> None:
    """From the row of the work list: what it means is read, and then the row is gone and the newcomer sees them."""
    insats = orphan(cast)
    start = ada.get("/")
    assert "7 deltaganden utan deltagaransvarig" in words(start)
    assert f'href="{give_url(insats)}"' in start.content.decode()
    read = send(ada, ada.get(give_url(insats)), answers(bilal.anvandarnamn))
    assert not errors_of(read) and not Uppdrag.objects.filter(user=bilal).exists()
    assert "Stämmer uppdraget?" in words(read) and "Åns kommun" in words(read)
    assert "Bilal Prov ser från i dag de 7 deltagare som deltar i Ung framåt nu." in words(read)
    done = send(ada, read, {"bekrafta": "ja"})
    assert led_to(done) == reverse("registration:insats_uppdrag", args=[insats.pk])
    assert "Uppdraget är givet. Det gäller från i dag." in words(done) and "Bilal Prov, Åns kommun" in words(
        done
    )
    row = Uppdrag.objects.get(user=bilal)
    assert (row.insats, row.fran, row.till, row.givet_av) == (insats, timezone.localdate(), None, cast.ada)
    assert "utan deltagaransvarig" not in words(ada.get("/"))
    newcomer = as_user(bilal)
    assert "Ung framåt" in words(newcomer.get("/"))
    assert "Förnamn6" in words(newcomer.get(f"/insatser/{insats.pk}/deltaganden/"))


def test_what_was_answered_can_be_changed(cast: Cast, ada: Client, bilal: User) -> None:
    insats = orphan(cast, 1)
    read = send(ada, ada.get(give_url(insats)), answers("BILAL@example.se", till="2999-12-31"))
    assert "den deltagare som deltar i Ung framåt nu" in words(read) and "31 december 2999" in words(read)
    again = send(ada, read, {"andra": "ja"})
    page = again.content.decode()
    assert 'value="BILAL@example.se"' in page and 'value="2999-12-31"' in page and not errors_of(again)
    assert not Uppdrag.objects.filter(user=bilal).exists()


def test_sent_twice_is_given_once(cast: Cast, ada: Client, bilal: User) -> None:
    insats = orphan(cast, 1)
    read = send(ada, ada.get(give_url(insats)), answers(bilal.anvandarnamn))
    body, form = urlencode(hidden_of(read) | {"bekrafta": "ja"}), "application/x-www-form-urlencoded"
    led = {led_to(ada.post(give_url(insats), body, content_type=form)) for _ in range(2)}
    assert len(led) == 1 and Uppdrag.objects.filter(user=bilal).count() == 1


def test_a_colleague_gave_the_same_at_that_moment(
    cast: Cast, ada: Client, bilal: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at before it was there, told of by the rule: an error at the form."""
    insats = orphan(cast, 1)
    read = send(ada, ada.get(give_url(insats)), answers(bilal.anvandarnamn))
    factories.uppdrag(bilal, Roll.DELTAGARANSVARIG, insats=insats)
    monkeypatch.setattr("registration.views.uppdrag.check_uppdrag", lambda *_, **__: [])
    (error,) = errors_of(send(ada, read, {"bekrafta": "ja"}))
    assert error.startswith("Personen har redan det uppdraget")
    assert Uppdrag.objects.filter(user=bilal).count() == 1


def test_a_name_that_cannot_be_given_it_always_gets_the_same_answer(
    cast: Cast, ada: Client, bilal: User
) -> None:
    """Unknown, without the role, closed or the system's own: nobody finds out who has an account."""
    page = ada.get(give_url(cast.steget))
    without = factories.user(Roll.RAPPORTLASARE)
    User.objects.filter(pk=bilal.pk).update(is_active=False)
    for konto in ("finns.inte", without.anvandarnamn, bilal.anvandarnamn, "system", "bilal", "Bilal Prov"):
        answer = send(ada, page, answers(konto))
        assert errors_of(answer) == [UNKNOWN], konto
        assert "Åns kommun" not in words(answer)


@pytest.mark.usefixtures("one_quarter")
def test_names_cannot_be_tried_without_end(cast: Cast, ada: Client, bilal: User) -> None:
    page = ada.get(give_url(cast.steget))
    for n in range(LOOK_UPS.most):
        assert errors_of(send(ada, page, answers(f"gissning{n}"))) == [UNKNOWN]
    assert errors_of(send(ada, page, answers(bilal.anvandarnamn))) == [TOO_MANY]
    LOOK_UPS.forget(str(cast.ada.pk))


def test_errors_in_words(cast: Cast, ada: Client, bilal: User, settings: Any) -> None:
    """At their fields, and nothing is written."""
    url = give_url(cast.steget)
    rita, eva = cast.rita, cast.eva
    assert errors_of(send(ada, ada.get(url), {"fran": ""})) == [
        "Svara på frågan ”Vilket uppdrag?”", "Svara på frågan ”Vem får uppdraget?”", "Ange första dagen.",
    ]  # fmt: skip
    for said, error in (
        (answers("", vem=str(rita.pk)), "Kontot har inte rollen deltagaransvarig. Be behörighetsadministratören om "
         "den."),
        (answers("", vem=str(eva.pk)), "Personen har redan det uppdraget från 2020-01-01 och tills vidare. Avsluta det "
         "först, eller välj dagar utanför det."),
        (answers(bilal.anvandarnamn, fran="2020-01-01"), "Första dagen har redan varit. Ange i dag eller en senare "
         "dag."),
        (answers(bilal.anvandarnamn, till="2020-01-01"), "Sista dagen ligger före den första "
         f"({timezone.localdate().isoformat()}). Ändra någon av dem."),
        (answers(""), "Ange användarnamn eller e-postadress."),
    ):  # fmt: skip
        assert errors_of(send(ada, ada.get(url), said)) == [error]
    settings.FORBUND_EMPLOYEE_REGISTERS, settings.FORBUND_EMPLOYEE_DECISION = False, "dnr 7"
    User.objects.filter(pk=bilal.pk).update(arbetsgivare=Arbetsgivare.FORBUND)
    assert errors_of(send(ada, ada.get(url), answers(bilal.anvandarnamn))) == [
        "Den som är anställd av ett förbund får inte vara deltagaransvarig (beslut dnr 7). Välj någon annan."
    ]
    assert not Uppdrag.objects.filter(user=bilal).exists()


def test_many_known_stand_in_a_list(cast: Cast, ada: Client, bilal: User) -> None:
    """With the name beside it; both at once are too much."""
    for n in range(8):
        factories.user(Roll.DELTAGARANSVARIG, insats=cast.granne, namn=f"Kollega {n}")
    url = give_url(cast.steget)
    page = ada.get(url)
    assert '<select name="vem"' in page.content.decode() and "Kollega 7" in words(page)
    known = User.objects.get(namn="Kollega 3")
    both = send(ada, page, answers(bilal.anvandarnamn, vem=str(known.pk)))
    assert errors_of(both) == ["Välj i listan eller skriv ett användarnamn, inte båda."]
    neither = send(ada, page, answers("", vem=""))
    assert errors_of(neither) == ["Välj någon i listan eller skriv användarnamn eller e-postadress."]
    assert "Kollega 3 ser från i dag" in words(send(ada, page, answers("", vem=str(known.pk))))
    assert "Bilal Prov ser från i dag" in words(send(ada, page, answers(bilal.anvandarnamn, vem="")))


def test_a_stranger_cannot_be_chosen_by_number(cast: Cast, ada: Client, bilal: User) -> None:
    """What is posted for the list must stand in it: accounts are not counted through by their ids."""
    answer = send(ada, ada.get(give_url(cast.steget)), answers("", vem=str(bilal.pk)))
    assert errors_of(answer) and "Bilal" not in words(answer)


def test_an_insatsansvarig_gives_only_one_kind(cast: Cast, as_user: AsUser, bilal: User) -> None:
    ina = as_user(cast.ina)
    page = ina.get(give_url(cast.steget))
    assert "Vilket uppdrag?" not in words(page)
    read = send(
        ina, page, {"vem": "annan", "konto": bilal.anvandarnamn, "fran": timezone.localdate().isoformat()}
    )
    send(ina, read, {"bekrafta": "ja"})
    assert Uppdrag.objects.get(user=bilal).roll == Roll.DELTAGARANSVARIG
    assert ina.get(give_url(cast.volym)).status_code == 403
    assert ina.get(reverse("registration:uppdrag_give_forbund")).status_code == 403
    assert "uppdrag/nytt" not in ina.get(f"/insatser/{cast.volym.pk}/uppdrag/").content.decode()


def test_for_the_whole_forbund(cast: Cast, ada: Client) -> None:
    """Whoever reads or leads; never somebody who sees persons."""
    url = reverse("registration:uppdrag_give_forbund")
    assert "Deltagaransvarig:" not in words(ada.get(url))
    new = factories.user(Roll.RAPPORTLASARE, namn="Ruth Prov")
    read = send(ada, ada.get(url), answers(new.anvandarnamn, roll="rapportlasare"))
    assert "Ruth Prov läser från i dag uttag och rapporter." in words(read)
    done = send(ada, read, {"bekrafta": "ja"})
    assert Uppdrag.objects.get(user=new).forbund == cast.kust and "Hela förbundet" in words(done)


def test_the_list_tells_how_each_stands(cast: Cast, ada: Client) -> None:
    today, day = timezone.localdate(), dt.timedelta(days=1)
    accounts: list[tuple[str, dict[str, Any], bool]] = [
        ("Sen", {"fran": today + day}, True),
        ("Slut", {"till": today - day}, True),
        ("Stängd", {}, False),
    ]
    for namn, dates, active in accounts:
        one = factories.user(Roll.DELTAGARANSVARIG, namn=f"{namn} Prov", is_active=active)
        factories.uppdrag(one, Roll.DELTAGARANSVARIG, insats=cast.steget, **dates)
    now = words(ada.get(f"/insatser/{cast.steget.pk}/uppdrag/"))
    for said in ("Eva Prov", "Gäller", "Sen Prov", "Börjar senare", "Stängd Prov", "Kontot är avslutat"):
        assert said in now, said
    assert "Slut Prov" not in now
    assert "Slut Prov" in words(ada.get(f"/insatser/{cast.steget.pk}/uppdrag/?visa=alla"))
    everything = words(ada.get("/uppdragen/"))
    assert "Olle Prov" in everything and "Rita Prov" in everything and "Berit Prov" not in everything


def test_what_a_new_one_can_be_for(cast: Cast, ada: Client) -> None:
    orphan(cast, 2)
    page = words(ada.get("/uppdragen/nytt/"))
    assert "Ung framåt Ingen deltagaransvarig, 2 deltar nu" in page and "Hela förbundet" in page
    assert "Steget vidare 1 deltagaransvarig, 0 deltar nu" in page
    assert "Ge uppdrag i Ung framåt 2 deltaganden utan deltagaransvarig" in words(ada.get("/uppdragen/"))


def end_url(user: User, insats: Insats) -> str:
    return reverse("registration:uppdrag_end", args=[Uppdrag.objects.get(user=user, insats=insats).pk])


def test_ending_bites_at_once_and_says_who_answers_then(cast: Cast, ada: Client, as_user: AsUser) -> None:
    """The open deltaganden are counted, and stand on the work list again."""
    with factories.as_system():
        for n in range(3):
            factories.registered(n, insats=cast.granne)
    olle = as_user(cast.olle)
    assert olle.get(f"/insatser/{cast.granne.pk}/deltaganden/").status_code == 200
    page = ada.get(end_url(cast.olle, cast.granne))
    assert "Olle Prov ser sedan inte de 3 deltagare som deltar i Grannen nu" in words(page)
    assert "Ingen annan är deltagaransvarig i insatsen." in words(page)
    done = send(ada, page, {"nar": "nu"})
    assert "Uppdraget är avslutat." in words(done)
    assert olle.get(f"/insatser/{cast.granne.pk}/deltaganden/").status_code == 302
    assert "Förnamn" not in words(olle.get(f"/insatser/{cast.granne.pk}/deltaganden/", follow=True))
    assert "3 deltaganden utan deltagaransvarig" in words(ada.get("/"))


def test_ending_after_a_day(cast: Cast, ada: Client) -> None:
    other = factories.user(Roll.DELTAGARANSVARIG, insats=cast.granne)
    with factories.as_system():
        factories.registered(0, insats=cast.granne)
    url = end_url(cast.olle, cast.granne)
    assert "1 annan är deltagaransvarig i insatsen och har dem kvar." in words(ada.get(url))
    assert errors_of(send(ada, ada.get(url), {})) == ["Svara på frågan ”När ska det sluta gälla?”"]
    assert errors_of(send(ada, ada.get(url), {"nar": "dag", "till": ""})) == ["Ange sista dagen."]
    assert errors_of(send(ada, ada.get(url), {"nar": "dag", "till": "2020-01-01"})) == [
        "Dagen har redan varit. Ange i dag eller en senare dag, eller avsluta uppdraget direkt."
    ]
    last = timezone.localdate() + dt.timedelta(days=4)
    done = send(ada, ada.get(url), {"nar": "dag", "till": last.isoformat()})
    assert "Uppdraget slutar gälla efter" in words(done)
    assert Uppdrag.objects.get(user=cast.olle).till == last
    assert Uppdrag.objects.get(user=other).till is None


def test_who_may_end_which(cast: Cast, as_user: AsUser) -> None:
    """Out of scope there is nothing; in scope what one could not have given is refused; an ended one stays as it is."""
    ina, ada = as_user(cast.ina), as_user(cast.ada)
    led = factories.user(Roll.INSATSANSVARIG, insats=cast.steget)
    assert ina.get(end_url(led, cast.steget)).status_code == 403
    assert ina.get(end_url(cast.berit, cast.framtid)).status_code == 404
    own = Uppdrag.objects.get(user=cast.ada)
    assert ada.get(reverse("registration:uppdrag_end", args=[own.pk])).status_code == 403
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    Uppdrag.objects.filter(user=cast.olle).update(till=yesterday)
    answer = ada.post(end_url(cast.olle, cast.granne), {"nar": "nu"}, follow=True)
    assert "Uppdraget är redan avslutat." in words(answer)
    assert Uppdrag.objects.get(user=cast.olle).till == yesterday


def test_no_page_of_it_names_a_deltagare(cast: Cast, ada: Client, bilal: User) -> None:
    insats = orphan(cast, 2)
    looked = Atkomst.objects.count()
    for url in ("/uppdragen/", "/uppdragen/nytt/", give_url(insats), end_url(cast.eva, cast.steget)):
        assert "Förnamn" not in words(ada.get(url))
    read = send(ada, ada.get(give_url(insats)), answers(bilal.anvandarnamn))
    assert "Förnamn" not in words(read) and Atkomst.objects.count() == looked

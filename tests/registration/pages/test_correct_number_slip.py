"""A wrong number that was typed, by the page of the deltagaransvarig and of the dataskyddsgranskare: it asks whether it
is that or a new number, and what it was is nowhere afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from finsam_site.access.encryption import keyed_hash
from finsam_site.access.models import User
from registration.models import Deltagande, Inregistrering, Nummerhash, Person, Utkast
from registration.personnummer import parse
from registration.rules.change_number import change_number
from registration.rules.correct_number import correct_number
from registration.rules.erase import protect_identity, withdraw_samtycke
from tests import factories, numbers
from tests.registration.pages.conftest import Cast, errors_of, led_to, looks, send, text_of
from tests.registration.pages.person.conftest import elsewhere, here, johan, kajsa, search, words
from tests.registration.pages.test_correct_person import asked, other_kon, stored_number, url

__all__ = ["elsewhere", "johan", "kajsa"]

pytestmark = [pytest.mark.django_db, pytest.mark.both]

WHICH = "Har personen fått ett nytt nummer, eller skrev någon fel nummer?"
REASON = "Skrev av fel"
OLD = factories.nummer(0).digits


def slip(client: Client, one: Deltagande, number: str) -> Any:
    return asked(client, one, vad="fel", personnummer=number, orsak=REASON)


def slip_on_request(client: Client, number: str, *galler: str, page: Any = None) -> Any:
    page = page or search(client, syfte="ratta")
    chosen = {"galler": list(galler)} if galler else {}
    form = client.get(f"{here(page)}nummer/")
    return send(client, form, {"vad": "fel", "personnummer": number} | chosen)


def hashes() -> set[bytes]:
    return {bytes(row.hash) for row in Nummerhash.unscoped.all()}


def test_which_it_is_must_be_said(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Nothing is chosen beforehand."""
    form = eva.get(url(anders, "nytt-personnummer"))
    assert WHICH in text_of(form) and not any(" checked" in one for one in form.content.decode().split("<"))
    page = asked(eva, anders, vad="", personnummer=numbers.pick(9))
    assert errors_of(page) == [f"Svara på frågan ”{WHICH}”"] and stored_number(anders) == OLD


def test_a_slip(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Read back with what happens and how far it goes; told in the time line, one row in the log, no trace of the wrong
    number."""
    new = other_kon()
    page = slip(eva, anders, new)
    words = text_of(page)
    assert f"Vad som har hänt Fel nummer skrevs in Rätt nummer {new[:8]}-{new[8:]}" in words
    assert (
        "Rättelsen gäller bara det här deltagandet. Det hör sedan till den som har det rätta numret." in words
    )
    assert "Det felaktiga numret glöms när inget deltagande har det längre." in words
    assert "personens deltagande i dina" not in words and "andra deltaganden" not in words
    before = len(looks())
    answer = send(eva, page, follow=False)
    assert looks()[before:] == [("andrat", "personnumret rättat", "utfort")]
    assert stored_number(anders) == new and hashes() == {keyed_hash(new)} and not Utkast.unscoped.exists()
    words = text_of(eva.get(led_to(answer)))
    assert "Rättelsen är sparad" in words and "Personnumret rättat Kön:" in words
    assert f"Varför: {REASON}" in words and "Nytt personnummer" not in words
    assert new not in words and OLD not in words
    assert "Ingen" in text_of(eva.post("/sok/", {"sok": OLD}))


def test_the_others_of_the_person_stay_and_are_told_of(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """Those within reach; the one elsewhere is neither told of nor written to."""
    with factories.as_system():
        also, other = factories.registered(0, insats=cast.sista), factories.registered(0, insats=cast.framtid)
    new = numbers.pick(9)
    page = slip(eva, anders, new)
    assert (
        "I dina insatser finns ett annat deltagande med samma nummer som det här har nu. Är det fel också där rättar "
        "du det på det deltagandets sida." in text_of(page)
    )
    send(eva, page)
    assert (stored_number(anders), stored_number(also), stored_number(other)) == (new, OLD, OLD)
    assert Inregistrering.unscoped.filter(deltagande__in=[also.pk, other.pk]).count() == 2


def test_who_has_the_right_number_in_the_own_insatser(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.as_system():
        factories.registered(1, insats=cast.sista, fornamn="Andreas", efternamn="Dubbelprov")
    page = slip(eva, anders, factories.nummer(1).digits)
    words = text_of(page)
    assert "Andreas Dubbelprov i dina insatser har redan det numret." in words
    assert "När du rättar räknas deltagandet som den personens." in words
    assert errors_of(send(eva, page)) and Person.unscoped.count() == 2
    send(eva, page, {"bekraftat": "on"})
    assert Person.unscoped.count() == 1 and hashes() == {keyed_hash(factories.nummer(1).digits)}


def test_who_has_it_elsewhere_is_not_told_of(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """The page for a number that somebody elsewhere has is that for one that nobody has."""
    taken = factories.nummer(1)
    free = next(
        one
        for one in (
            numbers.pick(n, born=(taken.birth_year, taken.birth_year), kon=taken.kon) for n in range(2)
        )
        if one != taken.digits
    )
    with factories.as_system():
        factories.registered(1, insats=cast.framtid)
    pages = [
        text_of(slip(eva, anders, one)).replace(f"{one[:8]}-{one[8:]}", "") for one in (taken.digits, free)
    ]
    assert pages[0] == pages[1]


def test_a_former_number_of_somebody_in_the_own_insatser(eva: Client, cast: Cast, anders: Deltagande) -> None:
    """It is asked about; kön and birth year are those of the number of today; pressed twice it is saved once."""
    former = factories.nummer(1)
    newest = next(
        one
        for one in (parse(numbers.pick(n, born=(1995, 1995)), today=factories.START) for n in range(20))
        if one.kon != former.kon
    )
    with factories.as_system():
        bo = factories.registered(1, insats=cast.sista, fornamn="Bo", efternamn="Boprov")
        change_number(bo.pk, newest, orsak="nytt")
    factories.as_if_committed()
    page = slip(eva, anders, former.digits)
    said = text_of(page)
    assert "Det är ett nummer som personen har haft förut." in said
    assert "Bo Boprov i dina insatser har haft det numret." in said
    assert "Födelseår 1995" in said and errors_of(send(eva, page)) and stored_number(anders) == OLD
    for _ in range(2):
        done = text_of(send(eva, page, {"bekraftat": "on"}))
        assert "Rättelsen är sparad" in done and "Utkastet finns inte längre" not in done
    version = Inregistrering.unscoped.get(deltagande=anders, nr=2)
    assert (version.kon, version.fodelsear, stored_number(anders)) == (newest.kon, 1995, newest.digits)


def test_two_at_the_same_time_in_the_insats(eva: Client, cast: Cast, anders: Deltagande) -> None:
    with factories.as_system():
        factories.registered(1, insats=cast.steget)
    page = slip(eva, anders, factories.nummer(1).digits)
    assert "Numret hör till en annan person i Steget vidare" in errors_of(page)[0]


def test_a_colleague_corrected_it_first(eva: Client, cast: Cast, anders: Deltagande) -> None:
    page = slip(eva, anders, numbers.pick(9))
    with factories.acting(cast.eva):
        correct_number([anders.pk], parse(numbers.pick(8), today=factories.START), orsak=REASON)
    both = send(eva, page)
    assert both.status_code == 409 and "rättade personens nummer" in text_of(both)
    send(eva, both, {"val": "mina", "orsak": REASON})
    assert stored_number(anders) == numbers.pick(9) and hashes() == {keyed_hash(numbers.pick(9))}


# --- At the person's own request --------------------------------------------------------------------------------------


def test_the_only_one_that_was_found(johan: Client, anders: Deltagande) -> None:
    """The granskare goes on with it; a second press ends at the same page."""
    new = factories.nummer(5)
    assert errors_of(
        send(johan, johan.get(f"{here(search(johan))}nummer/"), {"personnummer": new.digits})
    ) == [f"Svara på frågan ”{WHICH}”"]
    page = slip_on_request(johan, new.digits)
    assert "Rättelsen gäller bara Steget vidare, från 2024-01-15." in words(page)
    for _ in range(2):
        done = send(johan, page)
        assert "Rättelsen är sparad" in words(done) and "Anders Andersprov" in words(done)
        assert "Steget vidare" in words(done) and new.digits not in done.content.decode()
    assert stored_number(anders) == new.digits and hashes() == {keyed_hash(new.digits)}
    assert Inregistrering.unscoped.filter(deltagande=anders).count() == 2


def test_a_former_number_of_another_on_request(johan: Client, cast: Cast, anders: Deltagande) -> None:
    """Pressed twice it ends at the same page."""
    with factories.as_system():
        bo = factories.registered(1, insats=cast.framtid)
        change_number(bo.pk, factories.nummer(5), orsak="nytt")
    factories.as_if_committed()
    page = slip_on_request(johan, factories.nummer(1).digits)
    assert "har haft det numret" in words(page) and "haft förut" in words(page)
    for _ in range(2):
        assert "Rättelsen är sparad" in words(send(johan, page, {"bekraftat": "on"}))
    assert stored_number(anders) == factories.nummer(5).digits
    assert Inregistrering.unscoped.filter(deltagande=anders).count() == 2


def test_one_of_several(johan: Client, anders: Deltagande, elsewhere: Deltagande) -> None:
    """Which is asked; what is another's is not among what was found any more, and a second press takes nothing else."""
    new = factories.nummer(5)
    assert errors_of(slip_on_request(johan, new.digits)) == ["Kryssa för minst ett deltagande."]
    other_window = slip_on_request(johan, new.digits, str(elsewhere.pk))
    page = slip_on_request(johan, new.digits, str(elsewhere.pk))
    assert "Rättelsen gäller bara Ung framtid, från 2024-01-15." in words(page)
    done = send(johan, page)
    assert "Personnumret är rättat." in words(done) and "Sök på det rätta numret" in words(done)
    assert "1 deltagande" in words(done) and "Ung framtid" not in words(done).split("1 deltagande")[1]
    assert "Rättelsen är sparad" not in words(send(johan, page))  # pressed twice: answered as the first
    assert "Personnumret är redan rättat." in words(send(johan, other_window))
    assert (stored_number(anders), stored_number(elsewhere)) == (OLD, new.digits)
    assert Inregistrering.unscoped.filter(deltagande=anders).count() == 1
    assert "Ung framtid" in words(search(johan, new.digits))


LEFT = "Ett av deltagandena finns inte här längre. Inget är ändrat. Kontrollera valet."


def test_a_colleague_corrected_one_of_those_chosen(
    johan: Client, cast: Cast, anders: Deltagande, elsewhere: Deltagande
) -> None:
    """The other still has the wrong number: it is not said to be corrected, and stays chosen."""
    new = factories.nummer(5)
    page = slip_on_request(johan, new.digits, str(anders.pk), str(elsewhere.pk))
    with factories.acting(cast.eva):
        correct_number([anders.pk], new, orsak=REASON)
    factories.as_if_committed()
    again = send(johan, page)
    said = again.content.decode()
    assert LEFT in words(again) and "redan rättat" not in words(again)
    assert f'value="{new.digits}"' in said and re.search(rf'value="{elsewhere.pk}"[^>]* checked', said)
    assert stored_number(elsewhere) == OLD and not errors_of(again)
    chosen = {"vad": "fel", "personnummer": new.digits, "galler": [str(elsewhere.pk)]}
    send(johan, send(johan, again, chosen), {"bekraftat": "on"})
    assert stored_number(anders) == stored_number(elsewhere) == new.digits


def test_one_that_was_corrected_to_another_number_is_not_said_to_be_corrected(
    johan: Client, cast: Cast, anders: Deltagande, elsewhere: Deltagande
) -> None:
    page = slip_on_request(johan, factories.nummer(5).digits, str(anders.pk))
    with factories.acting(cast.eva):
        correct_number([anders.pk], factories.nummer(6), orsak=REASON)
    factories.as_if_committed()
    assert LEFT in words(send(johan, page)) and stored_number(elsewhere) == OLD


@pytest.mark.parametrize("remove", [withdraw_samtycke, protect_identity])
def test_what_was_removed_meanwhile_is_not_said_to_be_corrected(
    johan: Client, cast: Cast, anders: Deltagande, elsewhere: Deltagande, remove: Callable[[list[Any]], Any]
) -> None:
    """What is left is not chosen instead: that is asked, though it is the only one."""
    page = slip_on_request(johan, factories.nummer(5).digits, str(anders.pk))
    with factories.acting(cast.eva):
        remove([anders.pk])
    factories.as_if_committed()
    again = send(johan, page)
    assert LEFT in words(again) and f'value="{elsewhere.pk}"' in again.content.decode()
    assert not re.search(rf'value="{elsewhere.pk}"[^>]* checked', again.content.decode())
    said = {"vad": "fel", "personnummer": factories.nummer(5).digits}
    assert errors_of(send(johan, again, said)) == ["Kryssa för minst ett deltagande."]
    assert stored_number(elsewhere) == OLD


def test_what_was_never_found_is_not_here(johan: Client, anders: Deltagande, elsewhere: Deltagande) -> None:
    form = johan.get(f"{here(search(johan, syfte='ratta'))}nummer/")
    said = {"vad": "fel", "personnummer": factories.nummer(5).digits, "galler": ["inget"]}
    assert LEFT in words(send(johan, form, said))


def test_a_new_number_needs_no_deltagande_chosen(
    johan: Client, anders: Deltagande, elsewhere: Deltagande
) -> None:
    form = johan.get(f"{here(search(johan, syfte='ratta'))}nummer/")
    page = send(johan, form, {"vad": "nytt", "personnummer": factories.nummer(5).digits})
    assert "Bytet gäller alla personens deltaganden." in words(page)
    send(johan, page)
    assert stored_number(anders) == stored_number(elsewhere) == factories.nummer(5).digits


# --- What went wrong before -------------------------------------------------------------------------------------------


def test_whose_number_was_typed_is_registered_later(
    eva: Client, johan: Client, cast: Cast, anders: Deltagande, as_user: Callable[[User], Client]
) -> None:
    """Eva typed Bo's number for Lisa and corrects it. Bo, who is then registered in Olle's insats, has Bo's number
    there and not Lisa's, and who searches Bo finds Bo alone."""
    lisa, new = anders, factories.nummer(5)
    send(eva, slip(eva, lisa, new.digits))
    with factories.as_system():
        bo = factories.registered(0, insats=cast.granne, fornamn="Bo", efternamn="Boprov")
    factories.as_if_committed()
    shown = as_user(cast.olle).post(f"/deltaganden/{bo.pk}/personnummer/", follow=True)
    assert f"{new.digits[:8]}-{new.digits[8:]}" not in text_of(shown)
    found = words(search(johan, OLD))
    assert "Bo Boprov" in found and "1 deltagande" in found and "Steget vidare" not in found
    assert stored_number(bo) == OLD and Person.unscoped.count() == 2

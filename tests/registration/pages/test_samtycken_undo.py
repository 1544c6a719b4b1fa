"""Marks of originals are taken back by the pages: right after, from the row, by code; what another did is told."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from registration.models import Deltagande, Samtycke
from registration.rules.codes import reference_shown
from registration.rules.erase import protect_identity, withdraw_samtycke
from tests import factories
from tests.registration.pages.conftest import Cast, errors_of, looks, send, text_of
from tests.registration.pages.test_samtycken import (
    RECEIVED,
    REGISTER,
    SENT,
    SENT_CODES,
    berta,
    code,
    ines,
    left,
)

__all__ = ["berta", "ines"]
pytestmark = [pytest.mark.django_db, pytest.mark.both]

SENT_UNDO, RECEIVED_UNDO = f"{SENT}andra/", f"{RECEIVED}andra/"


def today() -> dt.date:
    return timezone.localdate()


def hidden(page: Any) -> dict[str, str]:
    """What "Ångra" posts."""
    found = re.findall(r'<input type="hidden" name="(sett|hande)" value="([^"]+)">', page.content.decode())
    return dict(found)


def test_what_was_ticked_is_taken_back_at_once(eva: Client, cast: Cast, anders: Deltagande) -> None:
    two = factories.registered(2, insats=cast.sista)
    ids = [str(factories.samtycke_of(one).pk) for one in (anders, two)]
    page = eva.post(SENT, {"samtycke": ids}, follow=True)
    assert "Ångra" in text_of(page)
    answer = eva.post(SENT_UNDO, hidden(page), follow=True)
    assert "2 original står inte längre som skickade." in text_of(answer)
    assert not Samtycke.unscoped.filter(original_skickat__isnull=False).exists()
    assert "samtyckets original inte skickat: markeringen borttagen" in [
        syfte for _, syfte, _ in looks(anders)
    ]
    assert "Ångra" not in text_of(eva.get(REGISTER, {"angra": "inget"}))
    answer = eva.post(SENT_UNDO, hidden(page), follow=True)  # the same once more
    assert "2 hade redan ingen markering." in text_of(answer)


def test_codes_that_were_just_received_are_taken_back_and_stand_in_the_field(
    ines: Client, anders: Deltagande, berta: Deltagande
) -> None:
    """So that a wrong day is put right without reading every paper again."""
    wrong = (today() - dt.timedelta(days=3)).isoformat()
    page = ines.post(RECEIVED, {"koder": f"{code(anders)}\n{code(berta)}", "dag": wrong})
    answer = ines.post(RECEIVED, hidden(page))
    assert "2 original står inte längre som mottagna." in text_of(answer)
    assert set(left(answer)) == {reference_shown(code(one)) for one in (anders, berta)}
    assert not Samtycke.unscoped.filter(original_mottaget__isnull=False).exists()
    ines.post(RECEIVED, {"koder": "\n".join(left(answer)), "dag": today().isoformat()})
    assert factories.samtycke_of(berta).original_mottaget == today()


def test_a_code_that_is_marked_already_leads_to_the_mark(ines: Client, anders: Deltagande) -> None:
    body = {"koder": code(anders), "dag": today().isoformat()}
    ines.post(RECEIVED, body)
    page = ines.post(RECEIVED, body)
    link = f"{RECEIVED_UNDO}?samtycke={factories.samtycke_of(anders).pk}"
    assert f'href="{link}"' in page.content.decode() and not hidden(page)
    read = ines.get(link)
    assert f"Mottaget {today().isoformat()}." in text_of(read) and "Andersprov" not in text_of(read)
    answer = ines.get(REGISTER, {"status": "mottaget"})
    assert f'href="{link}"' in answer.content.decode()
    done = send(ines, read, {}, follow=False)
    assert done.status_code == 302 and factories.samtycke_of(anders).original_mottaget is None


def test_a_lost_one_is_signed_anew_and_sent_again(eva: Client, anders: Deltagande) -> None:
    one = factories.samtycke_of(anders)
    page = f"/deltaganden/{anders.pk}/"
    assert "kom bort" not in text_of(eva.get(page))
    eva.post(SENT, {"samtycke": str(one.pk)})
    link = f"{SENT_UNDO}?samtycke={one.pk}"
    assert f'href="{link}"' in eva.get(page).content.decode()
    assert f'href="{link}"' in eva.get(REGISTER, {"status": "skickat"}).content.decode()
    read = eva.get(link)
    assert errors_of(send(eva, read, {})) == ["Välj vad som har hänt."]
    answer = send(eva, read, {"hande": "bort"}, follow=False)
    assert answer.url == f"{REGISTER}?status=att-skicka"
    assert looks(anders)[-1][1] == "samtyckets original kom bort: ett nytt är underskrivet"
    eva.post(SENT, {"samtycke": str(one.pk)})
    assert factories.samtycke_of(anders).original_skickat == today()


def test_what_a_colleague_did_meanwhile_is_told(eva: Client, ines: Client, anders: Deltagande) -> None:
    page = eva.post(SENT_CODES, {"koder": code(anders), "dag": today().isoformat()})
    ines.post(RECEIVED, {"koder": code(anders), "dag": today().isoformat()})
    answer = eva.post(SENT_CODES, hidden(page))
    assert "En kollega hann före" in text_of(answer) and left(answer) == []
    assert factories.samtycke_of(anders).original_skickat == today()
    read = eva.get(f"{SENT_UNDO}?samtycke={factories.samtycke_of(anders).pk}")
    assert "Bara Försäkringskassan kan ändra det." in text_of(read) and not hidden(read)


def test_the_marks_of_somebody_gone_are_offered_nowhere_and_told(
    eva: Client, ines: Client, anders: Deltagande, berta: Deltagande
) -> None:
    """They are what is left to show that there was a samtycke."""
    one, protected, text = factories.samtycke_of(anders), factories.samtycke_of(berta), today().isoformat()
    pressed = eva.post(SENT_CODES, {"koder": code(anders), "dag": text})
    came = ines.post(RECEIVED, {"koder": code(berta), "dag": text})
    with factories.as_system():
        withdraw_samtycke([anders.pk])
        protect_identity([berta.pk])
    answer = eva.post(SENT_CODES, hidden(pressed))
    assert f"Markeringen av {reference_shown(one.referenskod)} är kvar" in text_of(answer)
    assert "En kollega hann före" not in text_of(answer) and left(answer) == []
    answer = ines.post(RECEIVED, hidden(came))
    assert f"Markeringen av {reference_shown(protected.referenskod)} är kvar" in text_of(answer)
    for client, address, pk, why in (
        (eva, SENT_UNDO, one.pk, "Samtycket är återkallat. Inget ändras."),
        (ines, RECEIVED_UNDO, protected.pk, "Personen är borttagen. Inget ändras."),
    ):
        read = client.get(f"{address}?samtycke={pk}")
        assert why in text_of(read) and not hidden(read)
        assert address not in client.get(REGISTER, {"status": "alla"}).content.decode()
    now = [Samtycke.unscoped.get(pk=pk) for pk in (one.pk, protected.pk)]
    assert [now[0].original_skickat, now[1].original_mottaget] == [today(), today()]


def test_an_address_of_nothing_that_is_mine(
    eva: Client, ines: Client, anders: Deltagande, berta: Deltagande
) -> None:
    own, theirs = factories.samtycke_of(anders), factories.samtycke_of(berta)
    assert "Inte mottaget." in text_of(ines.get(f"{RECEIVED_UNDO}?samtycke={own.pk}"))
    assert eva.get(SENT_UNDO).url == REGISTER  # type: ignore[attr-defined]
    assert eva.post(SENT_UNDO, {"sett": "inget", "hande": "fel"}).status_code == 400
    assert eva.get(f"{SENT_UNDO}?samtycke={theirs.pk}").status_code == 404
    assert eva.get(f"{SENT_UNDO}?samtycke=inget").status_code == 404
    assert eva.post(SENT_UNDO, {"sett": f"{theirs.pk}:{today()}", "hande": "fel"}).status_code == 403

"""After withdrawal and protection nothing says who it was, in any column or file, read with all keys (QUALITY §1)."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone

from finsam_site.access.encryption import encrypt, encrypt_text
from registration.models import Deltagande, Forbund, Fraga, Samtycke, Samtyckesskanning, Svar
from registration.personnummer import parse
from registration.rules.change_number import change_number
from registration.rules.correct import Rattelse, correct
from registration.rules.correct_number import correct_number
from registration.rules.correct_samtycke import Samtyckesrattelse, Skal, correct_samtycke
from registration.rules.erase import protect_identity, withdraw_samtycke
from registration.rules.facts import load_facts
from reporting.models import Uttag, UttagFil, UttagRad
from reporting.uttag.take import take_uttag, verify_uttag
from tests import factories, numbers
from tests.registration.sweep import Mark, Unreadable, code_mark, number_marks, sweep, tables_of

pytestmark = [pytest.mark.both, pytest.mark.django_db]

KOMMUN = {0: "2580", 1: "2584"}
"""A kommun that nobody but the planted person lives in. Its code stands in the list of kommuner, and nowhere else."""
SUPPORT = {0: "etableringsersattning:del|utvecklingsersattning:del", 1: "aktivitetsstod:del|studiestod:del"}
MISREAD = {0: dt.date(2023, 12, 27), 1: dt.date(2023, 12, 28)}
"""The day that was first registered for the samtycke."""
DAYS = {0: dt.date(2024, 2, 29), 1: dt.date(2024, 3, 29)}


@pytest.fixture(autouse=True)
def _ids_are_no_codes(db: None) -> None:
    """A row may get the number of a kommun as its id, by how many rows other tests have written before: past those."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 3000) FROM pg_sequences"
                " WHERE schemaname = 'public' AND last_value BETWEEN 2000 AND 2999"
            )


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A data folder of its own, so that nothing of another test is found."""
    settings.FINSAM_VAR = tmp_path / "var"
    settings.FINSAM_VAR.mkdir()
    options = {"location": settings.FINSAM_VAR / "files"}
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    }
    yield settings.FINSAM_VAR


def marks(n: int) -> dict[str, Mark]:
    """All that says who planted person `n` is."""
    own: dict[str, Mark] = {
        "fornamn": f"Marigold{n}Å",
        "efternamn": f"Tigerstedt{n}Ö",
        "orsak": f"modern ringde om {n}",
        "svar": f"bor hos sin faster {n}",
        "skanning": f"underskrift {n}".encode(),
        "kommun": code_mark(KOMMUN[n]),
        "forsorjning": SUPPORT[n],
        "startdatum": DAYS[n].isoformat(),
        "felläst dag": MISREAD[n].isoformat(),
    }
    for which, index in (("old", 900 + n), ("new", 910 + n)):
        own |= {f"{which}: {name}": mark for name, mark in number_marks(numbers.pick(index)).items()}
    return own


def plant(n: int) -> Deltagande:
    """Register a person with every mark, correct with a reason, change the number, correct the paper, answer, scan."""
    one = factories.registered(
        nummer=parse(numbers.pick(900 + n), today=factories.START),
        fornamn=f"Marigold{n}Å",
        efternamn=f"Tigerstedt{n}Ö",
        kommunkod=KOMMUN[n],
        forsorjning=SUPPORT[n],
        startdatum=DAYS[n],
        undertecknat=MISREAD[n],
    )
    fraga = Fraga.objects.create(
        forbund=one.insats.forbund,
        text="?",
        tillfalle="in",
        svarstyp="text",
        giltig_fran=factories.INSATS_START,
    )
    samtycke = Samtycke.unscoped.get(identitet__deltagande=one)
    scan = Samtyckesskanning(
        samtycke=samtycke, insats=one.insats, mediatyp="image/png", inlagd=timezone.now()
    )
    scan.innehall_krypterat = encrypt(
        b"\x89PNG " + f"underskrift {n}".encode(), context=f"samtyckesskanning.innehall:{samtycke.pk}"
    )
    scan.save(force_insert=True)
    Svar.unscoped.create(
        fraga=fraga,
        deltagande=one,
        insats=one.insats,
        svar_krypterat=encrypt_text(f"bor hos sin faster {n}", context=f"svar.svar:{one.pk}"),
        besvarad=timezone.now(),
    )
    uppgifter = factories.nytt_deltagande(
        insats_id="-",
        kommunkod=KOMMUN[n],
        startdatum=DAYS[n],
        forsorjning=SUPPORT[n],
        utbildning="grundskola",
    ).uppgifter
    with factories.as_system():
        correct(Rattelse(one.pk, f"modern ringde om {n}", in_=uppgifter))
        change_number(
            one.pk, parse(numbers.pick(910 + n), today=factories.START), orsak=f"modern ringde om {n}"
        )
        said = Samtyckesrattelse(
            one.pk, factories.UNDERTECKNAT, samtycke.formular.version, "sv", Skal.LASTE_FEL
        )
        correct_samtycke(said, load_facts({one.insats.insats_id}))
    return factories.registered_out(one, registrerad=timezone.now(), forsorjning=SUPPORT[n])


def expected_before(n: int) -> set[str]:
    """The marks that must be found: of the old number only the look-up hash is kept."""
    return {name for name in marks(n) if not name.startswith("old: ") or name == "old: look-up hash"} - {
        "new: with a hyphen"
    }


def found(places: Mapping[str, set[str]]) -> set[str]:
    """The marks that were found anywhere."""
    return {name for name, at in places.items() if at}


def members(uttag: Uttag, places: set[str]) -> set[str]:
    """The parts of an uttag's frozen file in which a mark stands."""
    at = f"reporting_uttagfil.innehall [{UttagFil.objects.get(namn=uttag.fil.name).pk}]!"
    return {place.removeprefix(at) for place in places if place.startswith(at)}


@pytest.mark.parametrize("rule", [withdraw_samtycke, protect_identity])
def test_nothing_is_left_and_nobody_else_is_touched(rule: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Every mark is found before, none after; the marks of another person stand exactly where they stood.

    The code of the kommun is found in the list of kommuner alone, before the person came and after.
    """
    nowhere = sweep(marks(0) | {f"other {name}": mark for name, mark in marks(1).items()})
    assert {name: tables_of(at) for name, at in nowhere.items() if at} == {
        "kommun": {"registration_kommun.kod"},
        "other kommun": {"registration_kommun.kod"},
    }
    gone, stays = plant(0), plant(1)
    before, other_before = sweep(marks(0)), sweep(marks(1))
    assert found(before) == expected_before(0)
    assert found(other_before) == expected_before(1)
    assert tables_of(before["kommun"]) == {
        "registration_kommun.kod",
        "registration_inregistrering.kommun_id",
        "registration_utregistrering.kommun_id",
    }
    assert tables_of(before["felläst dag"]) == {"registration_samtyckesandring.tidigare_undertecknat"}
    with factories.as_system():
        rule([gone.pk])
    after = sweep(marks(0), also={"log": caplog.text})
    assert after == {name: nowhere[name] for name in marks(0)}
    assert sweep(marks(1)) == other_before
    assert Deltagande.unscoped.get(pk=stays.pk).avidentifierad is None


def test_a_frozen_uttag_says_who_nobody_was() -> None:
    """Not while the person is there and not afterwards; it verifies all the same, and no row leads back any more.

    What it keeps by design is what it counted: a kommun, a band, a code, tied to nobody (ARCHITECTURE §2).
    """
    gone = plant(0)
    plant(1)
    taken = take_uttag(factories.system(), 2024)
    before = sweep(marks(0))
    frozen = {
        name for name, at in before.items() if "reporting_uttagfil.innehall" in {p.split(" ")[0] for p in at}
    }
    assert frozen == {"kommun"}
    assert UttagRad.objects.count() == 2
    with factories.as_system():
        withdraw_samtycke([gone.pk])
    after = sweep(marks(0))
    assert found(after) == {"kommun"}
    assert tables_of(after["kommun"]) == {"registration_kommun.kod", "reporting_uttagfil.innehall"}
    assert UttagRad.objects.count() == 1
    verify_uttag(taken.uttag)
    again = take_uttag(factories.system(), 2024)
    assert again.uttag.content_hash != taken.uttag.content_hash
    later = sweep(marks(0))
    assert found(later) == {"kommun"}
    kommuner = {
        "nu/kommuner.parquet",
        "fore/kommuner.parquet",
        "tabeller.json",
    }  # every kommun, whoever lives there
    assert members(taken.uttag, later["kommun"]) == {"nu/deltaganden.parquet", *kommuner}
    assert members(again.uttag, later["kommun"]) == kommuner


def test_the_joined_hash_of_a_former_number_goes_too() -> None:
    """Two persons that became one leave nothing of either when the last identitet goes."""
    one = factories.registered(nummer=parse(numbers.pick(900), today=factories.START))
    two = factories.registered(nummer=parse(numbers.pick(910), today=factories.START))
    both = number_marks(numbers.pick(900)) | {f"2 {k}": v for k, v in number_marks(numbers.pick(910)).items()}
    with factories.as_system():
        change_number(one.pk, parse(numbers.pick(910), today=factories.START), orsak="samma person")
        withdraw_samtycke([one.pk])
        assert found(sweep(both)) == {"look-up hash", "2 look-up hash", "2 twelve digits", "2 ten digits"}
        withdraw_samtycke([two.pk])
    assert found(sweep(both)) == set()


def test_of_a_number_that_was_typed_by_mistake_nothing_is_left() -> None:
    """Nobody of that number has given a samtycke: no trace of it once it is corrected, and none of the right one when
    the identity goes."""
    wrong, right = number_marks(numbers.pick(900)), number_marks(numbers.pick(910))
    one = factories.registered(nummer=parse(numbers.pick(900), today=factories.START))
    assert found(sweep(wrong))
    with factories.as_system():
        correct_number([one.pk], parse(numbers.pick(910), today=factories.START), orsak="skrev av fel")
    assert found(sweep(wrong)) == set()
    assert found(sweep(right))
    with factories.as_system():
        withdraw_samtycke([one.pk])
    assert found(sweep(wrong | right)) == set()


def test_without_a_decision_it_is_still_there(settings: Any) -> None:
    """Locked is not erased, and the sweep is not fooled by scope."""
    settings.ERASURE_DECISION = ""
    one = plant(0)
    before = sweep(marks(0))
    factories.as_if_committed()
    with factories.as_system():
        withdraw_samtycke([one.pk])
    after = sweep(marks(0))
    assert found(after) == found(before)


# --- The sweep can fail ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Marigold", "MARIGOLD", "innan marigold efter"])
def test_a_mark_in_any_column_of_any_table_is_found(text: str) -> None:
    """Tables are not listed anywhere: one that was made a moment ago is read too."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE nyss_gjord (nyckel integer PRIMARY KEY, fritt text)")
        cursor.execute("INSERT INTO nyss_gjord VALUES (7, %s)", [text])
    assert sweep({"m": "Marigold"}) == {"m": {"nyss_gjord.fritt [7]"}}


def test_a_mark_in_json_a_session_or_base64_is_found() -> None:
    """However it is wrapped."""
    session = SessionStore()
    session["utkast"] = {"namn": "Marigold"}
    session.save()
    one = factories.forbund()
    sealed = base64.b64encode(encrypt_text("Tigerstedt", context=f"forbund.beskrivning:{one.pk}")).decode()
    Forbund.unscoped.filter(pk=one.pk).update(beskrivning=f"se {sealed}")
    places = sweep({"session": "Marigold", "base64": "Tigerstedt"})
    assert tables_of(places["session"]) == {"django_session.session_data"}
    assert tables_of(places["base64"]) == {"registration_forbund.beskrivning"}


def test_a_mark_in_a_file_is_found(var: Path) -> None:
    """In the data folder and in a storage, by content and by name."""
    (var / "utkast").mkdir()
    (var / "utkast" / "a.txt").write_text("om Marigold")
    (var / "Tigerstedt.csv").write_text("")
    storages["default"].save("export/b.bin", ContentFile("Marigold".encode("utf-16-le")))
    places = sweep({"content": "Marigold", "name": "Tigerstedt"})
    assert places["content"] == {"file:utkast/a.txt", "file:files/export/b.bin", "file:default/export/b.bin"}
    assert places["name"] == {"file:Tigerstedt.csv"}
    assert sweep({"m": "Marigold"}, also={"log": "x Marigold"})["m"] >= {"log"}


def test_a_ciphertext_that_nobody_can_read_fails_loudly(settings: Any) -> None:
    """An unknown context, a key that is gone, a column that should be sealed and is not: never passed over."""
    one = factories.registered(0)
    factories.identitet_of(one)
    sweep({})
    key_id, key = next(iter(settings.ENCRYPTION_KEYS.items()))
    settings.ENCRYPTION_KEYS = {"new": b"n" * 32, key_id: key}
    factories.registered(1, fornamn="Marigold")
    assert found(sweep({"old key": "Förnamn0", "new key": "Marigold"})) == {"old key", "new key"}
    settings.ENCRYPTION_KEYS = {"new": b"n" * 32}
    with pytest.raises(Unreadable, match=f"key {key_id}"):
        sweep({})
    settings.ENCRYPTION_KEYS = {key_id: key, "new": b"n" * 32}
    identitet = factories.identitet_of(one)
    for value, why in ((encrypt(b"x", context="annat:1"), "no key and context"), (b"klartext", "should be")):
        type(identitet).unscoped.filter(pk=identitet.pk).update(fornamn_krypterat=value)
        with pytest.raises(Unreadable, match=why):
            sweep({})


def test_a_file_that_nobody_can_read_fails_loudly(var: Path) -> None:
    """A sealed file with an unknown context is no empty file."""
    (var / "hemlig").write_bytes(encrypt(b"x", context="annat:1"))
    with pytest.raises(Unreadable, match="file:hemlig"):
        sweep({})


def test_the_open_database_is_never_read_as_a_file(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening and closing it would drop this process's locks on it. Any other database is not passed over."""
    monkeypatch.setitem(connection.settings_dict, "NAME", str(var / "data.sqlite3"))
    for ending in ("", "-wal", "-shm", "-journal"):
        (var / f"data.sqlite3{ending}").write_text("Marigold")
    assert sweep({"content": "Marigold"})["content"] == set()
    (var / "annan").write_bytes(b"SQLite format 3\x00 och mer")
    with pytest.raises(Unreadable, match="file:annan"):
        sweep({})

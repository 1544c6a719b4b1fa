"""Taking an uttag: frozen, verifiable, and honest about what came and went after its as-of time."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.utils import ConnectionHandler
from django.utils import timezone

from finsam_site.access import encryption
from finsam_site.access.acting import AccessRefused, acting_as
from finsam_site.access.guards import lifted
from finsam_site.access.models import Atkomst, Resultat, User
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Identitet, Uppdrag
from registration.rules.antal import AnonymaRad, record_anonyma
from registration.rules.clock import writing_since
from registration.rules.erase import protect_identity, remove_felregistrerade, withdraw_samtycke
from reporting.models import Uttag, UttagFil, UttagRad
from reporting.uttag import extraction, take
from reporting.uttag.dataset import DATASET_TABLES
from reporting.uttag.extraction import count_rows, extract
from reporting.uttag.frozen import FrozenFileChanged
from reporting.uttag.progress import PASSES
from reporting.uttag.take import TakenUttag, UttagRefused, a_year_before, take_uttag, verify_uttag
from tests import factories
from tests.reporting.pages.world import COUNTED_PARTS

both = pytest.mark.both
pytestmark = pytest.mark.django_db

YEAR = 2024
FEBRUARY = dt.datetime.fromisoformat("2025-02-01T12:00:00+01:00")
LAST_FEBRUARY = dt.datetime.fromisoformat("2024-02-01T12:00:00+01:00")


def value(taken: TakenUttag, tabell: str, matt: str, **dimensions: Any) -> Any:
    """One cell of the year."""
    [found] = [
        row["varde"]
        for result in taken.tables
        if result.table.id == tabell
        for row in result.rows
        if row["matt"] == matt
        and "ar" not in row
        and all(row.get(name) == one for name, one in dimensions.items())
    ]
    return found


def deltagare(taken: TakenUttag, registreringssatt: str) -> int:
    return int(value(taken, "deltagare", "antal", registreringssatt=registreringssatt, kon="totalt"))


def notes(taken: TakenUttag) -> str:
    return " ".join(next(result.notes for result in taken.tables if result.table.id == "deltagare"))


def register_three() -> list[Any]:
    """Three people in one insats, known in January 2024."""
    insats = factories.insats()
    return [factories.registered(n, insats=insats) for n in range(3)]


def registered_in_2023(n: int) -> Deltagande:
    """Somebody who started in March 2023, known the day after."""
    day = dt.date(2023, 3, 1)
    known = dt.datetime(2023, 3, 2, 9, tzinfo=dt.UTC)
    return factories.registered(n, startdatum=day, undertecknat=day, registrerad=known)


def turn_a_bit(uttag: Uttag) -> Callable[[], None]:
    """What turns the last bit of the stored file of `uttag`, behind the back of its guard."""

    def turn() -> None:
        file = UttagFil.objects.get(namn=uttag.fil.name)
        changed = bytes(file.innehall)
        with lifted(UttagFil):
            UttagFil.objects.filter(pk=file.pk).update(innehall=changed[:-1] + bytes([changed[-1] ^ 1]))

    return turn


def left_in_2023(n: int) -> Any:
    """Somebody who started in March 2023 and left in May, each known the day after."""
    known = dt.datetime(2023, 6, 1, 9, tzinfo=dt.UTC)
    return factories.registered_out(registered_in_2023(n), slutdatum=dt.date(2023, 5, 31), registrerad=known)


@both
def test_the_same_register_gives_the_same_hash_and_verifies() -> None:
    """Taken twice as of the same time: two uttag, two files, one hash; each verifies from its own file."""
    register_three()
    user = User.objects.system()
    one, other = take_uttag(user, YEAR, FEBRUARY), take_uttag(user, YEAR, FEBRUARY)
    assert one.uttag.pk != other.uttag.pk
    assert one.uttag.content_hash == other.uttag.content_hash
    assert deltagare(one, "personuppgifter") == 3
    assert [r.rows for r in verify_uttag(one.uttag)] == [r.rows for r in one.tables]


@both
def test_a_withdrawal_between_two_uttag() -> None:
    """The frozen one still verifies and shows three; the new one as of the same time differs by that one and
    says so.
    """
    first, *_ = register_three()
    user = User.objects.system()
    before = take_uttag(user, YEAR, FEBRUARY)
    with acting_as(user):
        withdraw_samtycke([first.pk])
    after = take_uttag(user, YEAR, FEBRUARY)

    verify_uttag(before.uttag)
    assert (deltagare(before, "personuppgifter"), deltagare(before, "avidentifierade")) == (3, 0)
    assert (deltagare(after, "personuppgifter"), deltagare(after, "avidentifierade")) == (2, 1)
    assert deltagare(before, "totalt") == deltagare(after, "totalt") == 3
    assert before.uttag.content_hash != after.uttag.content_hash
    assert "1 deltagande" in notes(after) and "har förlorat sin identitet" in notes(after)
    assert "förlorat sin identitet" not in notes(before)


@both
def test_progress_is_told_in_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all rows that are fetched, five times each, within every part; what is done never falls, and ends with all."""
    monkeypatch.setattr("reporting.uttag.progress.EVERY", 1)
    register_three()
    told: list[tuple[int, int | None, str]] = []
    taken = take_uttag(User.objects.system(), YEAR, FEBRUARY, progress=lambda *one: told.append(one))
    assert UttagRad.objects.filter(uttag=taken.uttag).count() == 3
    of = told[-1][1]
    assert of is not None and {one[1] for one in told} == {None, of}
    done = [one[0] for one in told]
    assert done == sorted(done) and done[-1] == of
    assert (
        tuple(text for text in dict.fromkeys(one[2] for one in told) if text in COUNTED_PARTS)
        == COUNTED_PARTS
    )
    # One value is that of the beginning.
    assert {part: n for part in COUNTED_PARTS if (n := values_of(told, part)) < 4} == {}
    with acting_as(User.objects.system(), one_snapshot=True):
        times = {YEAR: FEBRUARY, YEAR - 1: a_year_before(FEBRUARY)}
        assert of == PASSES * count_rows(times)
        assert count_rows(times) > 3


def values_of(told: list[tuple[int, int | None, str]], part: str) -> int:
    """How many values were told in a part."""
    return len({done for done, _, text in told if text == part})


@both
def test_the_copy_of_a_fastställt_year_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its tables, as it is read, written and read."""
    monkeypatch.setattr("reporting.uttag.progress.EVERY", 1)
    registered_in_2023(1)
    fixed = take_uttag(User.objects.system(), 2023, LAST_FEBRUARY)
    Uttag.objects.filter(pk=fixed.uttag.pk).update(faststalld=timezone.now())
    told: list[tuple[int, int | None, str]] = []
    take_uttag(User.objects.system(), YEAR, FEBRUARY, progress=lambda *one: told.append(one))
    assert values_of(told, "Ordnar året före") == 1 + 4 * len(DATASET_TABLES)


class Unwanted(Exception):
    """As a job raises when its user no longer wants it."""


@both
@pytest.mark.parametrize("part", COUNTED_PARTS)
def test_it_stops_in_the_middle_of_every_part(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the next word of that part, and nothing is kept."""
    monkeypatch.setattr("reporting.uttag.progress.EVERY", 1)
    register_three()
    words: list[str] = []

    def tell(done: int, of: int | None, text: str) -> None:
        words.append(text)
        if words.count(part) == 2:
            raise Unwanted

    with pytest.raises(Unwanted):
        take_uttag(User.objects.system(), YEAR, FEBRUARY, progress=tell)
    assert words[-2:] == [part, part]
    assert not (Uttag.objects.exists() or UttagFil.objects.exists() or UttagRad.objects.exists())


@both
def test_the_rows_counted_are_those_that_are_fetched(tmp_path: Path) -> None:
    register_three()
    fetched: list[int] = []
    with acting_as(User.objects.system(), one_snapshot=True):
        extract(tmp_path, {YEAR: FEBRUARY}, fetched.append)
        rows = sum(len(path.read_text().splitlines()) - 1 for path in tmp_path.iterdir())
        assert count_rows({YEAR: FEBRUARY}) == rows
    # PostgreSQL gives the header of each file as a row of its own.
    assert rows <= sum(fetched) <= rows + len(list(tmp_path.iterdir()))


@both
def test_the_row_of_a_frozen_uttag_goes_with_the_identity() -> None:
    """Which row was whom is kept only while there is somebody it could be."""
    first, second, _ = register_three()
    user = User.objects.system()
    taken = take_uttag(user, YEAR, FEBRUARY)
    assert UttagRad.objects.filter(uttag=taken.uttag).count() == 3
    with acting_as(user):
        withdraw_samtycke([first.pk])
        protect_identity([second.pk])
    assert UttagRad.objects.filter(uttag=taken.uttag).count() == 1


@both
def test_a_locked_identity_counts_as_avidentifierad(settings: Any) -> None:
    """Without a gallringsbeslut the identity is locked, and the count is the same as if it were gone."""
    settings.ERASURE_DECISION = ""
    first, *_ = register_three()
    factories.as_if_committed()
    user = User.objects.system()
    with acting_as(user):
        withdraw_samtycke([first.pk])
    taken = take_uttag(user, YEAR, FEBRUARY)
    assert Identitet.unscoped.count() == 3
    assert (deltagare(taken, "personuppgifter"), deltagare(taken, "avidentifierade")) == (2, 1)


@both
@pytest.mark.parametrize("decision", ["dnr 1", ""])
def test_who_withdrew_is_not_counted_after_that_year(
    settings: Any, decision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Registered out with a last day of later years, and withdrawn today: counted this year and in none to come."""
    settings.ERASURE_DECISION = decision
    monkeypatch.setattr(take, "_check_times", lambda *times: None)  # next year is taken today
    this_year = timezone.localdate().year
    first, *_ = (registered_in_2023(n) for n in (1, 2))
    factories.registered_out(first, slutdatum=dt.date(this_year + 2, 3, 1))
    factories.as_if_committed()
    user = User.objects.system()
    with acting_as(user):
        before = writing_since()
        withdraw_samtycke([first.pk])
    now = [take_uttag(user, year) for year in (this_year, this_year + 1)]
    assert [deltagare(one, "avidentifierade") for one in now] == [1, 0]
    assert [deltagare(one, "personuppgifter") for one in now] == [1, 1]
    as_known_then = take_uttag(user, this_year + 1, before)
    assert deltagare(as_known_then, "avidentifierade") == 1


@both
def test_what_an_import_says_was_known_is_listed_as_late() -> None:
    """A registration that came in after an uttag, and says it was known before it, is counted in the next
    one's notes.
    """
    register_three()
    user = User.objects.system()
    before = take_uttag(user, YEAR, FEBRUARY)
    factories.registered(7)
    after = take_uttag(user, YEAR, FEBRUARY)
    assert (deltagare(before, "personuppgifter"), deltagare(after, "personuppgifter")) == (3, 4)
    assert "inkommen sent" in notes(after) and "inkommen sent" not in notes(before)


@both
def test_a_felregistrering_that_came_later_and_was_removed_is_said(settings: Any) -> None:
    """The deltagande was there at T: after its removal it is counted as avidentifierad at T, and the notes say so. One
    that was a felregistrering at T already is in no count, before or after, and no note speaks of it.
    """
    settings.FELREGISTRERING_DAYS = 0
    _, known_then, known_later = register_three()
    for one, known in ((known_then, FEBRUARY), (known_later, FEBRUARY + dt.timedelta(days=1))):
        factories.registered_out(one, avslutsanledning="felregistrering", slutdatum=None, registrerad=known)
    user = User.objects.system()
    before = take_uttag(user, YEAR, FEBRUARY)
    with acting_as(user):
        assert remove_felregistrerade() == 2
    after = take_uttag(user, YEAR, FEBRUARY)

    assert (deltagare(before, "personuppgifter"), deltagare(before, "avidentifierade")) == (2, 0)
    assert (deltagare(after, "personuppgifter"), deltagare(after, "avidentifierade")) == (1, 1)
    assert "1 deltagande var" in notes(after) and "förlorat sin identitet" not in notes(before)


@both
def test_what_came_and_went_of_the_year_before_is_said() -> None:
    """The year before is read from the register too: a withdrawal and a late import that concern it alone change
    its figures, and the notes say of which year.
    """
    user = User.objects.system()
    gone, _ = [left_in_2023(n) for n in (1, 2)]
    take_uttag(user, YEAR, FEBRUARY)
    with acting_as(user):
        withdraw_samtycke([gone.pk])
    left_in_2023(3)
    taken = take_uttag(user, YEAR, FEBRUARY)
    assert (
        taken.uttag.noteringar.items()
        >= {
            "erased_since": 0, "arrived_late": 0, "erased_since_before": 1, "arrived_late_before": 2,
        }.items()
    )  # fmt: skip
    assert "räknas här i 2023 års siffror som avidentifierade" in notes(taken)
    assert "2 registreringar i 2023 års siffror är inkommen sent" in notes(taken)

    fixed = take_uttag(user, 2023, LAST_FEBRUARY)
    Uttag.objects.filter(pk=fixed.uttag.pk).update(faststalld=timezone.now())
    assert "2023 års siffror" not in notes(take_uttag(user, YEAR, FEBRUARY))


@both
def test_the_year_before_comes_from_its_fastställda_uttag() -> None:
    """Where the year before has a fastställt uttag its figures stand there, whatever became known since."""
    user = User.objects.system()
    registered_in_2023(1)
    fixed = take_uttag(user, 2023, LAST_FEBRUARY)
    Uttag.objects.filter(pk=fixed.uttag.pk).update(faststalld=timezone.now())
    registered_in_2023(2)
    taken = take_uttag(user, YEAR, FEBRUARY)
    [before] = [
        row["varde"]
        for result in taken.tables
        if result.table.id == "deltagare"
        for row in result.rows
        if row.get("ar") == 2023 and row["matt"] == "antal"
        and (row["registreringssatt"], row["kon"]) == ("totalt", "totalt")
    ]  # fmt: skip
    assert before == 1
    assert "fastställda uttaget för 2023" in notes(taken)
    verify_uttag(taken.uttag)


@both
def test_as_of_must_be_past_and_the_year_possible() -> None:
    """A time that has not passed, and a year before the law or after this one, are refused in words."""
    user = User.objects.system()
    with pytest.raises(UttagRefused, match="har inte passerat"):
        take_uttag(user, YEAR, timezone.now() + dt.timedelta(hours=1))
    with pytest.raises(UttagRefused, match="har inte passerat"):
        take_uttag(user, YEAR, dt.datetime.fromisoformat("9999-12-31T23:59:59-12:00"))
    with pytest.raises(UttagRefused, match="2003"):
        take_uttag(user, 2003, FEBRUARY)
    with pytest.raises(UttagRefused):
        take_uttag(user, timezone.localdate().year + 1)


@both
def test_only_a_nationell_administrator_takes_an_uttag() -> None:
    """Anybody else is refused, and the try is in the log."""
    user = factories.user(Roll.DELTAGARANSVARIG, insats=factories.insats())
    uppdrag = Uppdrag.objects.get(user=user)
    with pytest.raises(AccessRefused):
        take_uttag(user, YEAR, FEBRUARY, uppdrag=uppdrag)
    assert Atkomst.objects.get(objekt="uttag").resultat == Resultat.NEKAT
    assert not Uttag.objects.exists()


@both
def test_a_changed_file_is_found() -> None:
    """A file that is not what was written, or figures that are not those of the hash: verify says so."""
    register_three()
    uttag = take_uttag(User.objects.system(), YEAR, FEBRUARY).uttag
    one_bit_turned = turn_a_bit(uttag)
    with transaction.atomic():
        one_bit_turned()
        with pytest.raises(FrozenFileChanged, match="ändrad"):
            verify_uttag(uttag)
        one_bit_turned()  # back
    verify_uttag(uttag)
    uttag.content_hash = "0" * 64
    with pytest.raises(FrozenFileChanged, match="inte de som uttaget togs med"):
        verify_uttag(uttag)
    uttag.fil_sha256 = "0" * 64
    with pytest.raises(FrozenFileChanged, match="ändrad"):
        verify_uttag(uttag)
    uttag.pk = uuid.uuid4()
    uttag.save(force_insert=True)
    with pytest.raises(CommandError, match="1 uttag stämmer inte eller"):
        call_command("verify_uttag")


@both
def test_the_year_before_cannot_be_read_from_a_changed_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its fastställda uttag is damaged, or its key is gone: a sentence says which year, on the command line too."""

    def without_key(*_: object, **__: object) -> bytes:
        raise encryption.DecryptionFailed("nyckeln saknas")

    registered_in_2023(1)
    fixed = take_uttag(User.objects.system(), 2023, LAST_FEBRUARY).uttag
    Uttag.objects.filter(pk=fixed.pk).update(faststalld=timezone.now())
    with monkeypatch.context() as patched, pytest.raises(UttagRefused, match="fastställda uttaget för 2023"):
        patched.setattr(encryption, "decrypt", without_key)
        take_uttag(User.objects.system(), YEAR, FEBRUARY)
    turn_a_bit(fixed)()
    with pytest.raises(CommandError, match="fastställda uttaget för 2023 .* ändrad"):
        call_command("take_uttag", "2024", "--as-of", FEBRUARY.isoformat())
    assert not Uttag.objects.filter(ar=YEAR).exists()


@both
def test_an_uttag_is_never_changed() -> None:
    """The database refuses to change or delete a taken uttag; only fastställd may be set."""
    uttag = take_uttag(User.objects.system(), YEAR, FEBRUARY).uttag
    Uttag.objects.filter(pk=uttag.pk).update(faststalld=timezone.now())
    for change in ({"content_hash": "0" * 64}, {"as_of": timezone.now()}, {"fil_sha256": "0" * 64}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Uttag.objects.filter(pk=uttag.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Uttag.objects.filter(pk=uttag.pk).delete()


@both
def test_the_file_is_encrypted_and_holds_no_id_or_date(tmp_path: Path) -> None:
    """Neither the stored bytes nor the Parquet within give a deltagande_id, a date or a birth year."""
    first, *_ = register_three()
    taken = take_uttag(User.objects.system(), YEAR, FEBRUARY)
    stored = bytes(UttagFil.objects.get(namn=taken.uttag.fil.name).innehall)
    clear = encryption.decrypt(stored, context=f"uttag.fil:{taken.uttag.pk}")
    member = b"nu/deltaganden.parquet"  # longer than what so many random bytes hold by chance
    assert member in clear and member not in stored and first.deltagande_id.encode() not in stored
    with zipfile.ZipFile(BytesIO(clear)) as archive:
        archive.extractall(tmp_path)
    files = sorted(tmp_path.glob("*/*.parquet"))
    assert tmp_path / "nu" / "deltaganden.parquet" in files
    dates, told = set(), set()
    for path in files:
        found = duckdb.from_parquet(str(path))
        columns = zip(found.columns, map(str, found.types), strict=True)
        dates |= {(path.stem, name) for name, kind in columns if "DATE" in kind or "TIME" in kind}
        if path.stem != "kommuner":  # a public list, with codes that look like years
            told |= {str(value) for row in found.fetchall() for value in row}
    assert dates == {("meta", "kunskapstid")}
    secret = set()
    for one in Deltagande.unscoped.select_related("identitet", "aktuell_in"):
        ids = (one.pk, one.identitet.pk, one.identitet.person_id)
        secret |= {
            one.deltagande_id,
            str(one.aktuell_in.fodelsear),
            *map(str, ids),
            *(each.hex for each in ids),
        }
    assert len(secret) > 9
    assert not secret & told


@both
def test_the_command_writes_json_and_csv(tmp_path: Path) -> None:
    """The JSON has the shape of FORMATS §3; one CSV per table and the tidy one."""
    register_three()
    json_path, folder = tmp_path / "uttag.json", tmp_path / "csv"
    call_command(
        "take_uttag", "2024", "--as-of", FEBRUARY.isoformat(), "--json", str(json_path), "--csv", str(folder)
    )
    document = json.loads(json_path.read_text())
    uttag = Uttag.objects.get()
    assert document["uttag"] | {"taken_at": ""} == {
        "id": str(uttag.pk), "year": 2024, "as_of": FEBRUARY.isoformat(), "taken_at": "",
        "content_hash": uttag.content_hash, "software": uttag.software, "definitions": uttag.definitions,
    }  # fmt: skip
    assert len(document["tables"]) == len(list(folder.glob("*.csv"))) - 1 == 25
    call_command("verify_uttag", str(uttag.pk))
    with pytest.raises(CommandError, match="har inte passerat"):
        call_command("take_uttag", "2024", "--as-of", "2199-01-01T00:00:00+01:00")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_nothing_becomes_known_before_the_as_of_time_afterwards() -> None:
    """A writer that has read the clock and not yet committed is waited for (PostgreSQL, two connections)."""
    insats = factories.insats()
    user = User.objects.system()
    holds, go = threading.Event(), threading.Event()
    written: list[dt.datetime] = []

    def slow_writer() -> None:
        try:
            with acting_as(user):
                written.append(writing_since())
                holds.set()
                go.wait(10)
                record_anonyma(AnonymaRad(insats.pk, YEAR, 3, 4, registrerad=written[0]), seen_nr=0)
        finally:
            connection.close()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    assert holds.wait(10)
    with pytest.raises(extraction.WritersStillAtWork):
        extraction.wait_for_writers(timeout=0.3)
    threading.Timer(0.3, go.set).start()
    taken = take_uttag(user, YEAR)
    writer.join()
    assert written[0] < taken.uttag.as_of
    assert deltagare(taken, "anonyma") == 7


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_writers_of_another_database_are_not_waited_for() -> None:
    """A snapshot counts the transactions of the whole server; whoever writes elsewhere has nothing to do with us."""
    other = ConnectionHandler({"default": {**connection.settings_dict, "NAME": "postgres"}})["default"]
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_current_xact_id()")
            extraction.wait_for_writers(timeout=0.3)
            cursor.execute("ROLLBACK")
    finally:
        other.close()


@both
@pytest.mark.parametrize(
    ("as_of", "before"),
    [
        ("2020-02-29T12:00:00+01:00", "2019-02-28T12:00:00+01:00"),
        ("2019-03-31T12:00:00+02:00", "2018-03-31T12:00:00+02:00"),
        ("2018-10-28T12:00:00+01:00", "2017-10-28T12:00:00+02:00"),
    ],
)
def test_one_year_before_is_the_same_clock_time_in_stockholm(as_of: str, before: str) -> None:
    """29 February and summer time included."""
    assert a_year_before(dt.datetime.fromisoformat(as_of)) == dt.datetime.fromisoformat(before)


@both
def test_writing_since_needs_a_transaction() -> None:
    """The time a registration becomes known is read inside its transaction, or not at all."""
    with transaction.atomic():
        assert abs(writing_since() - timezone.now()) < dt.timedelta(seconds=5)

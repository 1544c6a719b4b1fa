"""Writes that the database must refuse whoever makes them, and such as it must take, as data.

Each is an object to insert, or a change of a stored row, tried by every route that passes no rule: raw SQL, COPY and
the bulk writes of the ORM. The same lists are tried as the owner of the tables, as a database role that owns nothing,
and after a later migration has altered the tables (test_constraints*.py).
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from finsam_site.access.models import Arbetsgivare, Atkomst, User
from registration.models import (
    Anonyma,
    Deltagande,
    Fraga,
    Identitet,
    Inregistrering,
    Insats,
    Samtycke,
    Samtyckesandring,
    Samtyckesskanning,
    Svar,
    Uppdrag,
    Utregistrering,
    Volym,
)
from registration.rules.antal import AnonymaRad, VolymRad, record_anonyma, record_volym
from registration.rules.correct_samtycke import Samtyckesrattelse, Skal, correct_samtycke
from registration.rules.erase import withdraw_samtycke
from registration.rules.facts import load_facts
from reporting.models import UttagFil
from tests import factories

DAY = dt.timedelta(days=1)
TOMORROW = timezone.now() + DAY
REGISTRERAD_DAG = factories.REGISTRERAD.date()
FOREIGN_KEY = "(?i)foreign key"


# --- The world that is written to ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class World:
    """A small register, written through the rules. Rows are looked up by key, so that no test sees another's changes.

    inne: open. ute: from START to SLUT. fel: a felregistrering. annan: open in the other insats. bar: has lost its
    identitet and nothing else. raderad: withdrawn.
    """

    user: User
    insats: Insats
    annan_insats: Insats
    inne: uuid.UUID
    ute: uuid.UUID
    fel: uuid.UUID
    annan: uuid.UUID
    bar: uuid.UUID
    raderad: uuid.UUID
    fritt: uuid.UUID  # The samtycke that was bar's.
    sent: uuid.UUID  # A samtycke signed after the registration.
    i_annan: uuid.UUID  # A free samtycke of the other insats.
    aterkallat: uuid.UUID  # The samtycke that was raderad's.
    bars_person: uuid.UUID
    anonyma: int
    volym: int
    volyminsats: Insats
    atkomst: int
    fil: int

    def identitet(self, deltagande: uuid.UUID) -> Identitet:
        """The identitet of a deltagande."""
        one: Identitet = Identitet.unscoped.get(deltagande=deltagande)
        return one

    def samtycke(self, deltagande: uuid.UUID) -> Samtycke:
        """The samtycke of a deltagande that has its identitet."""
        one: Samtycke = Samtycke.unscoped.get(identitet__deltagande=deltagande)
        return one

    def version(self, deltagande: uuid.UUID) -> Inregistrering:
        """The first version of a deltagande's in-registration."""
        one: Inregistrering = Inregistrering.unscoped.get(deltagande=deltagande, nr=1)
        return one

    def ut(self, deltagande: uuid.UUID) -> Utregistrering:
        """The first version of a deltagande's out-registration."""
        one: Utregistrering = Utregistrering.unscoped.get(deltagande=deltagande, nr=1)
        return one

    def andring(self, samtycke: uuid.UUID) -> Samtyckesandring:
        """The first correction of a samtycke."""
        one: Samtyckesandring = Samtyckesandring.unscoped.get(samtycke=samtycke, nr=1)
        return one


def build_world() -> World:
    """Write the world. The rules do it all, except that `bar` loses its identitet by itself. The samtycken of inne, bar
    and raderad have been corrected."""
    with factories.as_system():
        insats, annan_insats = factories.insats(), factories.insats()
        inne, ute, fel, bar, raderad = (factories.registered(n, insats=insats) for n in range(5))
        annan = factories.registered(5, insats=annan_insats)
        factories.registered_out(ute)
        factories.registered_out(
            fel, slutdatum=None, avslutsanledning="felregistrering", forsorjning=None, arbetar=None,
            typ_av_arbete=None,
        )  # fmt: skip
        factories.registered_out(raderad)
        for one in (inne, bar, raderad):
            correct_language(one)
        aterkallat = factories.identitet_of(raderad).samtycke_id
        withdraw_samtycke([raderad.pk])
        lost = factories.identitet_of(bar)
        fritt, bars_person = lost.samtycke_id, lost.person_id
        lost.delete()
        sent = new_samtycke(insats, REGISTRERAD_DAG + DAY)
        i_annan = new_samtycke(annan_insats)
        volyminsats = factories.volyminsats()
        anonyma = record_anonyma(AnonymaRad(insats.pk, 2024, 3, 4), seen_nr=0)
        volym = record_volym(VolymRad(volyminsats.pk, 2024, 10, 3, 4), seen_nr=0)
        fil = UttagFil.objects.create(namn=f"prov-{uuid.uuid4()}", innehall=b"prov")
    return World(
        user=factories.system(),
        insats=insats,
        annan_insats=annan_insats,
        inne=inne.pk,
        ute=ute.pk,
        fel=fel.pk,
        annan=annan.pk,
        bar=bar.pk,
        raderad=raderad.pk,
        fritt=fritt,
        sent=sent.pk,
        i_annan=i_annan.pk,
        aterkallat=aterkallat,
        bars_person=bars_person,
        anonyma=anonyma.pk,
        volym=volym.pk,
        volyminsats=volyminsats,
        atkomst=Atkomst.objects.order_by("pk").values_list("pk", flat=True)[0],
        fil=fil.pk,
    )


def correct_language(one: Deltagande) -> None:
    """Somebody read about the samtycke in another language than was registered."""
    said = factories.samtycke_of(one)
    rattelse = Samtyckesrattelse(one.pk, said.undertecknat, said.formular.version, "en", Skal.SKREV_FEL)
    correct_samtycke(rattelse, load_facts({one.insats.insats_id}))


def new_samtycke(insats: Insats, undertecknat: dt.date = factories.UNDERTECKNAT) -> Samtycke:
    """A stored samtycke that nobody has used."""
    one: Samtycke = Samtycke.unscoped.create(
        referenskod=uuid.uuid4().hex[:12], insats=insats, undertecknat=undertecknat,
        formular=factories.formular(),
    )  # fmt: skip
    return one


# --- Objects to insert, valid but for what is overridden -------------------------------------------------------------


def identitet(w: World, **overrides: Any) -> Identitet:
    """An unsaved identitet for `bar`, as it was."""
    values: dict[str, Any] = {
        "deltagande_id": w.bar,
        "person_id": w.bars_person,
        "insats_id": w.insats.pk,
        "samtycke_id": w.fritt,
        "undertecknat": factories.UNDERTECKNAT,
        "registrerad_dag": REGISTRERAD_DAG,
        "startdatum": factories.START,
    } | overrides
    one = Identitet(**values)
    one.encrypt_names("Prov", "Prov")
    return one


def svar(w: World, **overrides: Any) -> Svar:
    """An unsaved answer about `inne`."""
    fraga = Fraga.objects.create(
        forbund_id=w.insats.forbund_id,
        text="Hur?",
        tillfalle="in",
        svarstyp="text",
        giltig_fran=factories.INSATS_START,
    )
    values = {"deltagande_id": w.inne, "insats_id": w.insats.pk} | overrides
    return Svar(fraga=fraga, svar_krypterat=b"prov", besvarad=factories.REGISTRERAD, **values)


def skanning(w: World, **overrides: Any) -> Samtyckesskanning:
    """An unsaved scan of the samtycke of `inne`."""
    values = {"samtycke_id": w.samtycke(w.inne).pk, "insats_id": w.insats.pk} | overrides
    return Samtyckesskanning(
        innehall_krypterat=b"prov", mediatyp="image/png", inlagd=factories.REGISTRERAD, **values
    )


def same_person(
    w: World, of: uuid.UUID, start: dt.date, slut: dt.date | None = None, **overrides: Any
) -> Identitet:
    """An unsaved identitet for `bar` that is the person of `of` and lies from `start` to `slut`."""
    person = w.identitet(of).person_id
    return identitet(w, person_id=person, startdatum=start, slutdatum=slut, **overrides)


def in_version(w: World, **overrides: Any) -> Inregistrering:
    """An unsaved second version of `inne`."""
    return _next(w.version(w.inne), **overrides)


def ut_version(w: World, **overrides: Any) -> Utregistrering:
    """An unsaved second version of `ute`."""
    return _next(w.ut(w.ute), **overrides)


def andring(w: World, **overrides: Any) -> Samtyckesandring:
    """An unsaved second correction of the samtycke of `inne`."""
    one = w.andring(w.samtycke(w.inne).pk)
    values = {each.attname: getattr(one, each.attname) for each in one._meta.concrete_fields}
    return Samtyckesandring(**values | {"id": uuid.uuid4(), "nr": 2} | overrides)


def anonyma(w: World, **overrides: Any) -> Anonyma:
    """An unsaved second version."""
    return _next(Anonyma.unscoped.get(pk=w.anonyma), **overrides)


def volym(w: World, **overrides: Any) -> Volym:
    """An unsaved second version."""
    return _next(Volym.unscoped.get(pk=w.volym), **overrides)


def _next(stored: Any, **overrides: Any) -> Any:
    values = {each.attname: getattr(stored, each.attname) for each in stored._meta.concrete_fields}
    del values[stored._meta.pk.attname]
    values["nr"] += 1
    values["registrerad"] = values["mottagen"] = timezone.now()
    return type(stored)(**values | overrides)


def account(**overrides: Any) -> User:
    """An unsaved account."""
    values: dict[str, Any] = {
        "anvandarnamn": f"forsok-{uuid.uuid4()}",
        "namn": "Försök",
        "arbetsgivare": Arbetsgivare.KOMMUN,
        "password": "!",
    }
    return User(**values | overrides)


def uppdrag(w: World, roll: str, **overrides: Any) -> Uppdrag:
    """An unsaved uppdrag of the system account."""
    return Uppdrag(**{"user": w.user, "roll": roll, "fran": factories.START} | overrides)


# --- Attempts and their routes ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A write and who must refuse it. by: what the error must say, a regular expression; by_sqlite: where it differs.

    Empty: the write must succeed, which shows that the attempts next to it fail for what they try. sqlite: False when
    the refusal is promised for PostgreSQL only (ARCHITECTURE §3).
    """

    name: str
    write: Callable[[World, str], None]
    routes: tuple[str, ...]
    by: str = ""
    by_sqlite: str = ""
    sqlite: bool = True

    def __str__(self) -> str:
        return self.name


def run(attempts: Iterable[Attempt], w: World) -> list[str]:
    """Try each by every route, where it is promised, and give what went otherwise. Leaves the database as it was."""
    return [
        wrong
        for attempt in attempts
        if attempt.sqlite or connection.vendor == "postgresql"
        for route in attempt.routes
        if available(route)
        for wrong in _run(attempt, w, route)
    ]


def _run(attempt: Attempt, w: World, route: str) -> Iterator[str]:
    wanted = attempt.by_sqlite or attempt.by if connection.vendor == "sqlite" else attempt.by
    try:
        with undone():
            attempt.write(w, route)
            connection.check_constraints()
    except IntegrityError as error:
        if not wanted:
            yield f"{attempt} by {route}: was refused: {error}"
        elif not re.search(wanted, str(error)):
            yield f"{attempt} by {route}: was not refused by {wanted} but: {error}"
    else:
        if wanted:
            yield f"{attempt} by {route}: was not refused"


@contextmanager
def undone() -> Iterator[None]:
    """Do the block in a savepoint and take it back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def available(route: str) -> bool:
    """COPY is PostgreSQL's, OR REPLACE is SQLite's; the rest goes everywhere."""
    return {"copy": "postgresql", "or_replace": "sqlite"}.get(route, connection.vendor) == connection.vendor


def every_row(model: type[models.Model]) -> models.QuerySet[Any]:
    """All rows, past every scope."""
    manager: models.Manager[Any] = getattr(model, "unscoped", model._default_manager)
    return manager.all()


def insert(one: models.Model, route: str) -> None:
    """Insert one row by raw SQL (`raw`, `or_replace`), COPY or bulk_create."""
    fields = [each for each in one._meta.concrete_fields if not (each.primary_key and one.pk is None)]
    if route == "bulk_create":
        every_row(type(one)).bulk_create([one])
        return
    quote = connection.ops.quote_name
    table, columns = quote(one._meta.db_table), ", ".join(quote(str(each.column)) for each in fields)
    values = [each.get_db_prep_save(getattr(one, each.attname), connection=connection) for each in fields]
    with connection.cursor() as cursor:
        if route == "copy":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                copy.write_row(values)
            return
        verb = {"raw": "INSERT", "or_replace": "INSERT OR REPLACE"}[route]
        marks = ", ".join(["%s"] * len(values))
        cursor.execute(f"{verb} INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608


def change(one: models.Model, values: dict[str, Any], route: str) -> None:
    """Change a stored row by raw SQL, QuerySet.update or bulk_update. values: by attname."""
    fields = [one._meta.get_field(name) for name in values]
    if route == "update":
        every_row(type(one)).filter(pk=one.pk).update(**values)
    elif route == "bulk_update":
        for name, value in values.items():
            setattr(one, name, value)
        every_row(type(one)).bulk_update([one], [each.name for each in fields])
    else:
        raw_update(type(one), one.pk, values)


def raw_update(model: type[models.Model], pk: object, values: dict[str, Any]) -> None:
    """Change one row by raw SQL."""
    quote = connection.ops.quote_name
    fields: list[Any] = [model._meta.get_field(name) for name in values]
    key: Any = model._meta.pk
    settings = ", ".join(f"{quote(each.column)} = %s" for each in fields)
    row = [
        each.get_db_prep_save(value, connection=connection)
        for each, value in zip([*fields, key], [*values.values(), pk], strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} SET {settings} WHERE {quote(key.column)} = %s",  # noqa: S608
            row,
        )


def delete(one: models.Model, route: str) -> None:
    """Delete a stored row by raw SQL or as a QuerySet does when nothing stops it in Python."""
    if route == "queryset":
        every_row(type(one)).filter(pk=one.pk)._raw_delete(connection.alias)
        return
    quote = connection.ops.quote_name
    key: Any = one._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {quote(one._meta.db_table)} WHERE {quote(key.column)} = %s",  # noqa: S608
            [key.get_db_prep_save(one.pk, connection=connection)],
        )


INSERTS = ("raw", "copy", "bulk_create")
CHANGES = ("raw", "update", "bulk_update")
DELETES = ("raw", "queryset")


def inserting(
    name: str,
    make: Callable[[World], models.Model],
    by: str = "",
    by_sqlite: str = "",
    *,
    sqlite: bool = True,
) -> Attempt:
    return Attempt(
        name=f"insert {name}", write=lambda w, route: insert(make(w), route), routes=INSERTS, by=by,
        by_sqlite=by_sqlite, sqlite=sqlite,
    )  # fmt: skip


def changing(
    name: str, find: Callable[[World], models.Model], values: Callable[[World], dict[str, Any]], by: str = "",
    by_sqlite: str = "", *, sqlite: bool = True,
) -> Attempt:  # fmt: skip
    return Attempt(
        name=f"change {name}", write=lambda w, route: change(find(w), values(w), route), routes=CHANGES, by=by,
        by_sqlite=by_sqlite, sqlite=sqlite,
    )  # fmt: skip


def deleting(name: str, find: Callable[[World], models.Model], by: str = "", by_sqlite: str = "") -> Attempt:
    return Attempt(
        name=f"delete {name}", write=lambda w, route: delete(find(w), route), routes=DELETES, by=by,
        by_sqlite=by_sqlite,
    )  # fmt: skip


def made(make: Callable[..., models.Model], values: dict[str, Any]) -> Callable[[World], models.Model]:
    return lambda w: make(w, **values)


def stored(one: models.Model) -> models.Model:
    one.save(force_insert=True)
    connection.check_constraints()
    return one


# --- Rows of the append-only tables ----------------------------------------------------------------------------------

GUARDED = ("inregistrering", "utregistrering", "samtyckesandring", "anonyma", "volym", "atkomst", "uttagfil")


def guarded_row(w: World, which: str) -> models.Model:
    """The stored row of each append-only table; of the versions, one that is still tied to a person."""
    rows: dict[str, Callable[[], models.Model]] = {
        "inregistrering": lambda: w.version(w.inne),
        "utregistrering": lambda: w.ut(w.ute),
        "samtyckesandring": lambda: w.andring(w.samtycke(w.inne).pk),
        "anonyma": lambda: Anonyma.unscoped.get(pk=w.anonyma),
        "volym": lambda: Volym.unscoped.get(pk=w.volym),
        "atkomst": lambda: Atkomst.objects.get(pk=w.atkomst),
        "uttagfil": lambda: UttagFil.objects.get(pk=w.fil),
    }
    return rows[which]()


@dataclass(frozen=True)
class _Changed:
    """Another value of the same kind."""

    by_type: dict[str, Callable[[Any], Any]] = field(
        default_factory=lambda: {
            "UUIDField": lambda _: uuid.uuid4(),
            "DateTimeField": lambda old: (old or timezone.now()) - DAY,
            "DateField": lambda old: (old or factories.START) - DAY,
            "BooleanField": lambda old: not old,
            "BinaryField": lambda old: b"annat" + bytes(old or b""),
        }
    )

    def __call__(self, one: models.Model, each: Any) -> Any:
        old = getattr(one, each.attname)
        kind = each.get_internal_type()
        if each.is_relation:
            if each.target_field.get_internal_type() == "UUIDField":
                return uuid.uuid4()
            return old + 1 if isinstance(old, int) else "2580"
        if kind in self.by_type:
            return self.by_type[kind](old)
        if isinstance(old, str) or (old is None and kind == "CharField"):
            return {"K": "M", "M": "K"}.get(old or "", "annat")
        return (old or 0) + 1


changed = _Changed()
"""changed(row, field): a value of the field that differs from the row's."""

"""Triggers that tie an identitet to rows of other tables, where no constraint on one row can.

* Its day of registration is that of the deltagande's first version, in Europe/Stockholm, and no version, in or out and
  whatever its number, was known before that day: otherwise a later day could hide a samtycke that was signed after
  something was registered. (On SQLite it may be the day by either offset of the zone.)
* A version that says anything of a person is not inserted for a deltagande that has lost its identity.
* A correction of a samtycke is not inserted once the samtycke is nobody's.
* None is inserted for a deltagande that has lost its identity, of which a version is blanked, or on a samtycke that was
  withdrawn.

Installed after every migrate, like the append-only guards (finsam_site/access/guards.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections

from finsam_site.access.guards import PREFIX

NAME = f"{PREFIX}registration_identitet_tied"
SQLITE_NAMES = {f"{NAME}_{when}" for when in ("insert", "update", "version", "ut_version")}

VERSIONS = {"registration_inregistrering": "startdatum", "registration_utregistrering": "slutdatum"}
"""Version table → its date; with birth year and kommun the columns that erasure always blanks."""

ANDRING = "registration_samtyckesandring"
ANDRING_NAME = f"{PREFIX}{ANDRING}_erased"

_MESSAGE = "registration_identitet is not tied to its registration"
_MIDNIGHT = "({}::timestamp AT TIME ZONE 'Europe/Stockholm')"
"""The moment a day begins, on PostgreSQL."""
_GONE = """
    EXISTS (SELECT 1 FROM registration_deltagande d
            WHERE d.id = NEW.deltagande_id AND d.avidentifierad IS NOT NULL)
    OR EXISTS (SELECT 1 FROM registration_samtycke s WHERE s.id = NEW.samtycke_id AND s.aterkallat IS NOT NULL)
"""
_SOMEBODYS = "EXISTS (SELECT 1 FROM registration_identitet i WHERE i.samtycke_id = NEW.samtycke_id)"


def names(vendor: str) -> set[str]:
    """The triggers that a database of this kind has."""
    erased = {f"{PREFIX}{table}_erased" for table in (*VERSIONS, ANDRING)}
    return erased | (SQLITE_NAMES if vendor == "sqlite" else {NAME})


def install_ties(using: str = "default", **_: Any) -> None:
    """Create or replace the triggers, each group once all its tables exist: a database that is taken back to before one
    of them keeps the others. May run twice without harm."""
    connection = connections[using]
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        schema = ""
        if connection.vendor == "postgresql":
            cursor.execute("SELECT current_schema()")
            schema = connection.ops.quote_name(cursor.fetchone()[0])
        for tables, of_sqlite, of_postgresql in _GROUPS:
            if tables <= there:
                for statement in of_postgresql(schema) if schema else of_sqlite():
                    cursor.execute(statement)


def lift_ties(using: str = "default", plan: Sequence[Any] = (), **_: Any) -> None:
    """On SQLite, drop them before a migrate: it refuses to rebuild a table that a trigger elsewhere names."""
    connection = connections[using]
    if connection.vendor == "sqlite" and plan:
        with connection.cursor() as cursor:
            for name in names("sqlite"):
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')


def _speaks(day: str) -> str:
    """SQL that is true of a new version that says anything of a person."""
    return f"(NEW.{day} IS NOT NULL OR NEW.fodelsear IS NOT NULL OR NEW.kommun_id IS NOT NULL)"


def _postgresql(schema: str) -> list[str]:
    refuse = f"RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';"
    # Locked: who blanks a version at this moment is waited for, and then seen.
    versions = f"""
        SELECT coalesce(bool_or(v.nr = 1 AND v.registrerad < {_MIDNIGHT.format("(NEW.registrerad_dag + 1)")}), false)
               AND coalesce(bool_and(v.startdatum IS NOT NULL AND v.registrerad >= midnight), false)
        INTO whole
        FROM (SELECT v.nr, v.registrerad, v.startdatum FROM registration_inregistrering v
              WHERE v.deltagande_id = NEW.deltagande_id FOR SHARE) v;
    """
    early_out = """
        EXISTS (SELECT 1 FROM registration_utregistrering v
                WHERE v.deltagande_id = NEW.deltagande_id AND v.registrerad < midnight)
    """
    # At the end of the transaction, so that version and identitet may be written in any order.
    return [
        f'CREATE OR REPLACE FUNCTION "{NAME}"() RETURNS trigger LANGUAGE plpgsql '
        f"SET search_path = pg_catalog, {schema}, pg_temp AS $tied$ DECLARE whole boolean; "
        f"midnight timestamptz := {_MIDNIGHT.format('NEW.registrerad_dag')}; BEGIN "
        f"IF NOT EXISTS (SELECT 1 FROM registration_identitet i WHERE i.id = NEW.id) THEN RETURN NULL; END IF; "
        f"{versions} IF NOT whole OR {early_out} "
        f"OR ((TG_OP = 'INSERT' OR OLD.id <> NEW.id OR OLD.samtycke_id <> NEW.samtycke_id) AND ({_GONE})) "
        f"THEN {refuse} END IF; RETURN NULL; END $tied$",
        f'DROP TRIGGER IF EXISTS "{NAME}" ON registration_identitet',
        f'CREATE CONSTRAINT TRIGGER "{NAME}" AFTER INSERT OR UPDATE OF id, registrerad_dag, deltagande_id, samtycke_id '
        f"ON registration_identitet DEFERRABLE INITIALLY DEFERRED "
        f'FOR EACH ROW EXECUTE FUNCTION "{NAME}"()',
        *(
            statement
            for table, day in VERSIONS.items()
            for statement in _version_postgresql(table, day, schema)
        ),
    ]


def _andring_postgresql(schema: str) -> list[str]:
    refuse = (
        f"RAISE EXCEPTION '{ANDRING} has lost its identity' USING ERRCODE = 'integrity_constraint_violation';"
    )
    return [
        f'CREATE OR REPLACE FUNCTION "{ANDRING_NAME}"() RETURNS trigger LANGUAGE plpgsql '
        f"SET search_path = pg_catalog, {schema}, pg_temp AS $erased$ BEGIN "
        f"IF NOT {_SOMEBODYS} THEN {refuse} END IF; RETURN NEW; END $erased$",
        f'CREATE OR REPLACE TRIGGER "{ANDRING_NAME}" BEFORE INSERT ON "{ANDRING}" '
        f'FOR EACH ROW EXECUTE FUNCTION "{ANDRING_NAME}"()',
    ]


def _version_postgresql(table: str, day: str, schema: str) -> list[str]:
    """Both looks at a new version, as one statement: an import runs it for every row."""
    name = f"{PREFIX}{table}_erased"
    code = "USING ERRCODE = 'integrity_constraint_violation';"
    found = f"""
        SELECT d.avidentifierad IS NOT NULL AND {_speaks(day)},
               NEW.registrerad < {_MIDNIGHT.format("i.registrerad_dag")}
        INTO gone, early
        FROM registration_deltagande d LEFT JOIN registration_identitet i ON i.deltagande_id = d.id
        WHERE d.id = NEW.deltagande_id;
    """
    return [
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql '
        f"SET search_path = pg_catalog, {schema}, pg_temp AS $erased$ DECLARE gone boolean; early boolean; BEGIN "
        f"{found} "
        f"IF gone THEN RAISE EXCEPTION '{table} has lost its identity' {code} END IF; "
        f"IF early THEN RAISE EXCEPTION '{_MESSAGE}' {code} END IF; RETURN NEW; END $erased$",
        f'CREATE OR REPLACE TRIGGER "{name}" BEFORE INSERT ON "{table}" FOR EACH ROW EXECUTE FUNCTION "{name}"()',
    ]


def _sqlite() -> list[str]:
    # Without the parts of a second: SQLite rounds them to thousandths, and so the last of a day into the next.
    second = "substr(v.registrerad, 1, 19)"
    days = f"(date({second}, '+1 hour'), date({second}, '+2 hours'))"
    latest = f"date({second}, '+2 hours')"
    ins, uts = VERSIONS
    wrong_version = f"""
        EXISTS (SELECT 1 FROM {ins} v WHERE v.deltagande_id = NEW.deltagande_id
                AND (v.startdatum IS NULL OR {latest} < NEW.registrerad_dag
                     OR (v.nr = 1 AND NEW.registrerad_dag NOT IN {days})))
        OR EXISTS (SELECT 1 FROM {uts} v
                   WHERE v.deltagande_id = NEW.deltagande_id AND {latest} < NEW.registrerad_dag)
    """
    identitet, deltagande = "registration_identitet", "registration_deltagande"

    def of_identitet(wrong: str) -> str:
        wrong = wrong.replace("v.", "NEW.")
        return f"EXISTS (SELECT 1 FROM {identitet} i WHERE i.deltagande_id = NEW.deltagande_id AND ({wrong}))"

    early = f"{latest} < i.registrerad_dag"
    not_that_day = f"NEW.nr = 1 AND i.registrerad_dag NOT IN {days}"
    triggers = {
        f"{NAME}_insert": f'AFTER INSERT ON "{identitet}" WHEN {wrong_version} OR {_GONE}',
        f"{NAME}_update": f'AFTER UPDATE OF registrerad_dag, deltagande_id, samtycke_id ON "{identitet}" '
        f"WHEN {wrong_version} OR (OLD.samtycke_id <> NEW.samtycke_id AND ({_GONE}))",
        f"{NAME}_version": f'AFTER INSERT ON "{ins}" WHEN {of_identitet(f"{early} OR ({not_that_day})")}',
        f"{NAME}_ut_version": f'AFTER INSERT ON "{uts}" WHEN {of_identitet(early)}',
    }
    gone = f"(SELECT d.avidentifierad FROM {deltagande} d WHERE d.id = NEW.deltagande_id) IS NOT NULL"
    for table, day in VERSIONS.items():
        triggers[f"{PREFIX}{table}_erased"] = f'BEFORE INSERT ON "{table}" WHEN {_speaks(day)} AND {gone}'
    return _made_sqlite(triggers)


def _andring_sqlite() -> list[str]:
    return _made_sqlite({ANDRING_NAME: f'BEFORE INSERT ON "{ANDRING}" WHEN NOT {_SOMEBODYS}'})


def _made_sqlite(triggers: Mapping[str, str]) -> list[str]:
    """triggers: name → when it refuses."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
    return [
        statement
        for name, rest in triggers.items()
        for statement in (f'DROP TRIGGER IF EXISTS "{name}"', f'CREATE TRIGGER "{name}" {rest} {refuse}')
    ]


_GROUPS = (
    (
        {"registration_identitet", "registration_samtycke", "registration_deltagande", *VERSIONS},
        _sqlite,
        _postgresql,
    ),
    ({"registration_identitet", ANDRING}, _andring_sqlite, _andring_postgresql),
)
"""(the tables that triggers name, how they are made on SQLite, and on PostgreSQL)"""

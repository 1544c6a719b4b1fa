"""A later migration that alters the tables takes no protection away.

SQLite rebuilds an altered table, and its triggers and constraints with it; PostgreSQL alters it in place. The
migrations here are made for the test, follow the real ones and are run and taken back by `migrate` itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from pytest_django import Settings

from finsam_site.access.guards import guarded_models, installed_triggers
from tests.registration import attempt_lists, attempts, races, test_races
from tests.registration.test_constraints_list import CONSTRAINTS, found_constraints
from tests.registration.test_guards import TRIGGERS, missing

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

NAME = "9999_prov"

ALTERED = {
    "access": {"Atkomst": ("syfte", "models.CharField(max_length=300, blank=True)"),
               "User": ("organisation", "models.CharField(max_length=300, blank=True)")},
    "registration": {
        "Identitet": ("felregistrerad", "models.BooleanField(default=False, db_default=False)"),
        "Samtycke": ("sprak", "models.CharField(max_length=11, default='sv')"),
        "Person": ("nummer_krypterat", "models.BinaryField(null=True)"),
        "Deltagande": ("avidentifierad_orsak", "models.CharField(max_length=30, blank=True)"),
        "Inregistrering": ("utbildning", "models.CharField(max_length=41, null=True, blank=True)"),
        "Utregistrering": ("avslutsanledning", "models.CharField(max_length=41, null=True, blank=True)"),
        "Anonyma": ("kvinnor", "models.PositiveIntegerField(null=True)"),
        "Volym": ("antal", "models.PositiveIntegerField(null=True)"),
        "Uppdrag": ("roll", "models.CharField(max_length=40)"),
        "Insats": ("namn", "models.CharField(max_length=300)"),
        "InsatsAgande": ("fran", "models.DateField(db_index=True)"),
        "InsatsAr": ("planerat_antal", "models.PositiveBigIntegerField(null=True, blank=True)"),
        "Forbund": ("namn", "models.CharField(max_length=300)"),
        "ForbundAr": ("post", "models.CharField(max_length=41)"),
        "Nummerhash": ("aktuell", "models.BooleanField(default=True, db_default=True)"),
        "Samtyckesandring": ("sprak", "models.CharField(max_length=11, null=True)"),
        "Samtyckesskanning": ("mediatyp", "models.CharField(max_length=61)"),
        "Svar": ("svar_krypterat", "models.BinaryField(null=True)"),
    },
    "reporting": {
        "Uttag": ("software", "models.CharField(max_length=41)"),
        "UttagFil": ("innehall", "models.BinaryField(null=True)"),
        "UttagRad": ("rad", "models.PositiveBigIntegerField()"),
    },
}  # fmt: skip
"""Of each protected table a column that is altered, so that it stands otherwise; each gets a new column too."""


def migration(app: str) -> str:
    """The source of the next migration of an app."""
    (leaf,) = [key for key in MigrationLoader(connection).graph.leaf_nodes(app) if key[0] == app]
    operations = []
    for model, (field, altered) in ALTERED[app].items():
        operations += [
            f"migrations.AddField({model!r}, 'prov', models.BooleanField(default=False, db_default=False))",
            f"migrations.AlterField({model!r}, {field!r}, {altered})",
        ]
    return (
        "from django.db import migrations, models\n\n\n"
        "class Migration(migrations.Migration):\n"
        f"    dependencies = [{leaf!r}]\n"
        f"    operations = [{', '.join(operations)}]\n"
    )


PACKAGE = """
import importlib
__path__ = [*__path__, *importlib.import_module({real!r}).__path__]
"""


@pytest.fixture
def altered(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> Iterator[dict[str, str]]:
    """Every protected table is altered; afterwards it is as before. Gives the last real migration of each app."""
    graph = MigrationLoader(connection).graph
    before = {app: graph.leaf_nodes(app)[0][1] for app in ALTERED}
    sources = {app: migration(app) for app in ALTERED}
    for app, source in sources.items():
        package = tmp_path / f"prov_{app}"
        package.mkdir()
        real = f"{apps.get_app_config(app).name}.migrations"
        (package / "__init__.py").write_text(PACKAGE.format(real=real))
        (package / f"{NAME}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {app: f"prov_{app}" for app in ALTERED}
    try:
        call_command("migrate", verbosity=0)
        yield before
    finally:
        take_back(before)
        for name in [name for name in sys.modules if name.startswith("prov_")]:
            del sys.modules[name]


def take_back(before: dict[str, str]) -> None:
    """Migrate every app back to the last real migration."""
    for app in reversed(before):
        call_command("migrate", app, before[app], verbosity=0)


def the_protection_is_whole() -> None:
    """Triggers and constraints are listed, and every attempt is made again."""
    assert installed_triggers() == TRIGGERS
    assert missing() == set()
    assert found_constraints() == CONSTRAINTS
    with transaction.atomic():
        world = attempts.build_world()
        assert attempts.run(attempt_lists.EVERY, world) == []
        if connection.vendor == "postgresql":
            with races.as_app_role():
                assert attempts.run(attempt_lists.EVERY, world) == []
        transaction.set_rollback(True)


def columns(table: str) -> set[str]:
    """The columns of a table as they stand."""
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


def test_every_protected_table_is_altered() -> None:
    """Those with a guard, and those whose constraints are listed by name."""
    tables = {
        apps.get_model(app, model)._meta.db_table for app, models in ALTERED.items() for model in models
    }
    assert tables >= {model._meta.db_table for model, _ in guarded_models()} | set(CONSTRAINTS)


def test_a_migration_that_alters_every_protected_table_and_back(altered: dict[str, str]) -> None:
    for app, models in ALTERED.items():
        for model in models:
            assert "prov" in columns(apps.get_model(app, model)._meta.db_table)
    the_protection_is_whole()
    take_back(altered)
    assert "prov" not in columns("registration_identitet")
    the_protection_is_whole()


@races.ONE_WRITER_ON_SQLITE
@pytest.mark.parametrize(
    "race",
    [
        test_races.test_two_that_overlap_are_inserted_at_once,
        test_races.test_one_samtycke_is_used_for_two_at_once,
        test_races.test_a_version_is_blanked_and_its_identitet_inserted_at_once,
    ],
)
def test_two_connections_at_once_after_a_migration(altered: dict[str, str], race: Callable[[], None]) -> None:
    """What only the database can see is seen in the altered tables too."""
    with races.committed_app_role():
        race()

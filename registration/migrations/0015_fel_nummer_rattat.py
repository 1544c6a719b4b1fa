"""A version may say that a wrong number had been typed: not a new one, which the person got.

Taken back, such a version is a plain correction with the same reason, as it was told before.
"""

from typing import Any

from django.db import migrations, models


def as_plain(apps: Any, schema_editor: Any) -> None:
    """Back: what the table may say again."""
    versions = apps.get_model("registration", "Inregistrering").objects.using(schema_editor.connection.alias)
    with schema_editor.connection.cursor() as cursor:
        _guard(cursor, "DISABLE")
        versions.filter(slag="nummerrattelse").update(slag="rattelse")
        _guard(cursor, "ENABLE")


def _guard(cursor: Any, how: str) -> None:
    """The table is append-only, whoever asks. On SQLite its guard steps aside before every migrate."""
    if cursor.db.vendor == "postgresql":
        # ALTER TABLE refuses a table with checks put off to the end of the transaction.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE registration_inregistrering {how} TRIGGER USER")


class Migration(migrations.Migration):
    dependencies = [
        ("registration", "0014_samtyckesandring"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="inregistrering",
            name="inregistrering_slag",
        ),
        migrations.AlterField(
            model_name="inregistrering",
            name="slag",
            field=models.CharField(
                blank=True,
                choices=[
                    ("rattelse", "rättelse"),
                    ("nummerbyte", "nytt personnummer"),
                    ("nummerbyte_utifran", "nytt personnummer, bytt av någon utanför insatsen"),
                    ("nummerrattelse", "fel personnummer rättat"),
                ],
                max_length=20,
                null=True,
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, as_plain),
        migrations.AddConstraint(
            model_name="inregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("slag__isnull", True),
                    models.Q(
                        ("nr__gt", 1),
                        ("slag__in", ["rattelse", "nummerbyte", "nummerbyte_utifran", "nummerrattelse"]),
                    ),
                    _connector="OR",
                ),
                name="inregistrering_slag",
            ),
        ),
    ]

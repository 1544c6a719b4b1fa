"""What a version that corrects another was made by stands in a column of its own; until now its sealed reason began with
the words when that was a new number.

So the reasons are opened once, with the keys that the site has: whoever migrates has them, as whoever runs `rotate_keys`
does. A key that is missing stops it, and nothing is changed. A reason that somebody wrote with those words is taken for a
new number here, for the last time: before now nothing told the two apart. Those of new numbers are sealed anew without
the words. Taken back, the words stand in the reasons again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import migrations, models

from finsam_site.access.encryption import decrypt_text, encrypt_text

BEGAN = "Nytt personnummer: "


def read_once(apps: Any, schema_editor: Any) -> None:
    """Fill the column of every correction that erasure has not taken."""
    versions = apps.get_model("registration", "Inregistrering").objects.using(schema_editor.connection.alias)
    corrections = versions.filter(nr__gt=1, startdatum__isnull=False)
    with _guard_lifted(schema_editor.connection):
        corrections.update(slag="rattelse")
        sealed = corrections.filter(orsak_krypterad__isnull=False)
        for pk, token in list(sealed.values_list("pk", "orsak_krypterad")):
            context = f"version.orsak:{pk}"
            reason = decrypt_text(token, context=context)
            if not reason.startswith(BEGAN):
                continue
            written = reason.removeprefix(BEGAN)
            versions.filter(pk=pk).update(
                slag="nummerbyte" if written else "nummerbyte_utifran",
                orsak_krypterad=encrypt_text(written, context=context) if written else None,
            )


def seal_again(apps: Any, schema_editor: Any) -> None:
    """Back: the reasons as the code of before reads them. Without the words it would take a new number for a plain
    correction, and tell who changed it from another insats."""
    versions = apps.get_model("registration", "Inregistrering").objects.using(schema_editor.connection.alias)
    changed = versions.filter(slag__in=["nummerbyte", "nummerbyte_utifran"])
    with _guard_lifted(schema_editor.connection):
        for pk, token in list(changed.values_list("pk", "orsak_krypterad")):
            context = f"version.orsak:{pk}"
            written = decrypt_text(token, context=context) if token is not None else ""
            sealed = encrypt_text(BEGAN + written, context=context)
            versions.filter(pk=pk).update(orsak_krypterad=sealed)


@contextmanager
def _guard_lifted(connection: Any) -> Iterator[None]:
    """The table is append-only, whoever asks. On SQLite its guard steps aside before every migrate."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        # ALTER TABLE refuses a table with checks put off to the end of the transaction.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE registration_inregistrering DISABLE TRIGGER USER")
        yield
        cursor.execute("ALTER TABLE registration_inregistrering ENABLE TRIGGER USER")


class Migration(migrations.Migration):
    dependencies = [
        ("registration", "0012_sparrade_i_ingens_vag"),
    ]

    operations = [
        migrations.AddField(
            model_name="inregistrering",
            name="slag",
            field=models.CharField(
                blank=True,
                choices=[
                    ("rattelse", "rättelse"),
                    ("nummerbyte", "nytt personnummer"),
                    ("nummerbyte_utifran", "nytt personnummer, bytt av någon utanför insatsen"),
                ],
                max_length=20,
                null=True,
            ),
        ),
        migrations.RunPython(read_once, seal_again),
        migrations.AddConstraint(
            model_name="inregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("slag__isnull", True),
                    models.Q(("nr__gt", 1), ("slag__in", ["rattelse", "nummerbyte", "nummerbyte_utifran"])),
                    _connector="OR",
                ),
                name="inregistrering_slag",
            ),
        ),
    ]

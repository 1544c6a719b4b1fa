"""Corrections of a samtycke in a table of their own: until now only the words of the access log told of them.

Those of before are not read out of the log: only demo databases have any, and a text that was made to be read is no
place to read values from. Taken back, the table goes, which the code of before cannot read: it is refused while there is
anything in it.
"""

import uuid
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.exceptions import IrreversibleError

import registration.models.constraints


def refuse_if_any(apps: Any, schema_editor: Any) -> None:
    """Back: no correction is dropped without a word."""
    rows = apps.get_model("registration", "Samtyckesandring").objects.using(schema_editor.connection.alias)
    if count := rows.count():
        raise IrreversibleError(
            f"Det finns rättelser av samtycken ({count} stycken). De skulle gå förlorade om tabellen togs bort, och "
            "ingenting är ändrat."
        )


class Migration(migrations.Migration):
    dependencies = [
        ("registration", "0013_rattelsens_slag"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Samtyckesandring",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("nr", models.PositiveSmallIntegerField()),
                ("registrerad", models.DateTimeField()),
                (
                    "skal",
                    models.CharField(
                        choices=[
                            ("skrev_fel", "Jag skrev fel"),
                            ("laste_fel", "Jag läste fel på papperet"),
                            ("annan_uppgift", "Personen har berättat hur det var"),
                        ],
                        max_length=20,
                        null=True,
                        verbose_name="skäl",
                    ),
                ),
                ("tidigare_undertecknat", models.DateField(null=True)),
                ("tidigare_sprak", models.CharField(max_length=10, null=True, verbose_name="tidigare språk")),
                ("undertecknat", models.DateField(null=True)),
                ("sprak", models.CharField(max_length=10, null=True, verbose_name="språk")),
                (
                    "formular",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registration.samtyckesformular",
                    ),
                ),
                (
                    "insats",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registration.insats",
                    ),
                ),
                (
                    "registrerad_av",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "samtycke",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="andringar",
                        to="registration.samtycke",
                    ),
                ),
                (
                    "tidigare_formular",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registration.samtyckesformular",
                    ),
                ),
            ],
            options={
                "verbose_name": "ändring av ett samtycke",
                "verbose_name_plural": "ändringar av samtycken",
                "ordering": ["samtycke", "nr"],
                "constraints": [
                    models.UniqueConstraint(fields=("samtycke", "nr"), name="samtyckesandring_nr"),
                    models.CheckConstraint(
                        condition=models.Q(("nr__gte", 1)), name="samtyckesandring_nr_fran_ett"
                    ),
                    registration.models.constraints.CopiedFrom(
                        fields=("samtycke", "insats"),
                        name="samtyckesandring_kopierar_samtycke",
                        to_columns=("id", "insats_id"),
                        to_table="registration_samtycke",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("skal__isnull", True),
                            ("skal__in", ["skrev_fel", "laste_fel", "annan_uppgift"]),
                            _connector="OR",
                        ),
                        name="samtyckesandring_skal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("formular__isnull", False),
                                ("skal__isnull", False),
                                ("sprak__isnull", False),
                                ("tidigare_formular__isnull", False),
                                ("tidigare_sprak__isnull", False),
                                ("tidigare_undertecknat__isnull", False),
                                ("undertecknat__isnull", False),
                            ),
                            models.Q(
                                ("formular__isnull", True),
                                ("skal__isnull", True),
                                ("sprak__isnull", True),
                                ("tidigare_formular__isnull", True),
                                ("tidigare_sprak__isnull", True),
                                ("tidigare_undertecknat__isnull", True),
                                ("undertecknat__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="samtyckesandring_hel_eller_borta",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("skal__isnull", True),
                            models.Q(("undertecknat", models.F("tidigare_undertecknat")), _negated=True),
                            models.Q(("formular", models.F("tidigare_formular")), _negated=True),
                            models.Q(("sprak", models.F("tidigare_sprak")), _negated=True),
                            _connector="OR",
                        ),
                        name="samtyckesandring_andrar_nagot",
                    ),
                ],
            },
        ),
        migrations.RunPython(migrations.RunPython.noop, refuse_if_any),
    ]

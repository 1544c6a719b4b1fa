import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reporting.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("registration", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="UttagFil",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("namn", models.CharField(max_length=200, unique=True)),
                ("innehall", models.BinaryField()),
                ("skapad", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "uttagsfil",
                "verbose_name_plural": "uttagsfiler",
            },
        ),
        migrations.CreateModel(
            name="Uttag",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("ar", models.PositiveSmallIntegerField(verbose_name="år")),
                ("as_of", models.DateTimeField(verbose_name="som det var känt")),
                ("taken_at", models.DateTimeField(verbose_name="taget")),
                ("content_hash", models.CharField(max_length=64, verbose_name="innehållshash")),
                ("software", models.CharField(max_length=40, verbose_name="programversion")),
                ("definitions", models.CharField(max_length=40, verbose_name="definitioner")),
                (
                    "fil",
                    models.FileField(max_length=200, storage=reporting.models.uttag_storage, upload_to=""),
                ),
                ("fil_sha256", models.CharField(max_length=64)),
                ("noteringar", models.JSONField(default=dict)),
                ("faststalld", models.DateTimeField(blank=True, null=True, verbose_name="fastställt")),
                (
                    "taken_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "uttag",
                "verbose_name_plural": "uttag",
                "ordering": ["-taken_at"],
            },
        ),
        migrations.CreateModel(
            name="UttagRad",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rad", models.PositiveIntegerField()),
                (
                    "identitet",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="registration.identitet",
                    ),
                ),
                (
                    "uttag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rader",
                        to="reporting.uttag",
                    ),
                ),
            ],
            options={
                "verbose_name": "rad i uttag",
                "verbose_name_plural": "rader i uttag",
            },
        ),
        migrations.AddConstraint(
            model_name="uttag",
            constraint=models.CheckConstraint(
                condition=models.Q(("as_of__lt", models.F("taken_at"))), name="uttag_kand_fore_taget"
            ),
        ),
        migrations.AddConstraint(
            model_name="uttag",
            constraint=models.UniqueConstraint(
                condition=models.Q(("faststalld__isnull", False)), fields=("ar",), name="uttag_ett_faststallt"
            ),
        ),
        migrations.AddConstraint(
            model_name="uttagrad",
            constraint=models.UniqueConstraint(fields=("uttag", "rad"), name="uttagrad_unik"),
        ),
    ]

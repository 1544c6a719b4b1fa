import uuid

import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import registration.models.constraints


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Deltagande",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("deltagande_id", models.CharField(max_length=64, unique=True)),
                ("tidigaste_start_ar", models.SmallIntegerField()),
                ("senaste_slut_ar", models.SmallIntegerField(blank=True, null=True)),
                (
                    "forst_ut",
                    models.DateTimeField(blank=True, null=True, verbose_name="först registrerad ut"),
                ),
                ("avidentifierad", models.DateTimeField(blank=True, null=True)),
                (
                    "avidentifierad_orsak",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("aterkallat", "samtycket återkallades"),
                            ("skyddad", "personen fick skyddade personuppgifter"),
                            ("felregistrering", "felregistrering äldre än fristen"),
                        ],
                        max_length=20,
                    ),
                ),
            ],
            options={
                "verbose_name": "deltagande",
                "verbose_name_plural": "deltaganden",
            },
        ),
        migrations.CreateModel(
            name="Kommun",
            fields=[
                ("kod", models.CharField(max_length=4, primary_key=True, serialize=False)),
                ("namn", models.CharField(max_length=60)),
            ],
            options={
                "verbose_name": "kommun",
                "verbose_name_plural": "kommuner",
                "ordering": ["kod"],
            },
        ),
        migrations.CreateModel(
            name="Lan",
            fields=[
                ("kod", models.CharField(max_length=2, primary_key=True, serialize=False)),
                ("namn", models.CharField(max_length=60)),
            ],
            options={
                "verbose_name": "län",
                "verbose_name_plural": "län",
                "ordering": ["kod"],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("nummer_krypterat", models.BinaryField()),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "personer",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Samtyckesformular",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.CharField(max_length=40, unique=True)),
                ("giltig_fran", models.DateField()),
                ("giltig_till", models.DateField(blank=True, null=True)),
                ("sprak", models.CharField(default="sv", max_length=100, verbose_name="språk för läshjälp")),
                (
                    "namner_behovsgrupp",
                    models.BooleanField(
                        default=False,
                        help_text="behovsgrupp per person får bara anges när formuläret nämner den",
                        verbose_name="nämner behovsgrupp",
                    ),
                ),
                ("text", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "samtyckesformulär",
                "verbose_name_plural": "samtyckesformulär",
                "ordering": ["-giltig_fran"],
            },
        ),
        migrations.CreateModel(
            name="Beslut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "slag",
                    models.CharField(
                        choices=[("samtycke", "vad samtycket är rättsligt"), ("gallring", "gallringsbeslut")],
                        max_length=20,
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("referens", models.CharField(max_length=200)),
                ("text", models.TextField(blank=True)),
                ("giltig_fran", models.DateField()),
            ],
            options={
                "verbose_name": "beslut",
                "verbose_name_plural": "beslut",
                "constraints": [models.UniqueConstraint(fields=("slag", "version"), name="beslut_unikt")],
            },
        ),
        migrations.CreateModel(
            name="Forbund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("forbund_id", models.CharField(max_length=40, unique=True)),
                ("namn", models.CharField(max_length=200)),
                ("organisationsnummer", models.CharField(blank=True, max_length=13)),
                ("beskrivning", models.TextField(blank=True)),
                ("kontakt", models.TextField(blank=True)),
                ("startdatum", models.DateField()),
                ("slutdatum", models.DateField(blank=True, null=True)),
                (
                    "uppgatt_i",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="upptagna",
                        to="registration.forbund",
                    ),
                ),
            ],
            options={
                "verbose_name": "samordningsförbund",
                "verbose_name_plural": "samordningsförbund",
                "ordering": ["namn"],
            },
        ),
        migrations.CreateModel(
            name="ForbundAr",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ar", models.PositiveSmallIntegerField(verbose_name="år")),
                ("post", models.CharField(help_text="en finansiär eller en kostnadstyp", max_length=40)),
                ("budget", models.BigIntegerField(blank=True, null=True)),
                ("utfall", models.BigIntegerField(blank=True, null=True)),
                (
                    "forbund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ar",
                        to="registration.forbund",
                    ),
                ),
            ],
            options={
                "verbose_name": "förbundets år",
                "verbose_name_plural": "förbundets år",
            },
        ),
        migrations.CreateModel(
            name="Fraga",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=300, verbose_name="fråga")),
                (
                    "tillfalle",
                    models.CharField(
                        choices=[("in", "vid start"), ("ut", "vid slut")],
                        max_length=2,
                        verbose_name="tillfälle",
                    ),
                ),
                (
                    "svarstyp",
                    models.CharField(
                        choices=[
                            ("ja_nej", "ja eller nej"),
                            ("val", "ett av flera svar"),
                            ("text", "fritext"),
                            ("tal", "ett tal"),
                        ],
                        max_length=10,
                    ),
                ),
                ("svarsalternativ", models.TextField(blank=True, help_text="ett per rad")),
                ("ordning", models.PositiveSmallIntegerField(default=0)),
                ("giltig_fran", models.DateField()),
                ("giltig_till", models.DateField(blank=True, null=True)),
                (
                    "forbund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fragor",
                        to="registration.forbund",
                    ),
                ),
            ],
            options={
                "verbose_name": "kompletterande fråga",
                "verbose_name_plural": "kompletterande frågor",
                "ordering": ["forbund", "tillfalle", "ordning"],
            },
        ),
        migrations.CreateModel(
            name="Inregistrering",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("nr", models.PositiveSmallIntegerField()),
                ("registrerad", models.DateTimeField(verbose_name="känd från")),
                ("mottagen", models.DateTimeField(verbose_name="mottagen av systemet")),
                ("orsak_krypterad", models.BinaryField(blank=True, null=True)),
                (
                    "kon",
                    models.CharField(
                        choices=[("K", "kvinna"), ("M", "man")], max_length=1, verbose_name="kön"
                    ),
                ),
                ("fodelsear", models.SmallIntegerField(null=True, verbose_name="födelseår")),
                ("stadsdel", models.CharField(blank=True, max_length=80, null=True)),
                ("startdatum", models.DateField(null=True)),
                ("start_ar", models.SmallIntegerField()),
                ("utbildning", models.CharField(blank=True, max_length=40, null=True)),
                ("tid_i_forsorjning_manader", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("forsorjning", models.CharField(blank=True, max_length=600, null=True)),
                ("arbetar", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("typ_av_arbete", models.CharField(blank=True, max_length=40, null=True)),
                ("studerar", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("arbetssokande", models.BooleanField(blank=True, null=True)),
                ("inskriven_af", models.BooleanField(blank=True, null=True)),
                ("initierad_av", models.CharField(blank=True, max_length=40, null=True)),
                ("behovsgrupp", models.CharField(blank=True, max_length=40, null=True)),
                (
                    "deltagande",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inregistreringar",
                        to="registration.deltagande",
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
            ],
            options={
                "verbose_name": "inregistrering",
                "verbose_name_plural": "inregistreringar",
                "ordering": ["deltagande", "nr"],
            },
        ),
        migrations.AddField(
            model_name="deltagande",
            name="aktuell_in",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registration.inregistrering",
            ),
        ),
        migrations.CreateModel(
            name="Insats",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("insats_id", models.CharField(max_length=40, unique=True)),
                ("namn", models.CharField(max_length=200)),
                ("beskrivning", models.TextField(blank=True)),
                ("inriktning", models.CharField(max_length=40)),
                ("preciserad_inriktning", models.CharField(max_length=40)),
                ("registreringssatt", models.CharField(max_length=40, verbose_name="registreringssätt")),
                ("startdatum", models.DateField()),
                ("slutdatum", models.DateField(blank=True, null=True)),
                ("esf", models.BooleanField(default=False, verbose_name="ESF-finansierad")),
                (
                    "forbund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="insatser",
                        to="registration.forbund",
                    ),
                ),
            ],
            options={
                "verbose_name": "insats",
                "verbose_name_plural": "insatser",
                "ordering": ["namn"],
            },
        ),
        migrations.AddField(
            model_name="inregistrering",
            name="insats",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registration.insats",
            ),
        ),
        migrations.AddField(
            model_name="deltagande",
            name="insats",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deltaganden",
                to="registration.insats",
            ),
        ),
        migrations.CreateModel(
            name="Anonyma",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ar", models.PositiveSmallIntegerField(verbose_name="år")),
                ("nr", models.PositiveIntegerField()),
                ("kvinnor", models.PositiveIntegerField()),
                ("man", models.PositiveIntegerField(verbose_name="män")),
                ("registrerad", models.DateTimeField(verbose_name="känd från")),
                ("mottagen", models.DateTimeField(verbose_name="mottagen av systemet")),
                (
                    "registrerad_av",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "insats",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="anonyma",
                        to="registration.insats",
                    ),
                ),
            ],
            options={
                "verbose_name": "anonyma deltagare",
                "verbose_name_plural": "anonyma deltagare",
                "ordering": ["insats", "ar", "nr"],
            },
        ),
        migrations.CreateModel(
            name="InsatsAgande",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fran", models.DateField()),
                ("till", models.DateField(blank=True, null=True)),
                (
                    "forbund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agda",
                        to="registration.forbund",
                    ),
                ),
                (
                    "insats",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="agande",
                        to="registration.insats",
                    ),
                ),
            ],
            options={
                "verbose_name": "ägande",
                "verbose_name_plural": "ägande",
            },
        ),
        migrations.CreateModel(
            name="InsatsAr",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ar", models.PositiveSmallIntegerField(verbose_name="år")),
                ("planerat_antal", models.PositiveIntegerField(blank=True, null=True)),
                ("budget", models.BigIntegerField(blank=True, null=True)),
                ("utfall", models.BigIntegerField(blank=True, null=True)),
                ("budget_esf", models.BigIntegerField(blank=True, null=True)),
                ("utfall_esf", models.BigIntegerField(blank=True, null=True)),
                (
                    "insats",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ar",
                        to="registration.insats",
                    ),
                ),
            ],
            options={
                "verbose_name": "insatsens år",
                "verbose_name_plural": "insatsens år",
            },
        ),
        migrations.CreateModel(
            name="InsatsBehovsgrupp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kod", models.CharField(max_length=40)),
                (
                    "insats",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="behovsgrupper",
                        to="registration.insats",
                    ),
                ),
            ],
            options={
                "verbose_name": "insatsens behovsgrupp",
                "verbose_name_plural": "insatsens behovsgrupper",
            },
        ),
        migrations.CreateModel(
            name="InsatsPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kod", models.CharField(max_length=40)),
                (
                    "insats",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parter",
                        to="registration.insats",
                    ),
                ),
            ],
            options={
                "verbose_name": "medverkande part",
                "verbose_name_plural": "medverkande parter",
            },
        ),
        migrations.CreateModel(
            name="Kod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "lista",
                    models.CharField(
                        choices=[
                            ("inriktning", "inriktning"),
                            ("registreringssatt", "registreringssätt"),
                            ("preciserad_individ", "preciserad inriktning, individ"),
                            ("preciserad_struktur", "preciserad inriktning, struktur"),
                            ("behovsgrupp", "behovsgrupp"),
                            ("finansiar", "finansiär"),
                            ("kostnadstyp", "kostnadstyp"),
                            ("part", "part"),
                            ("forsorjning", "försörjning"),
                            ("forsorjningsgrupp", "grupp av försörjning"),
                            ("utbildning", "högsta slutförda utbildning"),
                            ("tid_i_forsorjning", "tid i offentlig försörjning"),
                            ("typ_av_arbete", "typ av arbete"),
                            ("initierande_aktor", "initierande aktör"),
                            ("avslutsanledning", "avslutsanledning"),
                            ("alder", "ålder"),
                        ],
                        max_length=30,
                    ),
                ),
                ("kod", models.CharField(max_length=40)),
                ("etikett", models.CharField(max_length=120)),
                ("giltig_fran", models.DateField()),
                ("giltig_till", models.DateField(blank=True, null=True)),
                ("ordning", models.PositiveSmallIntegerField()),
                (
                    "grupp",
                    models.CharField(
                        blank=True, help_text="grupp av försörjning, där listan har grupper", max_length=40
                    ),
                ),
                (
                    "per_person",
                    models.BooleanField(default=False, help_text="får anges per deltagare (behovsgrupp)"),
                ),
            ],
            options={
                "verbose_name": "kod",
                "verbose_name_plural": "koder",
                "ordering": ["lista", "ordning"],
                "constraints": [
                    models.UniqueConstraint(fields=("lista", "kod", "giltig_fran"), name="kod_unik"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("giltig_till__isnull", True),
                            ("giltig_till__gte", models.F("giltig_fran")),
                            _connector="OR",
                        ),
                        name="kod_period",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="inregistrering",
            name="kommun",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registration.kommun",
            ),
        ),
        migrations.AddField(
            model_name="kommun",
            name="lan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="kommuner", to="registration.lan"
            ),
        ),
        migrations.CreateModel(
            name="ForbundRegion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fran", models.DateField()),
                ("till", models.DateField(blank=True, null=True)),
                (
                    "forbund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="regioner",
                        to="registration.forbund",
                    ),
                ),
                (
                    "lan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registration.lan"
                    ),
                ),
            ],
            options={
                "verbose_name": "medlemsregion",
                "verbose_name_plural": "medlemsregioner",
            },
        ),
        migrations.CreateModel(
            name="Nummerhash",
            fields=[
                ("hash", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("aktuell", models.BooleanField(default=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="nummerhashar",
                        to="registration.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "nummerhash",
                "verbose_name_plural": "nummerhashar",
            },
        ),
        migrations.CreateModel(
            name="Samtycke",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("referenskod", models.CharField(max_length=20, unique=True)),
                ("undertecknat", models.DateField()),
                ("sprak", models.CharField(default="sv", max_length=10, verbose_name="språk för läshjälp")),
                ("original_skickat", models.DateField(blank=True, null=True)),
                ("original_mottaget", models.DateField(blank=True, null=True)),
                ("aterkallat", models.DateField(blank=True, null=True, verbose_name="återkallat")),
                (
                    "inlast",
                    models.BooleanField(
                        default=False,
                        help_text="kom från ett annat system som inte sade var originalet är",
                        verbose_name="inläst utan kvitto",
                    ),
                ),
                (
                    "insats",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="samtycken",
                        to="registration.insats",
                    ),
                ),
                (
                    "mottaget_av",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "formular",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="samtycken",
                        to="registration.samtyckesformular",
                    ),
                ),
            ],
            options={
                "verbose_name": "samtycke",
                "verbose_name_plural": "samtycken",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Identitet",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("fornamn_krypterat", models.BinaryField()),
                ("efternamn_krypterat", models.BinaryField()),
                ("undertecknat", models.DateField(verbose_name="samtycket undertecknat")),
                ("registrerad_dag", models.DateField(verbose_name="först registrerad")),
                ("startdatum", models.DateField()),
                ("slutdatum", models.DateField(blank=True, null=True)),
                ("felregistrerad", models.BooleanField(default=False)),
                (
                    "begransad",
                    models.DateTimeField(
                        blank=True,
                        help_text="skulle ha tagits bort, men det finns inget gallringsbeslut",
                        null=True,
                        verbose_name="begränsad",
                    ),
                ),
                (
                    "begransad_orsak",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("aterkallat", "samtycket återkallades"),
                            ("skyddad", "personen fick skyddade personuppgifter"),
                            ("felregistrering", "felregistrering äldre än fristen"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "deltagande",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identitet",
                        to="registration.deltagande",
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identiteter",
                        to="registration.person",
                    ),
                ),
                (
                    "samtycke",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identitet",
                        to="registration.samtycke",
                    ),
                ),
            ],
            options={
                "verbose_name": "identitet",
                "verbose_name_plural": "identiteter",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Samtyckesskanning",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("innehall_krypterat", models.BinaryField()),
                ("mediatyp", models.CharField(max_length=60)),
                ("inlagd", models.DateTimeField()),
                (
                    "insats",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registration.insats",
                    ),
                ),
                (
                    "samtycke",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="skanning",
                        to="registration.samtycke",
                    ),
                ),
            ],
            options={
                "verbose_name": "skannat samtycke",
                "verbose_name_plural": "skannade samtycken",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Stadsdel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("namn", models.CharField(max_length=80)),
                ("giltig_fran", models.DateField()),
                ("giltig_till", models.DateField(blank=True, null=True)),
                (
                    "kommun",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stadsdelar",
                        to="registration.kommun",
                    ),
                ),
            ],
            options={
                "verbose_name": "stadsdel",
                "verbose_name_plural": "stadsdelar",
                "ordering": ["kommun", "namn"],
            },
        ),
        migrations.CreateModel(
            name="ForbundKommun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fran", models.DateField()),
                ("till", models.DateField(blank=True, null=True)),
                (
                    "forbund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="kommuner",
                        to="registration.forbund",
                    ),
                ),
                (
                    "kommun",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="medlemskap",
                        to="registration.kommun",
                    ),
                ),
                (
                    "stadsdel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="registration.stadsdel",
                    ),
                ),
            ],
            options={
                "verbose_name": "medlemskommun",
                "verbose_name_plural": "medlemskommuner",
            },
        ),
        migrations.CreateModel(
            name="Svar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("svar_krypterat", models.BinaryField()),
                ("besvarad", models.DateTimeField()),
                (
                    "deltagande",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="svar",
                        to="registration.deltagande",
                    ),
                ),
                (
                    "fraga",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="svar",
                        to="registration.fraga",
                    ),
                ),
                (
                    "insats",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registration.insats",
                    ),
                ),
            ],
            options={
                "verbose_name": "svar",
                "verbose_name_plural": "svar",
            },
        ),
        migrations.CreateModel(
            name="Uppdrag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "roll",
                    models.CharField(
                        choices=[
                            ("deltagaransvarig", "deltagaransvarig"),
                            ("insatsansvarig", "insatsansvarig"),
                            ("forbundsadministrator", "förbundsadministratör"),
                            ("rapportlasare", "rapportläsare"),
                            ("nationell_administrator", "nationell administratör"),
                            ("behorighetsadministrator", "behörighetsadministratör"),
                            ("samtyckesmottagare", "samtyckesmottagare"),
                            ("dataskyddsgranskare", "dataskyddsgranskare"),
                            ("bestallare", "beställare"),
                        ],
                        max_length=30,
                    ),
                ),
                ("fran", models.DateField()),
                ("till", models.DateField(blank=True, null=True)),
                (
                    "forbund",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uppdrag",
                        to="registration.forbund",
                    ),
                ),
                (
                    "givet_av",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "insats",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uppdrag",
                        to="registration.insats",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uppdrag",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "uppdrag",
                "verbose_name_plural": "uppdrag",
            },
        ),
        migrations.CreateModel(
            name="Utregistrering",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("nr", models.PositiveSmallIntegerField()),
                ("registrerad", models.DateTimeField(verbose_name="känd från")),
                ("mottagen", models.DateTimeField(verbose_name="mottagen av systemet")),
                ("orsak_krypterad", models.BinaryField(blank=True, null=True)),
                (
                    "kon",
                    models.CharField(
                        choices=[("K", "kvinna"), ("M", "man")], max_length=1, verbose_name="kön"
                    ),
                ),
                ("fodelsear", models.SmallIntegerField(null=True, verbose_name="födelseår")),
                ("slutdatum", models.DateField(null=True)),
                ("slut_ar", models.SmallIntegerField(null=True)),
                ("felregistrering", models.BooleanField(default=False)),
                ("avslutsanledning", models.CharField(blank=True, max_length=40, null=True)),
                ("forsorjning", models.CharField(blank=True, max_length=600, null=True)),
                ("arbetar", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("typ_av_arbete", models.CharField(blank=True, max_length=40, null=True)),
                ("studerar", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("arbetssokande", models.BooleanField(blank=True, null=True)),
                ("inskriven_af", models.BooleanField(blank=True, null=True)),
                (
                    "deltagande",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="utregistreringar",
                        to="registration.deltagande",
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
                    "kommun",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registration.kommun",
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
            ],
            options={
                "verbose_name": "utregistrering",
                "verbose_name_plural": "utregistreringar",
                "ordering": ["deltagande", "nr"],
            },
        ),
        migrations.AddField(
            model_name="deltagande",
            name="aktuell_ut",
            field=models.OneToOneField(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registration.utregistrering",
            ),
        ),
        migrations.CreateModel(
            name="Volym",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ar", models.PositiveSmallIntegerField(verbose_name="år")),
                ("nr", models.PositiveIntegerField()),
                ("antal", models.PositiveIntegerField()),
                ("kvinnor", models.PositiveIntegerField(blank=True, null=True)),
                ("man", models.PositiveIntegerField(blank=True, null=True, verbose_name="män")),
                ("registrerad", models.DateTimeField(verbose_name="känd från")),
                ("mottagen", models.DateTimeField(verbose_name="mottagen av systemet")),
                (
                    "insats",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="volym",
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
            ],
            options={
                "verbose_name": "volym",
                "verbose_name_plural": "volymer",
                "ordering": ["insats", "ar", "nr"],
            },
        ),
        migrations.AddConstraint(
            model_name="forbund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("slutdatum__isnull", True), ("slutdatum__gte", models.F("startdatum")), _connector="OR"
                ),
                name="forbund_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="forbund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("uppgatt_i__isnull", True),
                    models.Q(
                        ("slutdatum__isnull", False), models.Q(("uppgatt_i", models.F("id")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="forbund_uppgatt_har_slut",
            ),
        ),
        migrations.AddConstraint(
            model_name="forbundar",
            constraint=models.UniqueConstraint(fields=("forbund", "ar", "post"), name="forbundar_unik"),
        ),
        migrations.AddConstraint(
            model_name="fraga",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("giltig_till__isnull", True),
                    ("giltig_till__gte", models.F("giltig_fran")),
                    _connector="OR",
                ),
                name="fraga_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="insats",
            constraint=models.UniqueConstraint(
                fields=("forbund", "namn"), name="insats_namn_unikt_i_forbund"
            ),
        ),
        migrations.AddConstraint(
            model_name="insats",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("slutdatum__isnull", True), ("slutdatum__gte", models.F("startdatum")), _connector="OR"
                ),
                name="insats_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="insats",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("inriktning", "struktur"), _negated=True),
                    ("registreringssatt", "volym"),
                    _connector="OR",
                ),
                name="insats_struktur_ar_volym",
            ),
        ),
        migrations.AddConstraint(
            model_name="anonyma",
            constraint=models.UniqueConstraint(fields=("insats", "ar", "nr"), name="anonyma_nr"),
        ),
        migrations.AddConstraint(
            model_name="anonyma",
            constraint=models.UniqueConstraint(fields=("insats", "ar", "registrerad"), name="anonyma_tid"),
        ),
        migrations.AddConstraint(
            model_name="anonyma",
            constraint=models.CheckConstraint(
                condition=models.Q(("registrerad__lte", models.F("mottagen"))), name="anonyma_ej_i_framtiden"
            ),
        ),
        migrations.AddConstraint(
            model_name="anonyma",
            constraint=models.CheckConstraint(
                condition=models.Q(("kvinnor__gte", 0), ("man__gte", 0)), name="anonyma_ej_negativa"
            ),
        ),
        migrations.AddConstraint(
            model_name="insatsagande",
            constraint=models.UniqueConstraint(fields=("insats", "fran"), name="insatsagande_unikt"),
        ),
        migrations.AddConstraint(
            model_name="insatsagande",
            constraint=models.UniqueConstraint(
                condition=models.Q(("till__isnull", True)), fields=("insats",), name="insatsagande_en_nu"
            ),
        ),
        migrations.AddConstraint(
            model_name="insatsagande",
            constraint=models.CheckConstraint(
                condition=models.Q(("till__isnull", True), ("till__gte", models.F("fran")), _connector="OR"),
                name="insatsagande_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="insatsar",
            constraint=models.UniqueConstraint(fields=("insats", "ar"), name="insatsar_unik"),
        ),
        migrations.AddConstraint(
            model_name="insatsbehovsgrupp",
            constraint=models.UniqueConstraint(fields=("insats", "kod"), name="insatsbehovsgrupp_unik"),
        ),
        migrations.AddConstraint(
            model_name="insatspart",
            constraint=models.UniqueConstraint(fields=("insats", "kod"), name="insatspart_unik"),
        ),
        migrations.AddConstraint(
            model_name="inregistrering",
            constraint=models.UniqueConstraint(fields=("deltagande", "nr"), name="inregistrering_nr"),
        ),
        migrations.AddConstraint(
            model_name="inregistrering",
            constraint=models.UniqueConstraint(fields=("id", "deltagande"), name="inregistrering_kopieras"),
        ),
        migrations.AddConstraint(
            model_name="inregistrering",
            constraint=models.UniqueConstraint(
                fields=("deltagande", "registrerad"), name="inregistrering_tid"
            ),
        ),
        migrations.AddConstraint(
            model_name="inregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(("registrerad__lte", models.F("mottagen"))),
                name="inregistrering_ej_i_framtiden",
            ),
        ),
        migrations.AddConstraint(
            model_name="inregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(("kon__in", ["K", "M"])), name="inregistrering_kon"
            ),
        ),
        migrations.AddConstraint(
            model_name="inregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("arbetar__isnull", True),
                    models.Q(("arbetar__gte", 0), ("arbetar__lte", 100)),
                    _connector="OR",
                ),
                name="inregistrering_arbetar",
            ),
        ),
        migrations.AddConstraint(
            model_name="inregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("studerar__isnull", True),
                    models.Q(("studerar__gte", 0), ("studerar__lte", 100)),
                    _connector="OR",
                ),
                name="inregistrering_studerar",
            ),
        ),
        migrations.AddConstraint(
            model_name="inregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("typ_av_arbete", ""),
                    ("typ_av_arbete__isnull", True),
                    models.Q(("arbetar__gt", 0), ("arbetar__isnull", False)),
                    _connector="OR",
                ),
                name="inregistrering_typ_av_arbete",
            ),
        ),
        migrations.AddConstraint(
            model_name="inregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("forsorjning__isnull", True),
                    ("forsorjning", "ingen"),
                    models.Q(
                        ("forsorjning__startswith", "ingen|"),
                        ("forsorjning__endswith", "|ingen"),
                        ("forsorjning__contains", "|ingen|"),
                        _connector="OR",
                        _negated=True,
                    ),
                    _connector="OR",
                ),
                name="inregistrering_ingen_ensam",
            ),
        ),
        migrations.AddConstraint(
            model_name="forbundregion",
            constraint=models.UniqueConstraint(fields=("forbund", "lan", "fran"), name="forbundregion_unik"),
        ),
        migrations.AddConstraint(
            model_name="forbundregion",
            constraint=models.CheckConstraint(
                condition=models.Q(("till__isnull", True), ("till__gte", models.F("fran")), _connector="OR"),
                name="forbundregion_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="nummerhash",
            constraint=models.UniqueConstraint(
                condition=models.Q(("aktuell", True)), fields=("person",), name="nummerhash_ett_aktuellt"
            ),
        ),
        migrations.AddConstraint(
            model_name="identitet",
            constraint=models.CheckConstraint(
                condition=models.Q(("undertecknat__lte", models.F("registrerad_dag"))),
                name="identitet_samtycke_fore_registrering",
            ),
        ),
        migrations.AddConstraint(
            model_name="identitet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("slutdatum__isnull", True), ("slutdatum__gte", models.F("startdatum")), _connector="OR"
                ),
                name="identitet_slut_efter_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="identitet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("begransad__isnull", True), ("begransad_orsak", "")),
                    models.Q(("begransad__isnull", False), models.Q(("begransad_orsak", ""), _negated=True)),
                    _connector="OR",
                ),
                name="identitet_begransad_med_orsak",
            ),
        ),
        migrations.AddConstraint(
            model_name="identitet",
            constraint=registration.models.constraints.PostgresExclusionConstraint(
                condition=models.Q(("felregistrerad", False)),
                deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                expressions=[
                    ("person", "="),
                    ("insats", "="),
                    (registration.models.constraints.DateRange("startdatum", "slutdatum"), "&&"),
                ],
                name="identitet_overlappar_inte",
            ),
        ),
        migrations.AddConstraint(
            model_name="samtycke",
            constraint=models.UniqueConstraint(
                fields=("id", "insats", "undertecknat"), name="samtycke_kopieras"
            ),
        ),
        migrations.AddConstraint(
            model_name="samtycke",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("original_skickat__isnull", True),
                    ("original_skickat__gte", models.F("undertecknat")),
                    _connector="OR",
                ),
                name="samtycke_skickat_efter_undertecknat",
            ),
        ),
        migrations.AddConstraint(
            model_name="samtycke",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("original_mottaget__isnull", True),
                    ("original_mottaget__gte", models.F("undertecknat")),
                    _connector="OR",
                ),
                name="samtycke_mottaget_efter_undertecknat",
            ),
        ),
        migrations.AddConstraint(
            model_name="samtycke",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("aterkallat__isnull", True),
                    ("aterkallat__gte", models.F("undertecknat")),
                    _connector="OR",
                ),
                name="samtycke_aterkallat_efter_undertecknat",
            ),
        ),
        migrations.AddConstraint(
            model_name="stadsdel",
            constraint=models.UniqueConstraint(
                fields=("kommun", "namn", "giltig_fran"), name="stadsdel_unik"
            ),
        ),
        migrations.AddConstraint(
            model_name="stadsdel",
            constraint=models.CheckConstraint(
                condition=models.Q(("kommun__in", ["0180", "1480"])), name="stadsdel_storstad"
            ),
        ),
        migrations.AddConstraint(
            model_name="forbundkommun",
            constraint=models.UniqueConstraint(
                fields=("forbund", "kommun", "stadsdel", "fran"), name="forbundkommun_unik"
            ),
        ),
        migrations.AddConstraint(
            model_name="forbundkommun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stadsdel__isnull", True)),
                fields=("forbund", "kommun", "fran"),
                name="forbundkommun_unik_utan_stadsdel",
            ),
        ),
        migrations.AddConstraint(
            model_name="forbundkommun",
            constraint=models.CheckConstraint(
                condition=models.Q(("till__isnull", True), ("till__gte", models.F("fran")), _connector="OR"),
                name="forbundkommun_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="svar",
            constraint=models.UniqueConstraint(fields=("fraga", "deltagande"), name="svar_unikt"),
        ),
        migrations.AddIndex(
            model_name="uppdrag",
            index=models.Index(fields=["user", "roll"], name="uppdrag_user_roll"),
        ),
        migrations.AddConstraint(
            model_name="uppdrag",
            constraint=models.CheckConstraint(
                condition=models.Q(("till__isnull", True), ("till__gte", models.F("fran")), _connector="OR"),
                name="uppdrag_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="uppdrag",
            constraint=models.CheckConstraint(
                condition=models.Q(("forbund__isnull", True), ("insats__isnull", True), _connector="OR"),
                name="uppdrag_hogst_ett_foremal",
            ),
        ),
        migrations.AddConstraint(
            model_name="uppdrag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("roll__in", ["deltagaransvarig"]), _negated=True),
                    ("insats__isnull", False),
                    _connector="OR",
                ),
                name="uppdrag_roll_insats",
            ),
        ),
        migrations.AddConstraint(
            model_name="uppdrag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("roll__in", ["bestallare", "forbundsadministrator"]), _negated=True),
                    ("forbund__isnull", False),
                    _connector="OR",
                ),
                name="uppdrag_roll_forbund",
            ),
        ),
        migrations.AddConstraint(
            model_name="uppdrag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("roll__in", ["insatsansvarig"]), _negated=True),
                    ("forbund__isnull", False),
                    ("insats__isnull", False),
                    _connector="OR",
                ),
                name="uppdrag_roll_nagot",
            ),
        ),
        migrations.AddConstraint(
            model_name="uppdrag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "roll__in",
                            ["behorighetsadministrator", "nationell_administrator", "samtyckesmottagare"],
                        ),
                        _negated=True,
                    ),
                    models.Q(("forbund__isnull", True), ("insats__isnull", True)),
                    _connector="OR",
                ),
                name="uppdrag_roll_nationell",
            ),
        ),
        migrations.AddConstraint(
            model_name="uppdrag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("roll", "dataskyddsgranskare"), _negated=True),
                    ("insats__isnull", True),
                    _connector="OR",
                ),
                name="uppdrag_granskare",
            ),
        ),
        migrations.AddConstraint(
            model_name="utregistrering",
            constraint=models.UniqueConstraint(fields=("deltagande", "nr"), name="utregistrering_nr"),
        ),
        migrations.AddConstraint(
            model_name="utregistrering",
            constraint=models.UniqueConstraint(fields=("id", "deltagande"), name="utregistrering_kopieras"),
        ),
        migrations.AddConstraint(
            model_name="utregistrering",
            constraint=models.UniqueConstraint(
                fields=("deltagande", "registrerad"), name="utregistrering_tid"
            ),
        ),
        migrations.AddConstraint(
            model_name="utregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(("registrerad__lte", models.F("mottagen"))),
                name="utregistrering_ej_i_framtiden",
            ),
        ),
        migrations.AddConstraint(
            model_name="utregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(("kon__in", ["K", "M"])), name="utregistrering_kon"
            ),
        ),
        migrations.AddConstraint(
            model_name="utregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(("slut_ar__isnull", False), ("felregistrering", True), _connector="OR"),
                name="utregistrering_slut_eller_fel",
            ),
        ),
        migrations.AddConstraint(
            model_name="utregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("avslutsanledning__isnull", True),
                    models.Q(("avslutsanledning", "felregistrering"), ("felregistrering", True)),
                    models.Q(
                        models.Q(("avslutsanledning", "felregistrering"), _negated=True),
                        ("felregistrering", False),
                    ),
                    _connector="OR",
                ),
                name="utregistrering_felregistrering",
            ),
        ),
        migrations.AddConstraint(
            model_name="utregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("arbetar__isnull", True),
                    models.Q(("arbetar__gte", 0), ("arbetar__lte", 100)),
                    _connector="OR",
                ),
                name="utregistrering_arbetar",
            ),
        ),
        migrations.AddConstraint(
            model_name="utregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("studerar__isnull", True),
                    models.Q(("studerar__gte", 0), ("studerar__lte", 100)),
                    _connector="OR",
                ),
                name="utregistrering_studerar",
            ),
        ),
        migrations.AddConstraint(
            model_name="utregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("typ_av_arbete", ""),
                    ("typ_av_arbete__isnull", True),
                    models.Q(("arbetar__gt", 0), ("arbetar__isnull", False)),
                    _connector="OR",
                ),
                name="utregistrering_typ_av_arbete",
            ),
        ),
        migrations.AddConstraint(
            model_name="utregistrering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("forsorjning__isnull", True),
                    ("forsorjning", "ingen"),
                    models.Q(
                        ("forsorjning__startswith", "ingen|"),
                        ("forsorjning__endswith", "|ingen"),
                        ("forsorjning__contains", "|ingen|"),
                        _connector="OR",
                        _negated=True,
                    ),
                    _connector="OR",
                ),
                name="utregistrering_ingen_ensam",
            ),
        ),
        migrations.AddIndex(
            model_name="deltagande",
            index=models.Index(fields=["tidigaste_start_ar", "senaste_slut_ar"], name="deltagande_ar"),
        ),
        migrations.AddConstraint(
            model_name="deltagande",
            constraint=models.UniqueConstraint(fields=("id", "insats"), name="deltagande_kopieras"),
        ),
        migrations.AddConstraint(
            model_name="deltagande",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("aktuell_ut__isnull", True), ("forst_ut__isnull", True)),
                    models.Q(("aktuell_ut__isnull", False), ("forst_ut__isnull", False)),
                    _connector="OR",
                ),
                name="deltagande_ut_helt_eller_inte",
            ),
        ),
        migrations.AddConstraint(
            model_name="deltagande",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("avidentifierad__isnull", True), ("avidentifierad_orsak", "")),
                    models.Q(
                        ("avidentifierad__isnull", False),
                        models.Q(("avidentifierad_orsak", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="deltagande_avidentifierad_med_orsak",
            ),
        ),
        migrations.AddConstraint(
            model_name="volym",
            constraint=models.UniqueConstraint(fields=("insats", "ar", "nr"), name="volym_nr"),
        ),
        migrations.AddConstraint(
            model_name="volym",
            constraint=models.UniqueConstraint(fields=("insats", "ar", "registrerad"), name="volym_tid"),
        ),
        migrations.AddConstraint(
            model_name="volym",
            constraint=models.CheckConstraint(
                condition=models.Q(("registrerad__lte", models.F("mottagen"))), name="volym_ej_i_framtiden"
            ),
        ),
        migrations.AddConstraint(
            model_name="volym",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("antal__gte", 0),
                    models.Q(
                        ("kvinnor__isnull", True),
                        models.Q(("kvinnor__gte", 0), ("kvinnor__lte", models.F("antal"))),
                        _connector="OR",
                    ),
                    models.Q(
                        ("man__isnull", True),
                        models.Q(("man__gte", 0), ("man__lte", models.F("antal"))),
                        _connector="OR",
                    ),
                    models.Q(
                        ("kvinnor__isnull", True),
                        ("man__isnull", True),
                        (
                            "antal__gte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("kvinnor"), "+", models.F("man")
                            ),
                        ),
                        _connector="OR",
                    ),
                ),
                name="volym_kon_ryms_i_antal",
            ),
        ),
        migrations.AddConstraint(
            model_name="inregistrering",
            constraint=registration.models.constraints.CopiedFrom(
                fields=("deltagande", "insats"),
                name="inregistrering_kopierar_deltagande",
                to_columns=("id", "insats_id"),
                to_table="registration_deltagande",
            ),
        ),
        migrations.AddConstraint(
            model_name="identitet",
            constraint=registration.models.constraints.CopiedFrom(
                fields=("samtycke", "insats", "undertecknat"),
                name="identitet_kopierar_samtycke",
                to_columns=("id", "insats_id", "undertecknat"),
                to_table="registration_samtycke",
            ),
        ),
        migrations.AddConstraint(
            model_name="identitet",
            constraint=registration.models.constraints.CopiedFrom(
                fields=("deltagande", "insats"),
                name="identitet_kopierar_deltagande",
                to_columns=("id", "insats_id"),
                to_table="registration_deltagande",
            ),
        ),
        migrations.AddConstraint(
            model_name="utregistrering",
            constraint=registration.models.constraints.CopiedFrom(
                fields=("deltagande", "insats"),
                name="utregistrering_kopierar_deltagande",
                to_columns=("id", "insats_id"),
                to_table="registration_deltagande",
            ),
        ),
        migrations.AddConstraint(
            model_name="deltagande",
            constraint=registration.models.constraints.CopiedFrom(
                fields=("aktuell_in", "id"),
                name="deltagande_egen_inregistrering",
                to_columns=("id", "deltagande_id"),
                to_table="registration_inregistrering",
            ),
        ),
        migrations.AddConstraint(
            model_name="deltagande",
            constraint=registration.models.constraints.CopiedFrom(
                fields=("aktuell_ut", "id"),
                name="deltagande_egen_utregistrering",
                to_columns=("id", "deltagande_id"),
                to_table="registration_utregistrering",
            ),
        ),
    ]

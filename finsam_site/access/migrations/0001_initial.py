import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("anvandarnamn", models.CharField(max_length=150, unique=True, verbose_name="användarnamn")),
                ("namn", models.CharField(max_length=200, verbose_name="namn")),
                ("epost", models.EmailField(blank=True, max_length=254, verbose_name="e-post")),
                ("organisation", models.CharField(blank=True, max_length=200, verbose_name="organisation")),
                (
                    "arbetsgivare",
                    models.CharField(
                        choices=[
                            ("kommun", "kommun"),
                            ("region", "region"),
                            ("af", "Arbetsförmedlingen"),
                            ("fk", "Försäkringskassan"),
                            ("forbund", "samordningsförbund"),
                            ("annan", "annan"),
                            ("system", "systemet"),
                        ],
                        max_length=10,
                        verbose_name="arbetsgivare",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="aktivt konto")),
                ("deltagaransvarig", models.BooleanField(default=False)),
                ("insatsansvarig", models.BooleanField(default=False)),
                (
                    "forbundsadministrator",
                    models.BooleanField(default=False, verbose_name="förbundsadministratör"),
                ),
                ("rapportlasare", models.BooleanField(default=False, verbose_name="rapportläsare")),
                (
                    "nationell_administrator",
                    models.BooleanField(default=False, verbose_name="nationell administratör"),
                ),
                (
                    "behorighetsadministrator",
                    models.BooleanField(default=False, verbose_name="behörighetsadministratör"),
                ),
                ("samtyckesmottagare", models.BooleanField(default=False)),
                ("dataskyddsgranskare", models.BooleanField(default=False)),
                ("bestallare", models.BooleanField(default=False, verbose_name="beställare")),
            ],
            options={
                "verbose_name": "användare",
                "verbose_name_plural": "användare",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("deltagaransvarig", True), ("forbundsadministrator", True), _negated=True
                        ),
                        name="user_ej_deltagaransvarig_och_forbundsadministrator",
                        violation_error_message="Samma person kan inte vara både deltagaransvarig och förbundsadministratör.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bestallare", True), ("deltagaransvarig", True), _negated=True),
                        name="user_ej_deltagaransvarig_och_bestallare",
                        violation_error_message="Samma person kan inte vara både deltagaransvarig och beställare.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("deltagaransvarig", True), ("nationell_administrator", True), _negated=True
                        ),
                        name="user_ej_deltagaransvarig_och_nationell_administrator",
                        violation_error_message="Samma person kan inte vara både deltagaransvarig och nationell administratör.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Atkomst",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tid", models.DateTimeField()),
                ("roll", models.CharField(blank=True, max_length=30)),
                ("uppdrag", models.BigIntegerField(null=True)),
                ("forbund", models.BigIntegerField(null=True)),
                ("insats", models.BigIntegerField(null=True)),
                (
                    "handling",
                    models.CharField(
                        choices=[
                            ("last", "läst"),
                            ("skapat", "skapat"),
                            ("andrat", "ändrat"),
                            ("avidentifierat", "avidentifierat"),
                            ("exporterat", "exporterat"),
                            ("sokt", "sökt"),
                        ],
                        max_length=20,
                    ),
                ),
                ("objekt", models.CharField(max_length=40, verbose_name="slag av objekt")),
                ("objekt_id", models.CharField(db_index=True, max_length=64)),
                ("syfte", models.CharField(blank=True, max_length=200)),
                (
                    "resultat",
                    models.CharField(
                        choices=[("utfort", "utfört"), ("nekat", "nekat"), ("avbrutet", "avbrutet")],
                        default="utfort",
                        max_length=10,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "åtkomst",
                "verbose_name_plural": "åtkomster",
                "indexes": [models.Index(fields=["user", "tid"], name="atkomst_user_tid")],
            },
        ),
    ]

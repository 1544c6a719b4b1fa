"""A version of the form says what it promised, and a decision who recorded it, when, and whether it is an end.

Of the rows that there are none of it is known: it stays empty there.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registration", "0015_fel_nummer_rattat"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="beslut",
            name="registrerad",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="beslut",
            name="registrerad_av",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="beslut",
            name="upphavt",
            field=models.BooleanField(default=False, verbose_name="upphävt"),
        ),
        migrations.AddField(
            model_name="samtyckesformular",
            name="lovar_gallring",
            field=models.BooleanField(
                blank=True,
                help_text="texterna säger att uppgifter tas bort, inte att de spärras; tomt: framgår inte",
                null=True,
                verbose_name="lovar gallring",
            ),
        ),
        migrations.AddConstraint(
            model_name="beslut",
            constraint=models.CheckConstraint(
                condition=models.Q(("upphavt", False), ("slag", "gallring"), _connector="OR"),
                name="beslut_bara_gallring_upphavs",
            ),
        ),
    ]

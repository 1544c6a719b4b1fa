"""Insatser and förbund by name in the order of the Swedish alphabet. Nothing in the database changes."""

from django.db import migrations, models
from django.db.models.functions import Collate

BY_NAME = [models.OrderBy(Collate(models.F("namn"), "sv-x-icu"))]


class Migration(migrations.Migration):
    dependencies = [("registration", "0009_egna_granser")]

    operations = [
        migrations.AlterModelOptions(
            name="forbund",
            options={
                "ordering": BY_NAME,
                "verbose_name": "samordningsförbund",
                "verbose_name_plural": "samordningsförbund",
            },
        ),
        migrations.AlterModelOptions(
            name="insats",
            options={"ordering": BY_NAME, "verbose_name": "insats", "verbose_name_plural": "insatser"},
        ),
    ]

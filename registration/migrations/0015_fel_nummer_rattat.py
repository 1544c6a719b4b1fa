"""A version may say that a wrong number had been typed: not a new one, which the person got."""

from django.db import migrations, models


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

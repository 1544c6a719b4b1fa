"""Code lists (DOMAIN §3) and the 290 kommuner in 21 län, as they stand at the first release."""

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

from django.db import migrations

REFERENCE = Path(__file__).resolve().parent.parent / "reference"
VALID_FROM = dt.date(1900, 1, 1)  # the lists held before anybody wrote them down here


def load(apps, schema_editor):
    Kod, Lan, Kommun, Samtyckesformular = (
        apps.get_model("registration", name) for name in ("Kod", "Lan", "Kommun", "Samtyckesformular")
    )
    order = Counter()
    koder = []
    with (REFERENCE / "kodlistor.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            order[row["lista"]] += 1
            koder.append(
                Kod(
                    lista=row["lista"],
                    kod=row["kod"],
                    etikett=row["etikett"],
                    grupp=row["grupp"],
                    per_person=row["per_person"] == "1",
                    giltig_fran=VALID_FROM,
                    ordning=order[row["lista"]],
                )
            )
    Kod.objects.bulk_create(koder)
    with (REFERENCE / "kommuner.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    Lan.objects.bulk_create(
        Lan(kod=kod, namn=namn) for kod, namn in {r["lanskod"]: r["lan"] for r in rows}.items()
    )
    Kommun.objects.bulk_create(
        Kommun(kod=r["kommunkod"], namn=r["kommun"], lan_id=r["lanskod"]) for r in rows
    )
    Samtyckesformular.objects.create(
        version="okand-inlast",
        giltig_fran=VALID_FROM,
        namner_behovsgrupp=True,
        text="Samtycke som lästes in från ett annat system utan uppgift om formulär.",
    )


def unload(apps, schema_editor):
    for name in ("Kod", "Kommun", "Lan"):
        apps.get_model("registration", name).objects.all().delete()
    apps.get_model("registration", "Samtyckesformular").objects.filter(version="okand-inlast").delete()


class Migration(migrations.Migration):
    dependencies = [("registration", "0001_initial")]

    operations = [migrations.RunPython(load, unload)]

"""The texts of the consent form that are shipped: the form in Swedish, and a reading aid in English."""

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).resolve().parent.parent / "reference" / "samtyckestexter"


def load(apps, schema_editor):
    Samtyckestext = apps.get_model("registration", "Samtyckestext")
    for path in sorted(FOLDER.glob("*-*.txt")):
        slag, sprak = path.stem.split("-")
        rubrik, _, stycken = path.read_text(encoding="utf-8").partition("\n")
        Samtyckestext.objects.create(
            slag=slag, sprak=sprak, rubrik=rubrik.removeprefix("# "), stycken=stycken.strip()
        )


def unload(apps, schema_editor):
    apps.get_model("registration", "Samtyckestext").objects.filter(formular=None).delete()


class Migration(migrations.Migration):
    dependencies = [("registration", "0007_samtyckesblankett")]

    operations = [migrations.RunPython(load, unload)]

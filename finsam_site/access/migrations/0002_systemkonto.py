"""The account that commands and scheduled jobs act as. It has no password and cannot log in."""

from django.contrib.auth.hashers import make_password
from django.db import migrations


def create(apps, schema_editor):
    apps.get_model("access", "User").objects.create(
        anvandarnamn="system", namn="Systemet", arbetsgivare="system", password=make_password(None)
    )


def remove(apps, schema_editor):
    apps.get_model("access", "User").objects.filter(anvandarnamn="system").delete()


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [migrations.RunPython(create, remove)]

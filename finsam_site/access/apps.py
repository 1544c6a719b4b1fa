"""The access app: users, roles, who acts, and the log of who looked at whom."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class AccessConfig(AppConfig):
    name = "finsam_site.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import pages  # noqa: F401 - they register themselves
        from .guards import install_guards, lift_guards
        from .key_checks import note_keys

        pre_migrate.connect(lift_guards, dispatch_uid="finsam.lift_guards")
        post_migrate.connect(install_guards, dispatch_uid="finsam.install_guards")
        post_migrate.connect(note_keys, sender=self, dispatch_uid="finsam.note_keys")

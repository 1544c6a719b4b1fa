"""The registration app: what is registered (DOMAIN §3–4)."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class RegistrationConfig(AppConfig):
    name = "registration"
    verbose_name = "Registrering"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from finsam_site.access.sealed_columns import keeps_keys

        from . import pages, pages_counts, pages_person, pages_samtycke, pages_worklist  # noqa: F401 - all register themselves
        from .draft_kinds import register_kinds
        from .guards import install_ties, lift_ties
        from .uploads import key_use

        register_kinds()
        keeps_keys("uppladdade filer, som är borta inom ett dygn", key_use)
        pre_migrate.connect(lift_ties, dispatch_uid="finsam.lift_ties")
        post_migrate.connect(install_ties, dispatch_uid="finsam.install_ties")

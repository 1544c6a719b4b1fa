"""The registration app: what is registered (DOMAIN §3–4)."""

from django.apps import AppConfig


class RegistrationConfig(AppConfig):
    name = "registration"
    verbose_name = "Registrering"
    default_auto_field = "django.db.models.BigAutoField"

"""The accessibility app: the statement, its message form, and the list of messages."""

from django.apps import AppConfig


class AccessibilityConfig(AppConfig):
    name = "finsam_site.accessibility"
    label = "accessibility"
    verbose_name = "Tillgänglighet"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import pages  # noqa: F401 - it registers itself

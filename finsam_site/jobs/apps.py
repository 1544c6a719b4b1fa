"""The jobs app. At start every app's `tasks.py` is loaded, which registers its kinds of job."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "finsam_site.jobs"
    label = "jobs"
    verbose_name = "Jobb"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        autodiscover_modules("tasks")

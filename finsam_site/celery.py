"""The Celery application: `celery --app finsam_site.celery worker` and `… beat`."""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finsam_site.settings")

app = Celery("finsam")


def _settings() -> dict[str, Any]:
    from django.conf import settings

    return dict(settings.CELERY)


app.add_defaults(_settings)

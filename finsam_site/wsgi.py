"""The door for a WSGI server: `finsam_site.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finsam_site.settings")

application = get_wsgi_application()

from finsam_site.access.lock_waits import limit_lock_waits  # noqa: E402 - it needs the settings

limit_lock_waits()

#!/usr/bin/env python3
"""The command line: `python manage.py COMMAND`."""

import os
import sys


def main() -> None:
    """Run one management command; a wrong setting stops with its sentence, not with a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finsam_site.settings")
    try:
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django saknas i den här Pythonmiljön. Kör `make test` eller installera requirements.txt.")
    try:
        settings.configured or settings.INSTALLED_APPS  # noqa: B018  loads the settings
    except ImproperlyConfigured as error:
        sys.exit(f"Finsam startar inte: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

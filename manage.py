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
    from django.db import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Avbrutet. Det som inte var färdigt är inte sparat.")
    except (OperationalError, ProgrammingError) as error:
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "no such table" in what or "does not exist" in what:
            sys.exit("Databasen är inte förberedd. Kör `manage.py migrate` först.")
        if "locked" in what:
            sys.exit("Någon annan skriver i databasen just nu. Vänta tills det är klart och försök igen.")
        sys.exit(f"Databasen går inte att nå. Kontrollera DATABASE_URL och att servern är i gång. ({what})")


if __name__ == "__main__":
    main()

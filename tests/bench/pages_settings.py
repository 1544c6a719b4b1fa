"""Production's settings, all of them, but that numbers which belong to nobody are not refused.

`FINSAM_MODE=production` decides what is set (finsam_site/settings.py); what the name is asked for afterwards is only
whether test numbers are refused and whether the page says that it is a demo.
"""

from finsam_site.settings import *  # noqa: F403

FINSAM_MODE = "bench"

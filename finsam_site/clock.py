"""The clock that people here live by."""

from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
"""Every calendar day and time of day that a user sees or gives is one of this zone (DOMAIN §5)."""

"""The site: settings, urls and what every app stands on."""

SOFTWARE_VERSION = "0.1.0"
"""Written into every uttag. The same as `version` in pyproject.toml (a test holds them together)."""

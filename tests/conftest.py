"""Fixtures for all tests. The environment of the run is set earlier, in tests/isolation.py."""

"""Measures what QUALITY §5 holds the product to: `make bench`, or `python -m tests.bench` on a PostgreSQL."""

"""The readable report of an uttag as data: key figures, sections with tables and diagrams, definitions.

    tables = stored_tables(uttag)           # store.py: read from the frozen file, then kept in the cache
    report = make_report(uttag, tables)     # document.py: what the page shows, from top to bottom

Nothing here answers requests or knows roles; the pages are in `reporting/views`.
"""

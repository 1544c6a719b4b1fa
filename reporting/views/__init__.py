"""The pages of uttag: the list and the taking (`uttag.py`), the report (`report.py`), the files (`downloads.py`)."""

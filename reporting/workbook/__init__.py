"""The Excel workbook of an uttag."""

from reporting.workbook.sheet import INTERN
from reporting.workbook.writer import workbook_name, write_workbook

__all__ = ["INTERN", "workbook_name", "write_workbook"]

"""The brief as an Excel workbook with native charts, for whoever wants to go on working with the numbers.

>>> from kyodo.workbook import build_workbook
>>> data = build_workbook(brief)  # doctest: +SKIP
"""

from kyodo.workbook.build import build_workbook

__all__ = ["build_workbook"]

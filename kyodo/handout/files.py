"""The sheets of a year as files by name: a workbook or CSVs for each section, and all in one."""

from collections.abc import Iterator

from kyodo.cycle.sheets import TITLES, Sheet, build_sheets, columns
from kyodo.cycle.year import Progress
from kyodo.export import csv_bytes
from kyodo.fiscal import short_label
from kyodo.handout.book import workbook

ALL = "全課"


def sheet_files(progress: Progress, year: int, *, csv: bool = False, only_missing: bool = False) -> dict[str, bytes]:
    """File name → bytes of every section's sheet, and of all in one. Raises KyodoError as ``build_sheets`` does."""
    sheets = build_sheets(progress, year, only_missing=only_missing)
    if csv:
        return {name: data for sheet in sheets for name, data in _csv_files(progress, sheet)}
    files = {
        f"進行管理シート_{sheet.section}_{short_label(year)}.xlsx": workbook(progress, [sheet]) for sheet in sheets
    }
    if len(sheets) > 1:
        files[f"進行管理シート_{ALL}_{short_label(year)}.xlsx"] = workbook(progress, sheets)
    return files


def _csv_files(progress: Progress, sheet: Sheet) -> Iterator[tuple[str, bytes]]:
    """A CSV (UTF-8 with BOM) a kind: a text file holds one table."""
    for kind, rows in sheet.parts.items():
        titles = dict(columns(progress, kind)[["name", "title"]].itertuples(index=False, name=None))
        yield f"{TITLES[kind]}シート_{sheet.section}_{short_label(sheet.year)}.csv", csv_bytes(rows, titles)

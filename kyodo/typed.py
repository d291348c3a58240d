"""One item's answer typed on the page, read by the very rules a returned sheet is read by.

The section's sheet is laid out as a table of cells, the typed ones in their places, and read as if it had come back.
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from kyodo.cycle.returned import Returned, read_returned
from kyodo.cycle.sheets import build_sheets, columns
from kyodo.cycle.year import Progress
from kyodo.errors import KyodoError
from kyodo.fiscal import short_label
from kyodo.intake import Cell, Grid, Grids

ANSWER, SUPPLEMENT = "answer", "supplement"


def fields(progress: Progress, kind: str) -> pd.DataFrame:
    """The columns of a sheet that are typed: the table ``sheet_columns``, persons last."""
    declared = columns(progress, kind)
    return declared[~declared["part"].isin(["known", "told"])].reset_index(drop=True)


def standing(progress: Progress, year: int, item: str, section: str, kind: str) -> dict[str, str]:
    """What stands of an item's answer (or a section's supplement), as it would be typed: column → text."""
    kept = progress.kept.progress if kind == ANSWER else progress.kept.supplements
    rows = kept[(kept["item"] == item) & (kept["fiscal_year"] == year)]
    rows = rows if kind == ANSWER else rows[rows["section"] == section]
    row = rows.to_dict("records")[0] if len(rows) else {}
    return {name: _text(row.get(name)) for name in fields(progress, kind)["name"]}


def _text(value: object) -> str:
    if value is None or pd.isna(value):
        return ""
    return f"{value:g}" if isinstance(value, float) and value == int(value) else str(value)


def read_typed(progress: Progress, year: int, item: str, section: str, kind: str, texts: Mapping[str, str]) -> Returned:
    """Typed texts (column → text) as a returned sheet with this one item filled in.

    Raises:
        KyodoError: the section is not asked for the item in this year.
    """
    rows = {each.section: each.parts for each in build_sheets(progress, year)}.get(section, {}).get(kind)
    if rows is None or item not in set(rows["item"]):
        raise KyodoError(f"{section}には、{short_label(year)}の{item}を尋ねていません。宛先の画面で確かめてください。")
    declared = columns(progress, kind)
    known = declared[declared["part"].isin(["known", "told"])]["name"]
    lines = [row | (dict(texts) if row["item"] == item else {}) for row in rows[known].to_dict("records")]
    table = [declared["title"], *([line.get(name, "") for name in declared["name"]] for line in lines)]
    grid = Grid({number: _cells(texts) for number, texts in enumerate(table, start=1)})
    return read_returned(b"", f"{item}の記入", progress, year, read=lambda data, name: Grids((grid,)))


def _cells(texts: Iterable[object]) -> dict[int, Cell]:
    return {place: Cell(str(text)) for place, text in enumerate(texts, start=1) if str(text).strip()}

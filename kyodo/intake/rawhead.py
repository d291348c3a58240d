"""Is this a raw file, and where is its header? Known by the mapped columns, or by the words of questionnaires (問1, 性別)."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from kyodo.intake.cells import cleaned, is_numeric
from kyodo.intake.decode import Decoded, decode
from kyodo.intake.grid import Grid
from kyodo.intake.mapping import group_name
from kyodo.intake.names import IndicatorNames, key_of
from kyodo.intake.personal import is_personal
from kyodo.intake.reading import ColumnSummary
from kyodo.intake.table import Header
from kyodo.plan import Plan

HEAD = 1 << 15  # bytes of a large file that are decoded to find its header
_SEARCHED = 60
_QUESTION = re.compile(r"^(?:問|設問|質問|q|f)\.?_?\d{1,3}")
_PERSON = re.compile(
    r"回答者(?:id|番号|no\.?)?$|^(?:id|整理番号|票番号|調査票番号|回答番号|受付番号|通し番号|respondent.*|sampleid)$"
)
_IDENTITY = re.compile(_PERSON.pattern + r"|^(?:no\.?|番号|連番|通番|回答者|サンプル(?:id|番号|no\.?))$")


def is_identity(header: str) -> bool:
    """Whether a column numbers the respondents (回答者ID, 整理番号, No.)."""
    return bool(_IDENTITY.search(key_of(header)))


def decode_head(data: bytes) -> Decoded:
    """Decode the head of a large file in UTF-8 or CP932, cut at a line."""
    head = data[:HEAD]
    return decode(head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head)


def headers_in(grid: Grid, row: int) -> dict[int, str]:
    """A row's texts on one line each, by column."""
    return {column: " ".join(cell.text.split()) for column, cell in grid.filled(row).items() if cleaned(cell)}


def head_rows(grid: Grid) -> list[int]:
    """Numbers of the rows looked through for a header."""
    return list(grid.rows)[:_SEARCHED]


def score(grid: Grid, mapping: Mapping[Any, Any] | None) -> int:
    """How many mapped columns (or, without a mapping, columns of a raw file's kind) the best row of the head names."""
    return max((row_score(grid, row, mapping) for row in head_rows(grid)), default=0)


def row_score(grid: Grid, row: int, mapping: Mapping[Any, Any] | None) -> int:
    """How much one row looks like the header; 10 and more where it names a mapped column."""
    keys = {key_of(text) for text in headers_in(grid, row).values()}
    if mapping is not None:
        wanted = {
            key_of(entry["column"])
            for entry in mapping.values()
            if isinstance(entry, Mapping) and isinstance(entry.get("column"), str)
        }
        return 10 * bool(keys & wanted) + len(keys & wanted)
    return min(sum(bool(_QUESTION.match(key) or _PERSON.search(key) or group_name(key)) for key in keys), 9)


def looks_raw(grid: Grid, header: Header, plan: Plan) -> bool:
    """Whether what passes for a summary header is a raw file's: questions or indicators as columns, no value column."""
    names = IndicatorNames(plan.indicators)
    values = [
        column for column in header.columns("value", "year_value", "head_count") if not header.labels[column].weak
    ]
    texts = [header.title(column) for column in header.texts]
    asked = [text for text in texts if _QUESTION.match(key_of(text)) or names.column_indicator(text) is not None]
    return not values and bool(asked)


def is_raw(grid: Grid, plan: Plan) -> bool:
    """Whether a grid without a summary header looks like one row a respondent."""
    return raw_header_row(grid, plan) is not None


def raw_header_row(grid: Grid, plan: Plan) -> int | None:
    """The row that names questions (問1, Q1, an indicator) beside something of a person, or several questions."""
    names = IndicatorNames(plan.indicators)
    for row in head_rows(grid):
        texts = headers_in(grid, row)
        keys = [key_of(text) for text in texts.values()]
        asked = sum(bool(_QUESTION.match(key)) for key in keys) + sum(
            names.column_indicator(text) is not None for text in texts.values()
        )
        person = sum(bool(_PERSON.search(key) or group_name(key)) for key in keys)
        if asked >= 2 or (asked and person) or (person >= 2 and len(texts) > person):
            below = [cell.text for later in list(grid.below(row))[:5] for cell in grid.filled(later).values()]
            if (
                sum(bool(re.fullmatch(r"\d{1,3}\.\d", text.strip())) for text in below) * 3 > len(below) > 0
                and not person
            ):
                return None  # percentages under indicator names: a summary on its side
            return row
    return None


def is_on_its_side(grid: Grid, row: int, wanted: set[str]) -> bool:
    """Whether the wanted questions stand below each other with answers beside them; ``row`` is the best header row."""
    down = {key_of(cells[min(cells)].text) for cells in grid.rows.values()} & wanted
    cells = grid.filled(row)
    across = {key_of(cell.text) for cell in cells.values()} & wanted
    beside = [cell for cell in cells.values() if key_of(cell.text) not in wanted]
    return (
        bool(down)
        and len(down) >= len(across)
        and bool(beside)
        and all(is_numeric(cell) for cell in beside)
        and min(cells) == 1
    )


def column_summaries(grid: Grid) -> tuple[ColumnSummary, ...]:
    """Columns of any table with a first row of texts and at least ten rows, in case it is a raw file of unknown words."""
    rows = list(grid.rows)
    if len(rows) < 11:
        return ()
    headers = headers_in(grid, rows[0])
    summaries = []
    for column, text in headers.items():
        texts = Counter(grid.cell(row, column).text.strip() for row in rows[1:])
        personal = is_personal(text, list(texts)[:50])
        summaries.append(
            ColumnSummary(text, looks_personal=True)
            if personal
            else ColumnSummary(text, len(texts), tuple(texts.most_common(12)))
        )
    return tuple(summaries)

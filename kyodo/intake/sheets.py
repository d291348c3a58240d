"""Which table of a file is meant, and which of the two forms it has; where several may be, the clerk is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kyodo.intake.cells import cleaned
from kyodo.intake.codebook import read_codebook
from kyodo.intake.codes import Findings
from kyodo.intake.grid import Grid
from kyodo.intake.grids import Grids
from kyodo.intake.headers import COLUMNS
from kyodo.intake.mapping import columns_of
from kyodo.intake.names import IndicatorNames
from kyodo.intake.respondents import any_head, find_head
from kyodo.intake.table import Header, candidates, find_header, first_indicator_row, header_at, is_transposed
from kyodo.intake.vocabulary import pattern, raw_words
from kyodo.plan import Plan


class Said(Protocol):
    """What the choice depends on."""

    plan: Plan
    mapping: Mapping[Any, Mapping[str, Any]] | None
    sheet: str | None
    form: str | None
    columns: Mapping[str, str] | None


@dataclass(frozen=True)
class Choice:
    """The tables that are meant (several summaries of different indicators count as one), with their form and headers."""

    form: str = ""
    grids: tuple[Grid, ...] = ()
    headers: tuple[Header, ...] = ()
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Table:
    """One sheet and what it may be: ``summary``, ``raw``, ``code book`` or nothing known."""

    grid: Grid
    form: str = ""
    header: Header | None = field(default=None, repr=False)
    filled: bool = True
    named: int = 0  # of the mapped columns


def choose_sheets(grids: Grids, said: Said, findings: Findings) -> Choice:
    """The table to read; a problem where none is known, several may be meant, or only hidden ones are there."""
    filled = [grid for grid in grids.sheets if grid.rows and said.sheet in {None, grid.sheet}]
    if not filled:
        findings.refuse("empty_table" if len(grids.sheets) == 1 else "empty_book")
        return Choice()
    names = IndicatorNames(said.plan.indicators)
    tables = [_table(grid, said, names) for grid in filled]
    chosen = _chosen(tables)
    shown = [table.grid.sheet for table in tables if table.form != "code book" and not table.grid.hidden]
    offered = tuple(shown) if len(filled) > 1 else ()
    if not chosen:
        return _unknown(tables, grids, said, names, findings, offered)
    visible = [table for table in chosen if not table.grid.hidden or said.sheet]
    sheets = [table.grid.sheet for table in visible or chosen]
    form = "raw" if chosen[0].form == "raw" else "summary"
    if not visible:
        findings.refuse("hidden_sheet", sheets=sheets, sheet=sheets[0])
        return Choice(sheets=offered)
    if len(visible) > 1 and not _are_one(visible, names):
        findings.refuse("sheets", sheets=sheets, sheet=sheets[0])
        return Choice(form, sheets=tuple(sheets))
    _tell_others(visible, tables, findings)
    headers = tuple(table.header for table in visible if table.header is not None)
    return Choice(form, tuple(table.grid for table in visible), headers, offered)


def _table(grid: Grid, said: Said, names: IndicatorNames) -> _Table:
    """One sheet judged: what the clerk said of it first, then what names an indicator, then what asks people."""
    if said.mapping is not None:
        return _mapped(grid, said.mapping, names)
    if said.form == "raw":
        return _Table(grid, "" if read_codebook(grid) or any_head(grid) is None else "raw")
    if said.columns:
        header = max(candidates(grid), key=lambda header: _named(header, said.columns), default=None)
        return _Table(grid, "summary" if header and _named(header, said.columns) else "", header)
    return _judged(grid, names)


def _mapped(grid: Grid, mapping: Mapping[Any, Any], names: IndicatorNames) -> _Table:
    """A sheet judged by how many of the mapped columns it has."""
    wanted = [column for entry in mapping.values() for column in columns_of(entry)]
    head = find_head(grid, wanted, names) if wanted and not read_codebook(grid) else None
    found = sum(bool(head.find(column)) for column in wanted) if head is not None else 0
    return _Table(grid, "raw" if found else "", named=found)


def _judged(grid: Grid, names: IndicatorNames) -> _Table:
    """A sheet judged by its own words."""
    header, row = find_header(grid), first_indicator_row(grid, names)
    if header is not None and not _looks_raw(header, names) and (row is not None or _says_indicator(header)):
        return _Table(grid, "summary", header, any(True for _ in grid.below(header.bottom)))
    if read_codebook(grid):
        return _Table(grid, "code book")
    on_its_side = is_transposed(grid) or (row is not None and _across(grid, row, names))
    if not is_transposed(grid) and find_head(grid, (), names) is not None:
        return _Table(grid, "raw")
    return _Table(grid, "other" if header is not None and not on_its_side else "", header)


def _named(header: Header, said: Mapping[str, str]) -> int:
    """How many of the columns the clerk has named a header has."""
    texts = {*header.titles.values(), *header.texts.values()}
    return sum(title in texts for title in said.values())


def _says_indicator(header: Header) -> bool:
    return any("指標" in header.labels[column].key for column in header.columns("number", "name"))


def _looks_raw(header: Header, names: IndicatorNames) -> bool:
    """Whether what passes for a summary header is a raw file's: questions or indicators as columns, no value column."""
    values = [c for c in header.columns("value", "year_value", "head_count") if not header.labels[c].weak]
    asked = (
        pattern("question").search(label.key) or names.column_indicator(header.texts[column])
        for column, label in header.labels.items()
    )
    return not values and any(asked)


def _chosen(tables: list[_Table]) -> list[_Table]:
    """Summaries before raw tables before others with a header; filled before empty forms, proper ones before examples."""
    by_form = ([table for table in tables if table.form == form] for form in ("summary", "raw", "other"))
    kept = next(filter(None, by_form), [])
    most = max((table.named for table in kept), default=0)
    kept = [table for table in kept if table.filled and table.named == most] or kept
    return [table for table in kept if not _is_example(table.grid.sheet)] or kept


def _is_example(sheet: str) -> bool:
    return any(word in sheet for word in raw_words("example") if len(word) > 1)


def _are_one(tables: list[_Table], names: IndicatorNames) -> bool:
    """Whether several summaries are of different indicators (市民 and 職員)."""
    if any(table.form != "summary" for table in tables):
        return False
    found = [_indicators(table, names) for table in tables]
    return all(found) and len(set().union(*found)) == sum(map(len, found))


def _indicators(table: _Table, names: IndicatorNames) -> set[int]:
    cells = (cell for row in table.grid.below(table.header.bottom) for cell in table.grid.filled(row).values())
    return {
        n for cell in cells if names.surely_named(cell) and (n := names.column_indicator(cleaned(cell))) is not None
    }


def _tell_others(chosen: list[_Table], tables: list[_Table], findings: Findings) -> None:
    others = [table for table in tables if table not in chosen]
    books = [table.grid.sheet for table in others if table.form == "code book"]
    if others:
        names = [table.grid.sheet + ("(非表示)" if table.grid.hidden else "") for table in others]
        findings.tell("skipped_sheets", sheets=[table.grid.sheet for table in chosen], others=names)
    if books:
        findings.tell("codebook", sheets=books)


def _unknown(
    tables: list[_Table], grids: Grids, said: Said, names: IndicatorNames, findings: Findings, offered: tuple[str, ...]
) -> Choice:
    """Say why no table was found; where rows name indicators below some header, ask which column is which."""
    grid = next((table.grid for table in tables if not table.grid.hidden), tables[0].grid)
    row = first_indicator_row(grid, names)
    if said.mapping is not None:
        return Choice("raw", (grid,), (), offered)
    across = row is not None and _across(grid, row, names)
    above = [each for each in grid.rows if row is not None and each < row]
    if above and not across and not is_transposed(grid) and not grids.ruined:
        return Choice("summary", (grid,), (header_at(grid, above[-1]),), offered)
    on_its_side = across or is_transposed(grid)
    message = "layout_transposed" if on_its_side else "encoding_ruined" if grids.ruined else "header_missing"
    seen = [cell.text for cell in next(iter(grid.rows.values())).values()][:8]
    findings.refuse(message, needed=list(COLUMNS.values()), seen=seen, sheet=grid.sheet, row=min(grid.rows))
    return Choice(sheets=offered)


def _across(grid: Grid, row: int, names: IndicatorNames) -> bool:
    """Whether several indicators stand in one row: the table lies on its side."""
    return sum(map(names.surely_named, grid.filled(row).values())) > 1

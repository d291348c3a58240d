"""Which table of a file is meant, and which of the two forms it has; where several may be, the clerk is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from kyodo.intake.grid import Grid, cleaned
from kyodo.intake.grids import Grids
from kyodo.intake.headers import COLUMNS
from kyodo.intake.mapping import wanted_columns
from kyodo.intake.names import IndicatorNames
from kyodo.intake.reading import Request
from kyodo.intake.respondents import Head, any_head, find_head, read_codebook
from kyodo.intake.table import SEARCHED, Header, candidates, find_header, header_at
from kyodo.intake.words import Findings, pattern, raw_words

_FORMS = ("summary", "raw", "other")  # that may be read, the surest first


@dataclass(frozen=True)
class Choice:
    """The tables that are meant (several summaries of different indicators count as one), with their form and headers."""

    form: str = ""
    grids: tuple[Grid, ...] = ()
    headers: tuple[Header | Head, ...] = ()
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Table:
    """One sheet and what it may be: ``summary``, ``raw``, ``code book`` or nothing known."""

    grid: Grid
    form: str = ""
    header: Header | Head | None = field(default=None, repr=False)  # as its form has one
    filled: bool = True
    named: int = 0  # of the mapped columns, or indicators
    sideways: bool = False  # rows and columns changed over

    @property
    def read_as(self) -> str:
        """The form it is read in: what is not known to be raw says best as a summary what is wrong with it."""
        return "raw" if self.form == "raw" else "summary"


def choose_sheets(grids: Grids, said: Request, findings: Findings) -> Choice:
    """The table to read; a problem where none is known, several may be meant, or only hidden ones are there."""
    filled = [grid for grid in grids.sheets if grid.rows and said.sheet in {None, "", grid.sheet}]
    if not filled:
        findings.refuse("empty_table" if len(grids.sheets) == 1 else "empty_book")
        return Choice()
    names = IndicatorNames(said.plan.indicators)
    tables = [_table(grid, said, names) for grid in filled]
    if chosen := _chosen(tables):
        choice = _of_tables(chosen, tables, bool(said.sheet), names, findings)
    else:
        choice = _unknown(tables, grids, said, names, findings)
    return choice if choice.sheets else replace(choice, sheets=_offered(tables))


def _offered(tables: list[_Table]) -> tuple[str, ...]:
    """The sheets a clerk may choose from, where there are several."""
    offered = tuple(table.grid.sheet for table in tables if table.form != "code book" and not table.grid.hidden)
    return offered if len(tables) > 1 else ()


def _of_tables(
    chosen: list[_Table], every: list[_Table], named: bool, names: IndicatorNames, findings: Findings
) -> Choice:
    """The tables that may be meant as one choice; a problem where they are hidden, or several and not one."""
    visible = chosen if named else [table for table in chosen if not table.grid.hidden]
    if not visible:
        sheets = [table.grid.sheet for table in chosen]
        findings.refuse("hidden_sheet", sheets=sheets, sheet=sheets[0])
        return Choice()
    sheets, form = tuple(table.grid.sheet for table in visible), chosen[0].read_as
    if not _are_one(visible, names):
        findings.refuse("sheets", sheets=sheets, sheet=sheets[0])
        return Choice(form, sheets=sheets)
    _tell_others(visible, every, findings)
    grids, headers = zip(*((table.grid, table.header) for table in visible), strict=True)
    return Choice(form, grids, tuple(filter(None, headers)))


def _table(grid: Grid, said: Request, names: IndicatorNames) -> _Table:
    """One sheet judged: what the clerk said of it first, then what names an indicator, then what asks people."""
    if said.mapping is not None:
        return _mapped(grid, said.mapping, names)
    if said.form == "raw":
        return _Table(grid, "" if read_codebook(grid) or any_head(grid) is None else "raw")
    if said.columns:
        return max((_called(each, said.columns) for each in (grid, *_sideways(grid))), key=lambda table: table.named)
    return _judged(grid, names)


def _called(grid: Grid, said: Mapping[str, str]) -> _Table:
    """A sheet with the header that has most of the columns the clerk has named."""
    header = max(candidates(grid), key=lambda header: _named(header, said), default=None)
    named = _named(header, said) if header else 0
    return _Table(grid, "summary" if named else "", header, named=named)


def _mapped(grid: Grid, mapping: Mapping[Any, Any], names: IndicatorNames) -> _Table:
    """A sheet judged by how many of the mapped columns it has."""
    wanted = wanted_columns(mapping)
    head = find_head(grid, wanted, names) if wanted and not read_codebook(grid) else None
    found = sum(bool(head.find(column)) for column in wanted) if head is not None else 0
    return _Table(grid, "raw" if found else "", head, named=found)


def _judged(grid: Grid, names: IndicatorNames) -> _Table:
    """A sheet judged by its own words."""
    header = find_header(grid)
    if header is not None and not _looks_raw(header, names) and _may_name_ours(grid, header, names):
        return _Table(grid, "summary", header, any(True for _ in grid.below(header.bottom)))
    if read_codebook(grid):
        return _Table(grid, "code book")
    return (
        _turned(grid, names, 3)
        or _raw(grid, names)
        or _turned(grid, names, 0)
        or _Table(grid, "other" * bool(header), header)
    )


def _may_name_ours(grid: Grid, header: Header, names: IndicatorNames) -> bool:
    """Whether a row or the header may name an indicator of the plan."""
    said = (header.labels[column].key for column in header.columns("number", "name"))
    return _first_indicator_row(grid, names) is not None or any("指標" in key for key in said)


def _raw(grid: Grid, names: IndicatorNames) -> _Table | None:
    head = find_head(grid, (), names)
    return _Table(grid, "raw", head) if head else None


def _sideways(grid: Grid) -> list[Grid]:
    """A small sheet with rows and columns changed over; a large one is no summary, however it lies."""
    return [grid.turned()] if len(grid.rows) <= SEARCHED and grid.width <= SEARCHED else []


def _turned(grid: Grid, names: IndicatorNames, named: int) -> _Table | None:
    """A sheet that is a summary once it is changed over: its header has so many of the form's columns, or several indicators below."""
    for turned in _sideways(grid):
        header = find_header(turned) or header_at(turned, range(min(turned.rows), min(turned.rows) + 1))
        below = sum(any(map(names.surely_named, turned.filled(row).values())) for row in turned.rows)
        if (
            header is not None
            and _may_name_ours(turned, header, names)
            and len(header.core) >= (named or 3 * (below < 2))
        ):
            return _Table(turned, "summary", header, sideways=True)
    return None


def _first_indicator_row(grid: Grid, names: IndicatorNames) -> int | None:
    """The first row with a text that names an indicator beyond doubt, None without."""
    rows = islice(grid.rows, SEARCHED)
    return next((row for row in rows if any(map(names.surely_named, grid.filled(row).values()))), None)


def _named(header: Header, said: Mapping[str, str]) -> int:
    """How many of the columns the clerk has named a header has."""
    texts = {*header.titles.values(), *header.texts.values()}
    return sum(title in texts for title in said.values())


def _looks_raw(header: Header, names: IndicatorNames) -> bool:
    """Whether what passes for a summary header is a raw file's: questions or indicators as columns, no value column."""
    asked = (
        pattern("question").search(label.key) or names.column_indicator(header.texts[column])
        for column, label in header.labels.items()
    )
    return not header.columns("value", "year_value", "count") and any(asked)


def _chosen(tables: list[_Table]) -> list[_Table]:
    """Summaries before raw tables before others with a header; filled before empty forms, proper ones before examples."""
    known = [table for table in tables if table.form in _FORMS]
    best = max(map(_rank, known), default=None)
    return [table for table in known if _rank(table) == best]


def _rank(table: _Table) -> tuple[int, bool, int, bool]:
    return -_FORMS.index(table.form), table.filled, table.named, not _is_example(table.grid.sheet)


def _is_example(sheet: str) -> bool:
    return any(word in sheet for word in raw_words("example") if len(word) > 1)


def _are_one(tables: list[_Table], names: IndicatorNames) -> bool:
    """Whether there is one table, or several summaries of different indicators (市民 and 職員)."""
    if len(tables) == 1 or any(table.form != "summary" for table in tables):
        return len(tables) == 1
    found = [_indicators(table, names) for table in tables]
    return all(found) and len(set().union(*found)) == sum(map(len, found))


def _indicators(table: _Table, names: IndicatorNames) -> set[int]:
    cells = (cell for row in table.grid.below(table.header.bottom) for cell in table.grid.filled(row).values())
    return {
        n for cell in cells if names.surely_named(cell) and (n := names.column_indicator(cleaned(cell))) is not None
    }


def _tell_others(chosen: list[_Table], tables: list[_Table], findings: Findings) -> None:
    """Say which sheets are not read, which of them gave the codes' words, and ask where one is changed over."""
    others = [table for table in tables if table not in chosen]
    if others:
        sheets = [table.grid.sheet for table in chosen]
        names = [table.grid.sheet + "(非表示)" * table.grid.hidden for table in others]
        findings.tell("skipped_sheets", sheets=sheets, others=names)
    if books := [table.grid.sheet for table in others if table.form == "code book"]:
        findings.tell("codebook", sheets=books)
    for table in filter(lambda table: table.sideways, chosen):
        findings.doubt("sideways", sheet=table.grid.sheet)


def _unknown(tables: list[_Table], grids: Grids, said: Request, names: IndicatorNames, findings: Findings) -> Choice:
    """Say why no table was found; where rows name indicators below some header, ask which column is which."""
    grid = next((table.grid for table in tables if not table.grid.hidden), tables[0].grid)
    if said.mapping is not None:
        return Choice("raw", (grid,))
    above = _header_above(grid, _first_indicator_row(grid, names))
    if above is not None and not grids.ruined:
        return Choice("summary", (grid,), (above,))
    message = "encoding_ruined" if grids.ruined else "header_missing"
    seen = [cell.text for cell in next(iter(grid.rows.values())).values()][:8]
    findings.refuse(message, needed=list(COLUMNS.values()), seen=seen, sheet=grid.sheet, row=min(grid.rows))
    return Choice()


def _header_above(grid: Grid, row: int | None) -> Header | None:
    """The row above the first indicator's as a header, whatever it says."""
    above = [each for each in grid.rows if row is not None and each < row]
    return header_at(grid, range(above[-1], above[-1] + 1)) if above else None

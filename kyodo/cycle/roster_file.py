"""The addressees as a file: handed out to be corrected, and read back with every fault named."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kyodo.cycle.roster import Addressees, standing_roster
from kyodo.cycle.words import UnclearError, fold, item_key, problem, read_text, read_year
from kyodo.cycle.year import Progress
from kyodo.errors import Problem
from kyodo.intake import Cell, Grid, Grids, read_grids
from kyodo.intake.grid import EMPTY
from kyodo.rows import grouped

COLUMNS = {  # by table of the record: column → title
    "roster": {"department": "担当課", "section": "課", "from_year": "から", "to_year": "まで", "contact": "連絡先"},
    "answering": {"item": "項目", "section": "回答する課", "from_year": "から"},
}


@dataclass(frozen=True)
class RosterFile:
    """A roster as read: the rows that change something, for :meth:`kyodo.record.Record.address`; none with ``problems``."""

    file: str
    data: bytes
    problems: tuple[Problem, ...]
    roster: list[dict[str, Any]]
    answering: list[dict[str, Any]]

    @property
    def to_keep(self) -> dict[str, Any]:
        """The arguments of :meth:`kyodo.record.Record.address`."""
        return {"roster": self.roster, "answering": self.answering, "files": [(self.file, self.data)]}


def roster_frames(progress: Progress, year: int) -> dict[str, pd.DataFrame]:
    """The addressees in force as tables to correct, titled: ``roster`` and ``answering``."""
    asked: Addressees = progress.addressees(year)
    tables = {
        "roster": standing_roster(progress.plan, progress.kept.roster),
        "answering": asked.answering.assign(from_year=year),
    }
    return {name: tables[name][list(titles)].rename(columns=titles) for name, titles in COLUMNS.items()}


def read_roster(
    data: bytes, name: str, progress: Progress, *, read: Callable[[bytes, str], Grids] = read_grids
) -> RosterFile:
    """Read a roster (.xlsx or CSV): one table a sheet, told apart by its header; never raises for what is in it."""
    grids = read(data, name)
    problems = list(grids.problems)
    rows: dict[str, list[dict[str, Any]]] = {"roster": [], "answering": []}
    for grid in grids.sheets:
        if (found := _header(grid)) is not None:
            table, header, places = found
            for number in grid.below(header):
                row, faults = _row(grid, number, table, places)
                problems += faults or [*_sense(progress, table, row, grid.sheet, number)]
                rows[table].append(row)
    if not any(rows.values()) and not problems:
        titles = " / ".join("、".join(each.values()) for each in COLUMNS.values())
        problems.append(problem("no_roster", titles=titles))
    problems += _twice(rows["roster"], ("department", "section", "from_year"))
    problems += _twice(rows["answering"], ("item", "from_year"))
    placed = tuple(replace(each, file=name) for each in problems)
    if placed:
        return RosterFile(name, data, placed, [], [])
    return RosterFile(name, data, placed, _new_names(progress, rows["roster"]), _new_items(progress, rows["answering"]))


def _new_names(progress: Progress, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of those printed names of which anything differs from what is in force."""

    def by_name(given: list[dict[str, Any]]) -> dict[str, list[tuple]]:
        lines = [
            (row["section"], int(row["from_year"]), _until(row.get("to_year")), row.get("contact", "")) for row in given
        ]
        found = grouped((row["department"] for row in given), lines)
        return {name: sorted(each, key=repr) for name, each in found.items()}

    now, then = by_name(progress.roster.to_dict("records")), by_name(rows)
    return [row for row in rows if then[row["department"]] != now.get(row["department"])]


def _until(year: Any) -> int | None:
    return None if year is None or pd.isna(year) else int(year)


def _new_items(progress: Progress, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that name another section than the one that answers, so that what follows from the roster stays free."""
    held = {
        year: progress.addressees(year).answering.set_index("item")["section"]
        for year in {row["from_year"] for row in rows}
    }
    return [row for row in rows if held[row["from_year"]].get(row["item"]) != row["section"]]


def _header(grid: Grid) -> tuple[str, int, dict[str, int]] | None:
    """Which table a sheet holds, its header's row, and where its columns are."""
    for row in list(grid.rows)[:20]:
        titles = {fold(cell.text): column for column, cell in grid.filled(row).items()}
        for table, columns in COLUMNS.items():
            places = {name: titles[fold(title)] for name, title in columns.items() if fold(title) in titles}
            if set(columns) - {"to_year", "contact"} <= set(places):
                return table, row, places
    return None


def _row(grid: Grid, number: int, table: str, places: dict[str, int]) -> tuple[dict[str, Any], list[Problem]]:
    row: dict[str, Any] = {}
    faults = []
    for name, place in places.items():
        try:
            row[name] = _value(name, grid.rows[number].get(place, EMPTY))
        except UnclearError as unclear:
            at = (grid.sheet, number, COLUMNS[table][name])
            faults.append(Problem("cell", str(unclear), "H25 のように書いてください。", "", *at))
    return row, faults


def _value(name: str, cell: Cell) -> Any:
    if name.endswith("_year"):
        return None if name == "to_year" and not cell.text.strip() else read_year(cell)
    return item_key(read_text(cell)) if name == "item" else read_text(cell).strip()


def _sense(progress: Progress, table: str, row: dict[str, Any], sheet: str, number: int) -> Iterator[Problem]:
    """What a cell alone cannot say: a name or item of no plan, a period that ends before it begins."""
    column = "department" if table == "roster" else "item"
    known = progress.plan.item_departments["department"] if table == "roster" else progress.rows["item"]
    if row[column] not in set(known):
        title = COLUMNS[table][column]
        yield problem("unknown", sheet=sheet, row=number, column=title, text=row[column], what=title)
    if row.get("to_year") is not None and row["to_year"] < row["from_year"]:
        yield problem("period", sheet=sheet, row=number, column="まで")


def _twice(rows: list[dict[str, Any]], key: tuple[str, ...]) -> Iterator[Problem]:
    seen = set()
    for row in rows:
        mark = tuple(row.get(name) for name in key)
        if mark in seen:
            yield problem("roster_twice", text=mark[0])
        seen.add(mark)

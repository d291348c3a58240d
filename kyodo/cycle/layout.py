"""Where a returned sheet's table is: its header, its columns, and what was done to its shape."""

from collections.abc import Iterator
from dataclasses import dataclass

from kyodo.cycle.words import fold, problem
from kyodo.errors import Problem
from kyodo.intake import Grid
from kyodo.intake.grid import column_letter
from kyodo.intake.words import quoted
from kyodo.plan import Plan

_LOOKED_AT = 30  # rows in which the header is looked for
_NEEDED = ("item", "fiscal_year")


@dataclass(frozen=True)
class Layout:
    """One table of a returned file: ``kind`` is ``answer`` or ``supplement``, ``places`` column name → column number."""

    grid: Grid
    kind: str
    header: int
    places: dict[str, int]

    @property
    def rows(self) -> list[int]:
        """The rows below the header that hold something."""
        return list(self.grid.below(self.header))


def spellings(plan: Plan) -> dict[str, str]:
    """Every header that is read, folded → the column's name."""
    return {
        fold(text): row["name"]
        for row in plan.sheet_columns.to_dict("records")
        for text in (row["title"], *row["read_as"].split())
    }


def find_layout(grid: Grid, plan: Plan) -> Layout | None:
    """The table of one sheet; None where no row reads like its header."""
    known = spellings(plan)
    best: tuple[int, int] = (0, 0)
    for row in list(grid.rows)[:_LOOKED_AT]:
        names = {known.get(fold(cell.text)) for cell in grid.filled(row).values()} - {None}
        best = max(best, (len(names), -row))
    if best[0] < 3:
        return None
    header = -best[1]
    places: dict[str, int] = {}
    for column, cell in grid.filled(header).items():
        if name := known.get(fold(cell.text)):
            places.setdefault(name, column)
    return Layout(grid, "supplement" if "supplement" in places else "answer", header, places)


def shape_problems(layout: Layout, plan: Plan) -> Iterator[Problem]:
    """What was done to the table's shape: columns gone, doubled or unknown, merged cells, cells beside the table."""
    yield from _missing_columns(layout, plan)
    yield from _header_problems(layout, plan)
    yield from _stray_cells(layout)
    yield from _merge_problems(layout)


def _missing_columns(layout: Layout, plan: Plan) -> Iterator[Problem]:
    # The six questions of 自己点検 are optional, so a sheet may come without them.
    wanted = [
        row
        for row in plan.sheet_columns.to_dict("records")
        if row["name"] in _NEEDED or (row["part"] == layout.kind and row["list"] != "check")
    ]
    for row in wanted:
        if row["name"] not in layout.places:
            yield problem("column_missing", sheet=layout.grid.sheet, row=layout.header, title=row["title"])


def _header_problems(layout: Layout, plan: Plan) -> Iterator[Problem]:
    known, taken = spellings(plan), set(layout.places.values())
    for column, cell in layout.grid.filled(layout.header).items():
        if column in taken:
            continue
        twice = fold(cell.text) in known
        if twice or any(column in layout.grid.filled(row) for row in layout.rows):
            place = {"sheet": layout.grid.sheet, "row": layout.header, "column": cell.text}
            yield problem("column_twice" if twice else "column_unknown", text=quoted(cell.text), **place)


def _stray_cells(layout: Layout) -> Iterator[Problem]:
    headed = set(layout.grid.filled(layout.header))
    for row in layout.rows:
        for column, cell in layout.grid.filled(row).items():
            if column not in headed:
                place = {"sheet": layout.grid.sheet, "row": row, "column": column_letter(column)}
                yield problem("stray_cell", letter=column_letter(column), text=quoted(cell.text), **place)


def _merge_problems(layout: Layout) -> Iterator[Problem]:
    for top, left, bottom, right in layout.grid.merges:
        if bottom >= layout.header and left <= max(layout.places.values()):
            cells = f"{column_letter(left)}{top}:{column_letter(right)}{bottom}"
            yield problem("merged", sheet=layout.grid.sheet, row=top, column=column_letter(left), cells=cells)

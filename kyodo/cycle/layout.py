"""Where a returned sheet's table is: its header, its columns, and what was done to its shape."""

from collections.abc import Iterator
from dataclasses import dataclass

from kyodo.cycle.words import fold
from kyodo.errors import Problem
from kyodo.intake import Grid
from kyodo.intake.grid import column_letter
from kyodo.intake.words import quoted
from kyodo.plan import Plan

_LOOKED_AT = 30  # rows in which the header is looked for
_NEEDED = ("item", "fiscal_year")
_KEEP = "配ったシートの見出しと行を、そのままの形で残してください。"


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


def shape_problems(layout: Layout, plan: Plan, file: str) -> Iterator[Problem]:
    """What was done to the table's shape: columns gone, doubled or unknown, merged cells, cells beside the table."""
    yield from _missing_columns(layout, plan, file)
    yield from _header_problems(layout, plan, file)
    yield from _merge_problems(layout, file)


def _missing_columns(layout: Layout, plan: Plan, file: str) -> Iterator[Problem]:
    # The six questions of 自己点検 are optional, so a sheet may come without them.
    wanted = [
        row
        for row in plan.sheet_columns.to_dict("records")
        if row["name"] in _NEEDED or (row["part"] == layout.kind and row["list"] != "check")
    ]
    for row in wanted:
        if row["name"] not in layout.places:
            yield Problem(
                "column", f"列「{row['title']}」がありません。", _KEEP, file, layout.grid.sheet, layout.header
            )


def _header_problems(layout: Layout, plan: Plan, file: str) -> Iterator[Problem]:
    known, taken = spellings(plan), set(layout.places.values())
    for column, cell in layout.grid.filled(layout.header).items():
        if column in taken:
            continue
        twice = fold(cell.text) in known
        message = (
            f"見出し{quoted(cell.text)}が二つあります。" if twice else f"知らない見出し{quoted(cell.text)}があります。"
        )
        if twice or any(column in layout.grid.filled(row) for row in layout.rows):
            yield Problem(
                "column", message, "増やした列を消してください。", file, layout.grid.sheet, layout.header, cell.text
            )
    headed = set(layout.grid.filled(layout.header))
    for row in layout.rows:
        for column, cell in layout.grid.filled(row).items():
            if column not in headed:
                message = (
                    f"見出しのない{column_letter(column)}列に{quoted(cell.text)}があります。セルがずれていませんか。"
                )
                yield Problem(
                    "stray",
                    message,
                    "正しい列に移すか、消してください。",
                    file,
                    layout.grid.sheet,
                    row,
                    column_letter(column),
                )


def _merge_problems(layout: Layout, file: str) -> Iterator[Problem]:
    for top, left, bottom, right in layout.grid.merges:
        if bottom >= layout.header and left <= max(layout.places.values()):
            cells = f"{column_letter(left)}{top}:{column_letter(right)}{bottom}"
            yield Problem(
                "merged", f"セル {cells} が結合されています。", "結合を解き、項目ごとに記入してください。",
                file, layout.grid.sheet, top, column_letter(left),
            )  # fmt: skip

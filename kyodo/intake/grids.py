"""A file's bytes into grids of cells: one for a CSV, one a worksheet for a workbook; what they mean is for others.

Everything that takes a table from an office (a survey's results, a returned progress sheet) enters here. Whoever serves
a browser calls ``run_isolated(function, data, name)`` with a function of its own that begins with :func:`read_grids`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kyodo.errors import Problem
from kyodo.intake.archive import BookError
from kyodo.intake.codes import Findings
from kyodo.intake.decode import decode
from kyodo.intake.grid import Grid
from kyodo.intake.sniff import kind_notice, kind_of, safe_name
from kyodo.intake.text import grid_of
from kyodo.intake.workbook import Workbook


@dataclass(frozen=True)
class Grids:
    """The tables of one file in order, hidden ones included; with ``problems`` there are none.

    ``sheets`` hold rows as ``{row: {column: Cell}}``, both 1-based as a spreadsheet shows them, blank cells left out.
    ``encoding`` and ``delimiter`` are those of a text file, empty for a workbook.
    """

    sheets: tuple[Grid, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()


def read_grids(data: bytes, name: str, *, progress: Callable[[float, str], None] | None = None) -> Grids:
    """The cells of an .xlsx, .xlsm, CSV or TSV file in any usual encoding; never raises for what is in the file."""
    name = safe_name(name)
    kind = kind_of(data, name)
    if isinstance(kind, Problem):
        return Grids(problems=(kind,))
    notices = tuple(filter(None, [kind_notice(kind, name)]))
    return _of_text(data, notices) if kind == "text" else _of_workbook(data, notices, progress)


def _of_text(data: bytes, notices: tuple[Problem, ...]) -> Grids:
    decoded = decode(data)
    notices += decoded.notices
    if decoded.problems:
        return Grids(problems=decoded.problems, notices=notices)
    findings = Findings()
    grid = grid_of(decoded.text.rstrip("\x1a"), _evenness, findings)
    notices += tuple(findings.notices)
    if findings.problems:
        return Grids(problems=tuple(findings.problems), notices=notices)
    return Grids((grid,), decoded.shown, grid.delimiter, notices=notices)


def _evenness(grid: Grid) -> int:
    """How well a delimiter cuts: the rows of the head that have several fields, as many as the most usual row."""
    widths = [width for row, width in grid.fields.items() if width > 1 and row in grid.rows][:200]
    usual = max(set(widths), key=widths.count, default=0)
    return widths.count(usual) * 1000 + usual if usual else 0


def _of_workbook(data: bytes, notices: tuple[Problem, ...], progress: Callable[[float, str], None] | None) -> Grids:
    try:
        book = Workbook(data)
        grids = []
        for place, sheet in enumerate(book.sheets):
            if progress is not None:
                progress(place / len(book.sheets), f"シート「{sheet.name[:20]}」を読んでいます")
            grids.append(book.grid(sheet))
    except BookError as error:
        return Grids(problems=(error.problem,), notices=notices)
    return Grids(tuple(grids), notices=notices)

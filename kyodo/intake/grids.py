"""A file's bytes into grids of cells: one for a CSV, one a worksheet for a workbook; what they mean is for others.

Everything that takes a table from an office (a survey's results, a returned progress sheet) enters here. Whoever serves
a browser calls ``run_isolated(function, data, name)`` with a function of its own that begins with :func:`read_grids`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kyodo.errors import Problem
from kyodo.intake import kinds
from kyodo.intake.book import read_book
from kyodo.intake.codes import Fault, Findings, problem
from kyodo.intake.decode import Decoded, decode, is_wide, looks_ruined
from kyodo.intake.grid import Grid
from kyodo.intake.text import MAX_CELL, grid_of

SMALL_TEXT = 2 * 2**20  # bytes up to which a text is cut into a grid as a whole
_HEAD = 1 << 15  # of a larger one, bytes that are cut to find its header
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Grids:
    """The tables of one file in order, hidden ones included; with ``problems`` there are none.

    ``sheets`` hold rows as ``{row: {column: Cell}}``, both 1-based as a spreadsheet shows them, blank cells left out.
    ``encoding`` and ``delimiter`` are those of a text file, empty for a workbook. Where ``large`` was allowed, a large
    text's grid is only its head (``partial``), and ``body`` (in ``codec``) is what to read on in blocks.
    """

    sheets: tuple[Grid, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()
    body: bytes = b""
    codec: str = ""
    ruined: bool = False


def read_grids(data: bytes, name: str, *, progress: Progress | None = None, large: bool = False) -> Grids:
    """The cells of an .xlsx, .xlsm, .sav, CSV or TSV file in any usual encoding; never raises for what is in the file."""
    kind, found = kinds.kind_of(data, kinds.safe_name(name)), kinds.name_problem(name)
    if isinstance(kind, Problem):
        return Grids(problems=(kind,))
    if found and (kind != kinds.WORKBOOK or not (other := _of_book(data, kind, (), None)).problems):
        return Grids(problems=(found,))
    if found:
        return other  # what a zip is says more than how it is called
    name = kinds.safe_name(name)
    notices = tuple(filter(None, [kinds.kind_notice(kind, name)]))
    return _of_text(data, notices, large) if kind == kinds.TEXT else _of_book(data, kind, notices, progress)


def _of_text(data: bytes, notices: tuple[Problem, ...], large: bool) -> Grids:
    partial = large and len(data) > SMALL_TEXT
    decoded = _decode_head(data) if partial else decode(data)
    notices += decoded.notices
    if decoded.problems:
        return Grids(problems=decoded.problems, notices=notices)
    text, findings = decoded.text.rstrip("\x1a"), Findings()
    grid = grid_of(text[:_HEAD] if partial else text, findings, partial=partial)
    notices += tuple(findings.notices)
    if findings.problems:
        return Grids((), decoded.shown, grid.delimiter, tuple(findings.problems), notices)
    rest = _rest(data, text, decoded.encoding) if partial else {}
    ruined = looks_ruined(text[:100_000])
    return Grids((grid,), decoded.shown, grid.delimiter, notices=notices, ruined=ruined, **rest)


def _rest(data: bytes, text: str, encoding: str) -> dict[str, Any]:
    """What is read on in blocks: the bytes as they are, or in UTF-8 where a character has two bytes and more."""
    if is_wide(data):
        return {"body": text.encode("utf-8", errors="surrogatepass"), "codec": "utf-8"}
    return {"body": data, "codec": encoding.removesuffix("-sig")}


def _decode_head(data: bytes) -> Decoded:
    """The head of a large text, cut at a line; all of one with two bytes and more a character."""
    if is_wide(data):
        return decode(data)
    if b"\n" not in data[:MAX_CELL] and b"\r" not in data[:MAX_CELL]:
        return Decoded(problems=(problem("long_cell", row=1, limit=MAX_CELL),))
    head = data[:_HEAD]
    return decode(head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head)


def _of_book(data: bytes, kind: str, notices: tuple[Problem, ...], progress: Progress | None) -> Grids:
    try:
        if kind == kinds.SPSS:
            from kyodo.intake.spss import read_spss

            return Grids(tuple(read_spss(data)), notices=notices)
        grids, has_macros = read_book(data, progress)
    except Fault as fault:
        return Grids(problems=(problem(fault.message, **fault.values),), notices=notices)
    return Grids(tuple(grids), notices=notices + ((problem("macro"),) if has_macros else ()))

"""A text file's bytes into a grid, without guessing.

UTF-16 by its mark, else strict UTF-8, else CP932, else the rows that are neither; then the delimiter that cuts most
rows into the same number of fields.

CP932 decodes almost anything, so success proves nothing: the header must be known afterwards, and characters that no
Japanese office types (縺 and 繧, the ruins of UTF-8 read as CP932; NUL; U+0080) tell that the encoding was another.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice

from kyodo.intake.grid import Grid, grid_from
from kyodo.intake.words import Fault, Findings, Phrase

DELIMITERS = {",": "カンマ", "\t": "タブ", ";": "セミコロン"}
ENCODINGS = {"utf-8-sig": "UTF-8", "cp932": "Shift_JIS(CP932)", "utf-16": "UTF-16"}
MAX_COLUMNS = 2_000
MAX_CELL = 1_000_000
csv.field_size_limit(MAX_CELL)
SEP_LINE = re.compile(r'"?sep=."?\r?\n', re.IGNORECASE)  # Excel's own first line, which Excel does not show
_JUDGED = 200  # rows a delimiter is judged by, and the most that are kept of a longer file's head
_RUINS = re.compile("[縺繧繝]|�|Ã[\x80-\xbf]|[ãæåçäèé][\x80-\xbf\u0152-\u2122]")
_FOREIGN = re.compile("[\x00\x80-\x84\x86-\x9f\uf8f0-\uf8ff]")  # never text in any office file
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f\ue000-\uf8ef\ufffe\uffff\ud800-\udfff]")
_KANA_IN_UTF8 = re.compile(rb"\xe3[\x81-\x83][\x80-\xbf]")
_NAMED = 50  # rows named


def is_wide(data: bytes) -> bool:
    """Whether a text is marked as one of two bytes a character."""
    return data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def decode(data: bytes, findings: Findings) -> tuple[str, str]:
    """A whole text and its encoding; both empty where some rows do not fit, which are problems. Raises :class:`Fault`."""
    encoding = "utf-16" if is_wide(data) else "utf-8-sig"
    if (text := _decoded(data, encoding)) is not None:
        return text, encoding
    if encoding == "utf-16" or b"\x00" in data:  # cut or broken, without its mark, or no text
        raise Fault("encoding_none")
    wrong = {name: _rows_not_in(data, name) for name in ("utf-8", "cp932")}
    if not wrong["cp932"]:
        return data.decode("cp932"), "cp932"
    if wrong["utf-8"][0] == wrong["cp932"][0] == 1:  # not even the header is one of them
        raise Fault("encoding_none")
    usual, other = sorted(wrong, key=lambda name: len(wrong[name]))
    shown = {"utf-8": Phrase("UTF-8"), "cp932": Phrase("Shift_JIS")}
    for row in wrong[usual][:_NAMED]:
        findings.refuse("encoding_row", usual=shown[usual], other=shown[other], row=row)
    return "", ""


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _rows_not_in(data: bytes, encoding: str) -> list[int]:
    """Numbers of the records (quoted line breaks do not count) with a line that is in another encoding."""
    found, row, quotes = [], 1, 0
    for line in data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        # The ruins of a UTF-8 line decode as CP932 too; CP932 is hardly ever UTF-8 from a line's beginning to its end.
        other = _decoded(line, encoding) is None or (
            encoding == "cp932" and _KANA_IN_UTF8.search(line) and _decoded(line, "utf-8")
        )
        if other and row not in found[-1:]:
            found.append(row)
        quotes += line.count(b'"')
        row += quotes % 2 == 0
    return found


def looks_ruined(text: str) -> bool:
    """Whether a text shows the marks of a wrong encoding made permanent, or is no text at all."""
    return bool(_RUINS.search(text)) or "\x1b" in text or "\x00" in text


def check_characters(grid: Grid, used: Mapping[int, str], rows: Iterable[int], findings: Findings) -> None:
    """Refuse characters that betray a wrong encoding; where the column is not used, controls and 外字 are only told."""
    for row in rows:
        for column, cell in grid.filled(row).items():
            is_foreign = _FOREIGN.search(cell.text)
            if is_foreign or _CONTROL.search(cell.text) or _RUINS.search(cell.text):
                told = column not in used and not is_foreign
                note, message = (findings.tell, "encoding_unused") if told else (findings.refuse, "encoding_text")
                note(message, text=cell.text, row=row, column=used.get(column, ""))


def grid_of(text: str, findings: Findings, *, partial: bool = False) -> Grid:
    """The text cut at the delimiter under which it is most of a table; comma where none is.

    Problems: a cell too long, too many columns, quotes that do not close (at the record where they open).
    """
    best = max(DELIMITERS, key=lambda mark: _evenness(_records(text, mark, _JUDGED)[0]))
    rows, fault = _records(text, best, _JUDGED if partial else None)
    if fault and not partial:
        findings.refuse(fault, row=len(rows) + 1)
    fields = {number: len(row) for number, row in enumerate(rows, 1)}
    for row in [number for number, width in fields.items() if width > MAX_COLUMNS][:1]:
        findings.refuse("wide", row=row, width=fields[row], limit=MAX_COLUMNS)
    return grid_from([row[:MAX_COLUMNS] for row in rows], fields=fields, delimiter=best, partial=partial)


def _records(text: str, delimiter: str, most: int | None) -> tuple[list[list[str]], str]:
    """A CSV text's records (so many, or all), and what is wrong with the one after the last."""
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        rows.extend(islice(reader, most))
    except csv.Error as error:
        return rows, "quote_long" if "limit" in str(error) else "quote_open"
    return rows, ""


def _evenness(rows: list[list[str]]) -> tuple[int, int]:
    """How many rows have the most usual number of fields above one, and that number."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return max(((count, width) for width, count in widths.items()), default=(0, 0))


def swallowed_rows(grid: Grid, width: int) -> list[int]:
    """Rows with a cell that holds whole further rows: a quote that closed too late, or not where it should."""
    return [
        row
        for row, cells in grid.rows.items()
        if grid.fields and any(holds_rows(cell.text, grid.delimiter, width) for cell in cells.values())
    ]


def holds_rows(text: str, delimiter: str, width: int) -> bool:
    r"""Whether a cell's text has, after a line break, a line with about as many delimiters as a row of ``width`` fields.

    >>> holds_rows("b\n12,1,2,c", ",", 4), holds_rows("一行目\n二行目, と", ",", 4)
    (True, False)
    """
    lines = re.split(r"[\r\n]+", text)[1:] if "\n" in text or "\r" in text else ()
    return any(line.count(delimiter) >= max(width - 2, 2) for line in lines)

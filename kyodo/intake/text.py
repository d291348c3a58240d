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
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from kyodo.intake.grid import Grid, grid_from
from kyodo.intake.words import Fault, Findings

DELIMITERS = {",": "カンマ", "\t": "タブ", ";": "セミコロン", "|": "縦棒", "，": "全角カンマ", "、": "読点"}
_USUAL = frozenset(",\t;")
MAX_COLUMNS = 2_000
MAX_CELL = 1_000_000
csv.field_size_limit(MAX_CELL)
_SEP_LINE = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
_JUDGED = 200  # rows a delimiter is judged by, and the most that are kept of a longer file's head
_RUINS = re.compile("[縺繧繝]|�|Ã[\x80-\xbf]|[ãæåçäèé][\x80-\xbf\u0152-\u2122]")
_FOREIGN = re.compile("[\x00\x80-\x84\x86-\x9f\uf8f0-\uf8ff]")  # never text in any office file
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f\ue000-\uf8ef\ufffe\uffff\ud800-\udfff]")
_KANA_IN_UTF8 = re.compile(rb"\xe3[\x81-\x83][\x80-\xbf]")
_NAMES = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "cp932": "Shift_JIS(CP932)", "utf-16": "UTF-16", "utf-32": "UTF-32"}
_MARKED = {
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
}
_NAMED = 50  # rows named


@dataclass(frozen=True)
class Decoded:
    """A text with the name of its encoding; both empty where rows do not fit."""

    text: str = ""
    encoding: str = ""

    @property
    def shown(self) -> str:
        """The encoding's usual name."""
        return _NAMES.get(self.encoding, self.encoding)


def is_wide(data: bytes) -> bool:
    """Whether a text has two or four bytes a character."""
    return data.startswith(sum(_MARKED.values(), ()))


def decode(data: bytes, findings: Findings) -> Decoded:
    """Decode a whole text file; problems name the rows that do not fit. Raises :class:`Fault` where no row says more."""
    for encoding, marks in _MARKED.items():
        if data.startswith(marks):
            return _strict(data, encoding)
    if (text := _decoded(data, "utf-8-sig")) is not None:
        return Decoded(text, "utf-8-sig")
    if b"\x00" in data:  # UTF-16 without its mark, or no text
        raise Fault("encoding_none")
    rows, usual, other = _rows(data, _KANA_IN_UTF8.search), "UTF-8", "Shift_JIS"
    if (text := _decoded(data, "cp932")) is None:
        rows, usual, other = _undecodable(data)
    elif not rows:
        return Decoded(text, "cp932")
    for row in rows[:_NAMED]:
        findings.refuse("encoding_row", usual=usual, other=other, row=row)
    return Decoded()


def _strict(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding).removeprefix("\ufeff"), encoding)
    except UnicodeDecodeError as error:
        raise Fault("encoding_broken", encoding=_NAMES[encoding], byte=error.start) from error


def _undecodable(data: bytes) -> tuple[list[int], str, str]:
    """Which rows do not fit the encoding of the others, that one and the other; the likely other encoding is a fault."""
    if "指標" in (_decoded(data, "euc_jp") or ""):
        raise Fault("encoding_other", encoding="EUC-JP")
    wrong = {name: _rows(data, lambda line, name=name: _decoded(line, name) is None) for name in ("utf-8", "cp932")}
    if not (wrong["utf-8"] and wrong["cp932"]):
        raise Fault("encoding_none")
    if len(wrong["utf-8"]) <= len(wrong["cp932"]):
        return wrong["utf-8"], "UTF-8", "Shift_JIS"
    return wrong["cp932"], "Shift_JIS", "UTF-8"


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _rows(data: bytes, wrong: Callable[[bytes], object]) -> list[int]:
    """Numbers of the records (quoted line breaks do not count) with a line for which ``wrong`` is true."""
    found, row, quotes = [], 1, 0
    for line in data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if wrong(line) and row not in found[-1:]:
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
            said = {"text": cell.text, "row": row, "column": used.get(column, "")}
            if _FOREIGN.search(cell.text):
                findings.refuse("encoding_text", **said)
            elif _CONTROL.search(cell.text) or _RUINS.search(cell.text):
                note = findings.refuse if column in used else findings.tell
                note("encoding_text" if column in used else "encoding_unused", **said)


def grid_of(text: str, findings: Findings, *, partial: bool = False) -> Grid:
    """The text cut at the delimiter under which it is most of a table; comma where none is.

    Problems: a line too long, too many columns, quotes that do not close (at the record where they open).
    """
    text, candidates = _candidates(text)
    cut = {mark: _records(text, mark, _JUDGED if partial else None) for mark in candidates}
    best = max(candidates, key=lambda mark: (_evenness(cut[mark][0]), mark in _USUAL))
    rows, unclosed = cut[best]
    fields = {number: len(row) for number, row in enumerate(rows, 1)}
    if not partial:
        _check_closed(text, unclosed, findings)
    for row in [number for number, width in fields.items() if width > MAX_COLUMNS][:1]:
        findings.refuse("wide", row=row, width=fields[row], limit=MAX_COLUMNS)
    if best not in _USUAL:
        findings.tell("delimiter", delimiter=DELIMITERS[best])
    return grid_from([row[:MAX_COLUMNS] for row in rows], fields=fields, delimiter=best, partial=partial)


def _check_closed(text: str, unclosed: int | None, findings: Findings) -> None:
    if unclosed is not None:
        long = any(len(line) > MAX_CELL for line in text.splitlines())
        findings.refuse("long_cell" if long else "quote_open", row=unclosed, limit=MAX_CELL)


def _candidates(text: str) -> tuple[str, list[str]]:
    """The text without Excel's own first line ``sep=;`` (which Excel does not show), and the delimiters it may have."""
    match = _SEP_LINE.match(text)
    if match and match[1] in DELIMITERS:
        return text[match.end() :], [match[1]]
    text = text[match.end() :] if match else text
    return text, [mark for mark in DELIMITERS if mark in text] or [","]


def _records(text: str, delimiter: str, most: int | None) -> tuple[list[list[str]], int | None]:
    """A CSV text's records (so many, or all), and the number of the record whose quotes do not close (None where all do)."""
    rows: list[list[str]] = []
    spaced = bool(re.search(rf'(?:^|{re.escape(delimiter)})[ 　]+"', text, re.MULTILINE))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=spaced)
    try:
        rows.extend(islice(reader, most))
    except csv.Error:
        return rows, len(rows) + 1
    return rows, None


def _evenness(rows: list[list[str]]) -> tuple[int, int]:
    """How many of the first rows have the most usual number of fields above one, and that number."""
    widths = [len(row) for row in rows if len(row) > 1][:_JUDGED]
    usual = max(sorted(set(widths), reverse=True), key=widths.count, default=0)
    return widths.count(usual), usual


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

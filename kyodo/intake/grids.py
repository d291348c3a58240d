"""A file's bytes into grids of cells: one for a CSV, one a worksheet for a workbook; what they mean is for others.

Everything that takes a table from an office (a survey's results, a returned progress sheet) enters here. Whoever serves
a browser calls ``run_isolated(function, data, name)`` with a function of its own that begins with :func:`read_grids`.
What a file is, its first bytes say, and the end of its name must not say otherwise.
"""

import math
import re
import tempfile
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from kyodo.errors import Problem
from kyodo.intake.grid import Grid, grid_from
from kyodo.intake.text import ENCODINGS, MAX_CELL, SEP_LINE, decode, grid_of, is_wide, looks_ruined
from kyodo.intake.words import Fault, Findings, Phrase
from kyodo.wording import shorten

MAX_UPLOAD = 20 * 2**20  # bytes the registration page takes, and a workbook may have
MAX_CSV = 512 * 2**20
LONGEST_NAME = 120
SMALL_TEXT = 2 * 2**20  # bytes up to which a text is cut into a grid as a whole
_HEAD = 1 << 15  # of a larger one, bytes that are cut to find its header

TEXT, WORKBOOK, SPSS = "text", "workbook", "spss"


class _Kind(NamedTuple):
    """A kind of file: as it is called, its endings and first bytes, and how many bytes it may have."""

    shown: str
    suffixes: tuple[str, ...]
    marks: tuple[bytes, ...]
    limit: int = MAX_UPLOAD


_KINDS = {
    WORKBOOK: _Kind("Excel ブック(.xlsx)", (".xlsx", ".xlsm"), (b"PK",)),
    SPSS: _Kind("SPSS のデータ(.sav)", (".sav",), (b"$FL2", b"$FL3")),
    TEXT: _Kind("文字の表(CSV)", (".csv", ".txt", ".tsv", ".tab", ".dat", ".prn", ".asc"), (b"",), MAX_CSV),
}
_ALLOWED = {".xls", ".ods"}.union(*(kind.suffixes for kind in _KINDS.values()))  # also of tables of another kind
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_BINARY = rb"[^\n]{0,60}?[\x00-\x08\x0e-\x1f]"  # bytes that no text has
_OTHERS = {  # what begins so is no table of text
    "PDF": rb"%PDF",
    "文書(RTF)": rb"\{\\rtf",
    "画像": rb"\x89PNG|\xff\xd8\xff|(?:GIF8|BM|II\*|MM\x00\*)" + _BINARY,
    "圧縮ファイル": rb"\x1f\x8b|7z\xbc\xaf|Rar!" + _BINARY,
    "実行ファイル": rb"MZ" + _BINARY,
    "JSON": rb'\s*(?:\{\s*["}]|\[\s*[\[{"])',
}
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|table|meta|script|\?xml|svg|!--|div|style)", re.IGNORECASE)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_ENDING = re.compile(r"\.[a-z][a-z0-9]{0,9}(?=[ .　]*(?:[;:]|$))")


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


def read_grids(data: bytes, name: str, *, large: bool = False) -> Grids:
    """The cells of an .xlsx, .xlsm, .sav, CSV or TSV file in any usual encoding; never raises for what is in the file."""
    findings, read = Findings(), Grids()
    try:
        read = _read(data, name, findings, large)
    except Fault as fault:
        findings.refuse(fault.message, **fault.values)
    sheets = () if findings.problems else read.sheets
    return replace(read, sheets=sheets, problems=tuple(findings.problems), notices=tuple(findings.notices))


def _read(data: bytes, name: str, findings: Findings, large: bool) -> Grids:
    called = safe_name(name)
    kind, suffix = kind_of(data, called), PurePosixPath(called).suffix.lower()
    read = _of_text(data, findings, large) if kind == TEXT else Grids(tuple(_of_tables(data, kind, findings)))
    if foreign := foreign_suffix(called):  # what a file is says more than how it is called
        raise Fault("file_name", suffix=foreign)
    if suffix not in _KINDS[kind].suffixes:
        findings.tell("file_kind", suffix=shorten(suffix, 12) or "なし", kind=_KINDS[kind].shown)
    return read


def _of_tables(data: bytes, kind: str, findings: Findings) -> list[Grid]:
    if kind == SPSS:
        return _read_spss(data)
    from kyodo.intake.book import read_book  # openpyxl only when a workbook is read

    grids, has_macros = read_book(data)
    if has_macros:
        findings.tell("macro")
    return grids


def _of_text(data: bytes, findings: Findings, large: bool) -> Grids:
    partial = large and len(data) > SMALL_TEXT
    text, encoding = decode(_head(data) if partial else data, findings)
    if sep := SEP_LINE.match(text):
        text, data = text[sep.end() :], data[data.find(b"\n") + 1 :]
    text = text.rstrip("\x1a")
    grid = grid_of(text[:_HEAD] if partial else text, findings, partial=partial)
    read = Grids((grid,), ENCODINGS.get(encoding, ""), grid.delimiter, ruined=looks_ruined(text[:100_000]))
    if not partial:
        return read
    if encoding == "utf-16":  # read on in UTF-8, all else as it is
        return replace(read, body=text.encode("utf-8", errors="surrogatepass"), codec="utf-8")
    return replace(read, body=data, codec=encoding.removesuffix("-sig"))


def _head(data: bytes) -> bytes:
    """The head of a large text, cut at a line; all of one with two bytes a character."""
    if is_wide(data):
        return data
    if b"\n" not in data[:MAX_CELL] and b"\r" not in data[:MAX_CELL]:
        raise Fault("quote_long", row=1)
    head = data[:_HEAD]
    return head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head


def _read_spss(data: bytes) -> list[Grid]:
    """An SPSS file's answers under the variables' names, and a code book of its labels; raises :class:`Fault`.

    The optional package pyreadstat reads files on disk by a C library: the server does all this in a child process.
    """
    try:
        import pyreadstat
    except ImportError as error:
        raise Fault("kind_spss") from error
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "data.sav")
        file.write_bytes(data)
        try:
            frame, about = pyreadstat.read_sav(file, user_missing=True)
        except MemoryError:
            raise
        except Exception as error:
            raise Fault("corrupt_spss") from error
    answers = [list(frame.columns), *frame.itertuples(index=False)]
    book = [["設問", "内容", "コード", "選択肢"]]
    for name, text in zip(about.column_names, about.column_labels, strict=True):
        labels = about.variable_value_labels.get(name) or {"": ""}
        book += [[name, text or "", _text(code), label] for code, label in labels.items()]
    return [grid_from([list(map(_text, row)) for row in answers], sheet="データ"), grid_from(book, sheet="コード表")]


def _text(value: Any) -> str:
    """A value as the text it would have in a CSV: whole numbers without a point, nothing for a missing one."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def safe_name(name: str) -> str:
    r"""Only a file name's last part, printable, at most 120 characters, its extension kept.

    >>> safe_name("../../etc/cron.d/x.csv"), safe_name("C:\\temp\\調査.CSV"), safe_name("")
    ('x.csv', '調査.CSV', 'ファイル')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", str(name)))[-1]
    printable = (c for c in last if c.isprintable() and unicodedata.category(c) not in {"Cf", "Cs", "Co"})
    last = "".join(printable).strip(" .　")
    if _RESERVED.match(last):
        last = f"_{last}"
    if len(last) > LONGEST_NAME:
        suffix = PurePosixPath(last).suffix[:10]
        last = shorten(last, LONGEST_NAME - len(suffix)) + suffix
    return last or "ファイル"


def foreign_suffix(name: str) -> str:
    """The ending of a safe name that no survey file has (it would be handed out again under it), empty for others.

    >>> [foreign_suffix(name) for name in ("調査.csv", "調査.exe", "調査.js;.csv", "調査.csv;.js", "R7.9月", "調査")]
    ['', '.exe', '.js', '.js', '', '']
    """
    return next((each for each in _ENDING.findall(name.lower()) if each not in _ALLOWED), "")


def kind_of(data: bytes, name: str) -> str:
    """``text``, ``workbook`` (a zip that may be one) or ``spss``; raises :class:`Fault` for anything else."""
    if len(data) < 1 << 16 and not data.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n\x1a"):
        raise Fault("empty_file")
    if name.startswith("~$"):
        raise Fault("kind_owner")
    if data.startswith(_OLE):
        raise Fault("kind_password" if "EncryptedPackage".encode("utf-16-le") in data else "kind_xls")
    kind = next(kind for kind, facts in _KINDS.items() if data.startswith(facts.marks))
    if kind == TEXT:
        _check_text(data)
    if len(data) > _KINDS[kind].limit:
        raise Fault("too_large_file", size=len(data) / 2**20, limit=_KINDS[kind].limit / 2**20)
    return kind


def _check_text(data: bytes) -> None:
    """Refuse a file known by its beginning to be no table of text."""
    head = data[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    for shown, pattern in _OTHERS.items():
        if re.match(pattern, data) or re.match(pattern, head):
            raise Fault("kind_zip" if shown == "圧縮ファイル" else "kind_other", shown=Phrase(shown))
    if _MARKUP.match(head):
        raise Fault("kind_html")

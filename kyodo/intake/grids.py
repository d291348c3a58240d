"""A file's bytes into grids of cells: one for a CSV, one a worksheet for a workbook; what they mean is for others.

Everything that takes a table from an office (a survey's results, a returned progress sheet) enters here. Whoever serves
a browser calls ``run_isolated(function, data, name)`` with a function of its own that begins with :func:`read_grids`.
What a file is, its first bytes say, and the end of its name must not say otherwise.
"""

import math
import re
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from kyodo.errors import Problem
from kyodo.intake.book import read_book
from kyodo.intake.grid import Grid, grid_from
from kyodo.intake.text import MAX_CELL, Decoded, decode, grid_of, is_wide, looks_ruined
from kyodo.intake.words import Fault, Findings, problem
from kyodo.wording import shorten

MAX_UPLOAD = 20 * 2**20  # bytes the registration page takes
MAX_WORKBOOK = 20 * 2**20
MAX_CSV = 512 * 2**20
LONGEST_NAME = 120
SMALL_TEXT = 2 * 2**20  # bytes up to which a text is cut into a grid as a whole
_HEAD = 1 << 15  # of a larger one, bytes that are cut to find its header
Progress = Callable[[float, str], None]

TEXT, WORKBOOK, SPSS = "text", "workbook", "spss"
_SUFFIXES = {
    TEXT: {".csv", ".txt", ".tsv", ".tab", ".dat", ".prn", ".asc"},
    WORKBOOK: {".xlsx", ".xlsm"},
    SPSS: {".sav"},
}
_ALLOWED = set().union(
    *_SUFFIXES.values(), {".xls", ".ods"}
)  # the last two: offices give them to tables of another kind
_SHOWN = {TEXT: "文字の表(CSV)", WORKBOOK: "Excel ブック(.xlsx)", SPSS: "SPSS のデータ(.sav)"}
_KNOWN = {SPSS: (b"$FL2", b"$FL3"), WORKBOOK: (b"PK",)}  # by their first bytes
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
# What begins so and goes on with bytes that no text has is this kind of file; the message says what to do about it.
_SIGNATURES = {
    "kind_image": {b"\x89PNG": "画像(PNG)", b"\xff\xd8\xff": "画像(JPEG)", b"GIF8": "画像(GIF)", b"BM": "画像(BMP)", b"II*": "画像(TIFF)", b"MM\x00*": "画像(TIFF)"},
    "kind_packed": {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7z", b"Rar!": "RAR", b"\x28\xb5\x2f\xfd": "zstd", b"MSCF": "CAB"},
    "kind_other": {b"SQLite": "データベース", b"PAR1": "Parquet", b"MZ": "実行ファイル", b"\x7fELF": "実行ファイル"},
}  # fmt: skip
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|table|meta|script|\?xml|svg|!--|div|style)", re.IGNORECASE)
_JSON = re.compile(rb'\s*(?:\{\s*["}]|\[\s*[\[{"])')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_PARTS = re.compile("[;:\u200e\u200f\u202a-\u202e\u2066-\u2069]")


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
    kind, misnamed = kind_of(data, safe_name(name)), name_problem(name)
    if isinstance(kind, Problem):
        return Grids(problems=(kind,))
    if misnamed and (kind != WORKBOOK or not (other := _of_book(data, kind, (), None)).problems):
        return Grids(problems=(misnamed,))
    if misnamed:
        return other  # what a zip is says more than how it is called
    suffix = _suffix(safe_name(name))
    as_named = suffix in _SUFFIXES[kind]
    shown = {"suffix": shorten(suffix, 12) or "なし", "kind": _SHOWN[kind]}
    notices = () if as_named else (problem("file_kind", **shown),)
    return _of_text(data, notices, large) if kind == TEXT else _of_book(data, kind, notices, progress)


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
        grids, has_macros = (_read_spss(data), False) if kind == SPSS else read_book(data, progress)
    except Fault as fault:
        return Grids(problems=(problem(fault.message, **fault.values),), notices=notices)
    return Grids(tuple(grids), notices=notices + ((problem("macro"),) if has_macros else ()))


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


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def name_problem(name: str) -> Problem | None:
    """The problem with a name that ends in what is no survey file: it would be handed out again under that name.

    >>> [bool(name_problem(name)) for name in ("調査.csv", "調査.exe", "調査.js;.csv", "調査.csv;.js", "R7.9月", "調査")]
    [False, True, True, True, False, False]
    """
    for part in _PARTS.split(str(name)):
        suffix = _suffix("_" + part.rstrip(" .　\x00"))  # a part may be nothing but an ending
        if re.fullmatch(r"\.[a-z][a-z0-9]{0,9}", suffix) and suffix not in _ALLOWED:
            return problem("file_name", suffix=suffix)
    return None


def kind_of(data: bytes, name: str) -> str | Problem:
    """``text``, ``workbook`` (a zip that may be one) or ``spss``, or the problem with anything else."""
    if found := _unreadable(data, name):
        return found
    kind = next((kind for kind, marks in _KNOWN.items() if data.startswith(marks)), TEXT)
    limit = MAX_CSV if kind == TEXT else MAX_WORKBOOK
    if kind == TEXT and (found := _foreign(data)):
        return found
    size = {"size": len(data) / 2**20, "limit": limit / 2**20}
    return kind if len(data) <= limit else problem("too_large_file", **size)


def _unreadable(data: bytes, name: str) -> Problem | None:
    """The problem with what is empty, Excel's owner file, or an old or locked workbook."""
    if len(data) < 1 << 16 and not data.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n\x1a"):
        return problem("empty_file")
    if name.startswith("~$"):
        return problem("kind_owner")
    if data.startswith(_OLE):
        return problem("kind_password" if "EncryptedPackage".encode("utf-16-le") in data else "kind_xls")
    return None


def _foreign(data: bytes) -> Problem | None:
    """The problem with a file known by its signature or its markup to be no table of text."""
    if data.startswith((b"%PDF", b"{\\rtf")):
        return (
            problem("kind_pdf", shown="PDF")
            if data[0] == ord("%")
            else problem("kind_other", shown="リッチテキスト(RTF)")
        )
    for message, marks in _SIGNATURES.items() if _BINARY.search(data[:64]) else ():
        if mark := next(filter(data.startswith, marks), None):
            return problem(message, shown=marks[mark])
    head = data[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    if _MARKUP.match(head):
        return problem("kind_html")
    return problem("kind_other", shown="JSON") if _JSON.match(head) else None

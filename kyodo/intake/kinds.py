"""What a file is, by its first bytes and the end of its name. Nothing is opened here."""

import re
import unicodedata
from pathlib import PurePosixPath

from kyodo.errors import Problem
from kyodo.intake.codes import problem
from kyodo.wording import shorten

MAX_UPLOAD = 20 * 2**20  # bytes the registration page takes
MAX_WORKBOOK = 20 * 2**20
MAX_CSV = 512 * 2**20
LONGEST_NAME = 120

TEXT, WORKBOOK, SPSS = "text", "workbook", "spss"
_SUFFIXES = {
    TEXT: {".csv", ".txt", ".tsv", ".tab", ".dat", ".prn", ".asc"},
    WORKBOOK: {".xlsx", ".xlsm"},
    SPSS: {".sav"},
}
_OTHERS_ALLOWED = {".xls", ".ods"}  # names that offices give to tables of another kind
_ALLOWED = set().union(*_SUFFIXES.values()) | _OTHERS_ALLOWED
_SHOWN = {TEXT: "文字の表(CSV)", WORKBOOK: "Excel ブック(.xlsx)", SPSS: "SPSS のデータ(.sav)"}
_KNOWN = {SPSS: (b"$FL2", b"$FL3"), WORKBOOK: (b"PK",)}  # by their first bytes
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
# What begins so is this kind of file, and this message says what to do about it.
_SIGNATURES = (
    (b"%PDF", "kind_pdf", "PDF"),
    (b"\x89PNG", "kind_image", "画像(PNG)"),
    (b"\xff\xd8\xff", "kind_image", "画像(JPEG)"),
    (b"GIF8", "kind_image", "画像(GIF)"),
    (b"BM", "kind_image", "画像(BMP)"),
    (b"II*\x00", "kind_image", "画像(TIFF)"),
    (b"MM\x00*", "kind_image", "画像(TIFF)"),
    (b"{\\rtf", "kind_other", "リッチテキスト(RTF)"),
    (b"\x1f\x8b", "kind_packed", "gzip"),
    (b"BZh", "kind_packed", "bzip2"),
    (b"\xfd7zXZ", "kind_packed", "xz"),
    (b"7z\xbc\xaf", "kind_packed", "7z"),
    (b"Rar!", "kind_packed", "RAR"),
    (b"\x28\xb5\x2f\xfd", "kind_packed", "zstd"),
    (b"MSCF", "kind_packed", "CAB"),
    (b"SQLite format 3", "kind_other", "データベース"),
    (b"PAR1", "kind_other", "Parquet"),
    (b"MZ", "kind_other", "実行ファイル"),
    (b"\x7fELF", "kind_other", "実行ファイル"),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|table|meta|script|\?xml|svg|!--|div|style)", re.IGNORECASE)
_JSON = re.compile(rb'\s*(?:\{\s*["}]|\[\s*[\[{"])')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_PARTS = re.compile("[;:\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def safe_name(name: str) -> str:
    r"""Only a file name's last part, printable, at most 120 characters, its extension kept.

    >>> safe_name("../../etc/cron.d/x.csv"), safe_name("C:\\temp\\調査.CSV"), safe_name("")
    ('x.csv', '調査.CSV', 'ファイル')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", str(name)))[-1]
    last = "".join(
        c if c.isprintable() and unicodedata.category(c) not in {"Cf", "Cs", "Co"} else "" for c in last
    ).strip(" .　")
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
    found = _foreign(data) if kind == TEXT else None
    return found or (kind if len(data) <= limit else _too_large(data, limit))


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
    for signature, message, shown in _SIGNATURES:
        if data.startswith(signature) and not _is_plain(data[:64]):
            return problem(message, shown=shown)
    head = data[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    if _MARKUP.match(head):
        return problem("kind_html")
    return problem("kind_other", shown="JSON") if _JSON.match(head) else None


def _is_plain(head: bytes) -> bool:
    """Whether two-letter signatures (BM, MZ) may just be text."""
    return not re.search(rb"[\x00-\x08\x0e-\x1f]", head) and not head.startswith((b"%PDF", b"{\\rtf", b"SQLite"))


def _too_large(data: bytes, limit: int) -> Problem:
    return problem("too_large_file", size=len(data) / 2**20, limit=limit / 2**20)


def kind_notice(kind: str, name: str) -> Problem | None:
    """A notice where a file's extension says another kind than its content."""
    suffix = _suffix(name)
    if suffix in _SUFFIXES[kind]:
        return None
    return problem("file_kind", suffix=shorten(suffix, 12) or "なし", kind=_SHOWN[kind])

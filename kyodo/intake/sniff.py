"""What a file is, by its first bytes; its name only helps to say what to do. Nothing is opened here."""

import re
import unicodedata
from pathlib import PurePosixPath

from kyodo.errors import Problem
from kyodo.intake.codes import problem
from kyodo.wording import shorten

MAX_UPLOAD = 20 * 2**20  # bytes the registration page takes
MAX_WORKBOOK = 20 * 2**20
MAX_CSV = 512 * 2**20

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_SIGNATURES = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "画像(PNG)"),
    (b"\xff\xd8\xff", "画像(JPEG)"),
    (b"GIF8", "画像(GIF)"),
    (b"BM", "画像(BMP)"),
    (b"II*\x00", "画像(TIFF)"),
    (b"MM\x00*", "画像(TIFF)"),
    (b"{\\rtf", "リッチテキスト(RTF)"),
    (b"\x1f\x8b", "圧縮ファイル(gzip)"),
    (b"BZh", "圧縮ファイル(bzip2)"),
    (b"\xfd7zXZ", "圧縮ファイル(xz)"),
    (b"7z\xbc\xaf", "圧縮ファイル(7z)"),
    (b"Rar!", "圧縮ファイル(RAR)"),
    (b"\x28\xb5\x2f\xfd", "圧縮ファイル(zstd)"),
    (b"SQLite format 3", "データベース"),
    (b"PAR1", "Parquet"),
    (b"MZ", "実行ファイル"),
    (b"\x7fELF", "実行ファイル"),
    (b"MSCF", "圧縮ファイル(CAB)"),
    (b"$FL2", "SPSS"),
    (b"$FL3", "SPSS"),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|table|meta|script|\?xml|svg|!--|div|style)", re.IGNORECASE)
_JSON = re.compile(rb'\s*(?:\{\s*["}]|\[\s*[\[{"])')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
LONGEST_NAME = 120


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


def suffix_of(name: str) -> str:
    """A name's extension in lower case with its point."""
    return PurePosixPath(name).suffix.lower()


def kind_of(data: bytes, name: str) -> str | Problem:
    """``text`` or ``workbook`` (a zip that may be one), or the problem with anything else."""
    if len(data) < 1 << 16 and not data.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n\x1a"):
        return problem("empty", "ファイルが空です(データがありません)。")
    if name.startswith("~$"):
        return problem(
            "format",
            "Excel がブックを開いている間だけ作る所有者ファイル(~$)で、調査の表ではありません(形式が違います)。",
            hint="~$ の付かないファイルを選んでください。",
        )
    if data.startswith(_OLE):
        return _ole_problem(data)
    if data.startswith(b"PK"):
        return "workbook" if len(data) <= MAX_WORKBOOK else _too_large(data, MAX_WORKBOOK)
    for signature, shown in _SIGNATURES:
        if data.startswith(signature) and not _is_plain(data[:64]):
            return problem("format", f"{shown}の形式のファイルです。CSV か Excel ブック(.xlsx)ではありません。")
    head = data[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    if _MARKUP.match(head):
        text = "ウェブページ(HTML)か XML の形式のファイルです。CSV か Excel ブック(.xlsx)ではありません。ダウンロードに失敗していないか確かめてください。"
        return problem("format", text)
    if _JSON.match(head):
        return problem("format", "JSON の形式のファイルです。CSV か Excel ブック(.xlsx)ではありません。")
    return "text" if len(data) <= MAX_CSV else _too_large(data, MAX_CSV)


def _is_plain(head: bytes) -> bool:
    """Whether two-letter signatures (BM, MZ) may just be text."""
    return not re.search(rb"[\x00-\x08\x0e-\x1f]", head) and not head.startswith((b"%PDF", b"{\\rtf", b"SQLite"))


def _ole_problem(data: bytes) -> Problem:
    """An OLE container: an encrypted workbook, an old .xls, or another Office file."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return problem(
            "password",
            "パスワードで保護(暗号化)されたブックで、開けません。",
            hint="パスワードを外して Excel ブック(.xlsx) で保存し直してください。",
        )
    return problem(
        "password",
        "古い Excel 形式(.xls など)か、パスワードで保護されたファイルです。この形式は読み込めません。",
        hint="Excel で開き、「名前を付けて保存」で Excel ブック(.xlsx) を選び、パスワードを外して保存し直してください。",
    )


def _too_large(data: bytes, limit: int) -> Problem:
    return problem("too_large", f"ファイルが大きすぎます({len(data) / 2**20:.1f}MB、上限 {limit / 2**20:.0f}MB)。")


def kind_notice(kind: str, name: str) -> Problem | None:
    """A notice where a file's extension says another kind than its content."""
    suffix = suffix_of(name)
    usual = {"text": {".csv", ".txt", ".tsv", ".tab"}, "workbook": {".xlsx", ".xlsm"}}[kind]
    if suffix in usual:
        return None
    shown = {"text": "文字の表(CSV)", "workbook": "Excel ブック(.xlsx)"}[kind]
    return problem(
        "file_kind", f"拡張子は「{shorten(suffix, 12) or 'なし'}」ですが、中身は{shown}なので、そのように読みました。"
    )

"""Bytes into text without guessing: UTF-16 by its mark, else strict UTF-8, else CP932, else the rows that are neither.

CP932 decodes almost anything, so success proves nothing: the header must be known afterwards, and characters that no
Japanese office types (縺 and 繧, the ruins of UTF-8 read as CP932; NUL; U+0080) tell that the encoding was another.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kyodo.errors import Problem
from kyodo.intake.codes import Findings, problem
from kyodo.intake.grid import Grid, quoted

RUINS = re.compile("[縺繧繝]|�|Ã[\x80-\xbf]|[ãæåçäèé][\x80-\xbf\u0152-\u2122]")
_FOREIGN = re.compile("[\x00\x80-\x84\x86-\x9f\uf8f0-\uf8ff]")  # never text in any office file
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f\ue000-\uf8ef\ufffe\uffff\ud800-\udfff]")
_KANA_IN_UTF8 = re.compile(rb"\xe3[\x81-\x83][\x80-\xbf]")
_NAMES = {"utf-8-sig": "UTF-8", "cp932": "Shift_JIS(CP932)", "utf-16": "UTF-16", "utf-32": "UTF-32"}
_OTHERS = {"euc_jp": "EUC-JP", "gb18030": "中国語(GB18030)", "big5": "中国語(Big5)", "euc_kr": "韓国語(EUC-KR)"}


@dataclass(frozen=True)
class Decoded:
    """A text with the name of its encoding, or the problems that prevented it."""

    text: str = ""
    encoding: str = ""
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()

    @property
    def shown(self) -> str:
        """The encoding's usual name."""
        return _NAMES.get(self.encoding, self.encoding)


def decode(data: bytes) -> Decoded:
    """Decode a whole text file; problems name the rows that do not fit."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return _strict(data, "utf-32")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strict(data, "utf-16")
    if b"\x00" in data and (found := _unmarked_utf16(data)):
        notice = problem("encoding_notice", f"文字コードの目印(BOM)がない {found.upper()} として読みました。")
        return Decoded(data.decode(found), found, notices=(notice,))
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "cp932" and (rows := _rows(data, _KANA_IN_UTF8.search)):
            return Decoded(problems=_mixed(rows, "UTF-8"))
        return Decoded(text, encoding)
    return Decoded(problems=_undecodable(data))


def _strict(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding).removeprefix("\ufeff"), encoding)
    except UnicodeDecodeError as error:
        return Decoded(
            problems=(
                problem(
                    "encoding",
                    f"文字コードが{_NAMES[encoding]}のようですが、{error.start:,}バイト目で途切れるか壊れています。",
                ),
            )
        )


def _unmarked_utf16(data: bytes) -> str:
    """UTF-16 without its mark, known by the NULs beside ASCII digits and commas; empty where it is not."""
    if len(data) % 2:
        return ""
    for encoding, zero in (("utf-16-le", 1), ("utf-16-be", 0)):
        head = data[: 4096 * 2]
        if head[zero::2].count(0) > 4 * max(head[1 - zero :: 2].count(0), 1) or (
            head[zero::2].count(0) and not head[1 - zero :: 2].count(0)
        ):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            if not _FOREIGN.search(text):
                return encoding
    return ""


def _undecodable(data: bytes) -> tuple[Problem, ...]:
    """Say which rows do not fit the encoding of the others, or name the likely other encoding."""
    for encoding, shown in _OTHERS.items():
        if encoding == "euc_jp" and _decodes(data, encoding) and "指標" in data.decode(encoding):
            return (
                problem(
                    "encoding", f"文字コードが{shown}のようです。UTF-8 か Shift_JIS で保存し直してください。", hint=""
                ),
            )
    wrong_utf8 = _rows(data, lambda line: not _decodes(line, "utf-8"))
    wrong_cp932 = _rows(data, lambda line: not _decodes(line, "cp932"))
    rows, usual = (wrong_utf8, "UTF-8") if len(wrong_utf8) <= len(wrong_cp932) else (wrong_cp932, "Shift_JIS")
    return _mixed(rows, "Shift_JIS" if usual == "UTF-8" else "UTF-8", usual)


def _mixed(rows: list[int], other: str, usual: str = "Shift_JIS") -> tuple[Problem, ...]:
    return tuple(
        problem("encoding", f"この行の文字コードがほかの行({usual})と違い({other}など)、文字化けします。", row=row)
        for row in rows[:50]
    ) or (problem("encoding", "文字コードが UTF-8 でも Shift_JIS でもなく、読み取れません。"),)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _rows(data: bytes, wrong) -> list[int]:
    """Numbers of the records (quoted line breaks do not count) with a line for which ``wrong`` is true."""
    found, row, quotes = [], 1, 0
    for line in data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if wrong(line) and row not in found:
            found.append(row)
        quotes += line.count(b'"')
        row += quotes % 2 == 0
    return found


def looks_ruined(text: str) -> bool:
    """Whether a text shows the marks of a wrong encoding made permanent."""
    return bool(RUINS.search(text))


def check_characters(grid: Grid, used: Mapping[int, str], rows: Iterable[int], findings: Findings) -> None:
    """Refuse characters that betray a wrong encoding; where the column is not used, controls and 外字 are only told."""
    for row in rows:
        for column, cell in grid.filled(row).items():
            place = {"row": row, "column": used.get(column, "")}
            if _FOREIGN.search(cell.text):
                findings.refuse(
                    "encoding",
                    f"{quoted(cell.text)}に文字化けか壊れた文字があります(文字コードを確かめてください)。",
                    **place,
                )
            elif column in used and (_CONTROL.search(cell.text) or RUINS.search(cell.text)):
                findings.refuse(
                    "encoding",
                    f"{quoted(cell.text)}に文字化けか制御文字、外字があります(文字コードを確かめてください)。",
                    **place,
                )
            elif _CONTROL.search(cell.text) or RUINS.search(cell.text):
                findings.tell(
                    "encoding_notice",
                    f"使わない列の{quoted(cell.text)}に制御文字か外字、文字化けがあります。",
                    hint="",
                    **place,
                )


def records(text: str, delimiter: str) -> tuple[list[list[str]], int | None]:
    """A CSV text's records, and the number of the record whose quotes do not close (None where all do)."""
    rows: list[list[str]] = []
    spaced = bool(re.search(rf'(?:^|{re.escape(delimiter)})[ 　]+"', text, re.MULTILINE))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=spaced)
    try:
        rows.extend(reader)
    except csv.Error:
        return rows, len(rows) + 1
    return rows, None

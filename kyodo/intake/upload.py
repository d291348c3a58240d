"""From a file's bytes to a :class:`Reading`: what it is, where its table is, which of the two forms it has."""

import datetime as dt
import hashlib
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from kyodo.errors import Problem
from kyodo.fiscal import JAPAN, fiscal_year_of, label, parse_fiscal_year
from kyodo.intake import rawhead
from kyodo.intake.archive import BookError
from kyodo.intake.codes import Findings
from kyodo.intake.decode import Decoded, decode, looks_ruined
from kyodo.intake.grid import Grid, column_letter, quoted
from kyodo.intake.headers import COLUMNS
from kyodo.intake.isolation import StoppedError, run_isolated
from kyodo.intake.raw import read_raw
from kyodo.intake.reading import Reading, Understood, values_frame
from kyodo.intake.sniff import kind_notice, kind_of, safe_name
from kyodo.intake.summary import Summary, SummaryReader, value_rows
from kyodo.intake.table import find_header, is_transposed
from kyodo.intake.text import DELIMITERS, MAX_CELL, grid_of
from kyodo.intake.workbook import Workbook
from kyodo.plan import Plan, load_plan

Progress = Callable[[float, str], None]
SMALL_TEXT = 2 * 2**20  # bytes up to which a text file is cut into a grid as a whole; a summary is far below


@dataclass(frozen=True)
class Request:
    """A file with everything the clerk said about it."""

    data: bytes
    name: str
    fiscal_year: int | None
    mapping: Mapping[Any, Mapping[str, Any]] | None
    weight_column: str | None
    groups: Sequence[str] | Mapping[str, str] | None
    plan: Plan
    today: dt.date
    progress: Progress
    digest: Future[str]
    body: bytes = b""  # the text to cut into records, in UTF-8 or CP932; usually the data themselves

    def reading(self, findings: Findings, **parts: Any) -> Reading:
        """A reading of this file with what was found."""
        original = parts.pop("original", self.data)
        return Reading(
            name=self.name,
            sha256=self.digest.result(),
            original=original,
            problems=tuple(findings.problems),
            notices=tuple(findings.notices),
            **parts,
        )


def read_upload(
    data: bytes,
    name: str,
    *,
    fiscal_year: int | str | None = None,
    mapping: Mapping[Any, Mapping[str, Any]] | None = None,
    weight_column: str | None = None,
    groups: Sequence[str] | Mapping[str, str] | None = None,
    plan: Plan | None = None,
    today: dt.date | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read a survey file, summary or raw form; never raises for anything that is in the file.

    Args:
        data: the file's bytes.
        name: its name; only the last part is kept.
        fiscal_year: the year picked on screen (2013 for H25), None where the file must say it.
        mapping: for the raw form, ``{indicator: {"column", "positive", "negative", "missing"}}``.
        weight_column: the raw form's weights; None counts every answer once.
        groups: breakdown columns by header, or ``{name: header}``; None takes 性別, 年代, 地域 where they exist.
        plan: the plan to agree with; None loads it.
        today: the day by which a year lies in the future; None asks the clock, the only place below the screens.
        progress: called with a fraction and a Japanese phrase now and then.
    """
    request = Request(
        bytes(data),
        safe_name(name),
        None,
        mapping,
        weight_column or None,
        groups,
        plan if plan is not None else load_plan(),
        today if today is not None else dt.datetime.now(JAPAN).date(),
        progress or (lambda fraction, phrase: None),
        _digest(data),
    )
    findings = Findings()
    request = replace(request, fiscal_year=_screen_year(fiscal_year, request, findings))
    if findings.problems:
        return request.reading(findings)
    kind = kind_of(request.data, request.name)
    if isinstance(kind, Problem):
        findings.problems.append(kind)
        return request.reading(findings)
    if notice := kind_notice(kind, request.name):
        findings.notices.append(notice)
    return _guarded(_read_text if kind == "text" else _read_workbook, request, findings)


def _digest(data: bytes) -> "Future[str]":
    """The file's SHA-256, reckoned beside the reading."""
    beside = ThreadPoolExecutor(1)
    future = beside.submit(lambda: hashlib.sha256(data).hexdigest())
    beside.shutdown(wait=False)
    return future


def _guarded(read: Callable[[Request, Findings], Reading], request: Request, findings: Findings) -> Reading:
    """The border: a fault of this package's own must reach the clerk as a message too, and the log without the file's text."""
    try:
        return read(request, findings)
    except MemoryError:
        raise  # the isolating process says this better
    except Exception as error:  # noqa: BLE001 whatever it is, the clerk gets an answer and nothing is stored
        frame = traceback.extract_tb(error.__traceback__)[-1]
        logging.getLogger(__name__).error("%s at %s:%s", type(error).__name__, frame.name, frame.lineno)
        findings.refuse("unreadable", "このファイルを読み取れませんでした(形式が特殊です)。")
        return request.reading(findings)


def _screen_year(given: int | str | None, request: Request, findings: Findings) -> int | None:
    """The year picked on screen as an integer, a problem where it is none or lies outside."""
    if given is None or given == "":
        return None
    try:
        year = parse_fiscal_year(given)
    except ValueError as error:
        findings.refuse("year", f"画面で選んだ{error}", column="年度")
        return None
    if year > fiscal_year_of(request.today):
        findings.refuse("year", f"画面で選んだ年度{label(year)}は未来の年度です。", column="年度")
    return year


def _score(request: Request) -> Callable[[Grid], int]:
    """How much a grid looks like what is expected: its summary header's columns, or the mapped columns."""

    def score(grid: Grid) -> int:
        if request.mapping is not None:
            return rawhead.score(grid, request.mapping)
        header = find_header(grid)
        return 10 + len(header.core) if header is not None else rawhead.score(grid, None)

    return score


def _read_text(request: Request, findings: Findings) -> Reading:
    partial = len(request.data) > SMALL_TEXT
    if partial and not any(mark in request.data[:MAX_CELL] for mark in (b"\n", b"\r")):
        findings.refuse("too_large", f"1行目が長すぎます(1つのセルの上限 {MAX_CELL:,}文字)。", row=1)
        return request.reading(findings)
    wide = request.data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")) or b"\x00" in request.data[:1000]
    decoded = rawhead.decode_head(request.data) if partial and not wide else decode(request.data)
    findings.problems += decoded.problems
    findings.notices += decoded.notices
    if findings.problems:
        return request.reading(findings)
    text = decoded.text.rstrip("\x1a")
    request = replace(request, body=text.encode("utf-8", errors="surrogatepass") if partial and wide else request.data)
    understood_encoding = decoded.shown
    if partial and wide:
        decoded, text = replace(decoded, encoding="utf-8"), text[: rawhead.HEAD]
    faults = Findings()
    grid = grid_of(text, _score(request), faults, partial=partial)
    findings.add(faults)
    understood = Understood(encoding=understood_encoding, delimiter=DELIMITERS[grid.delimiter])
    if findings.problems:
        return request.reading(findings, understood=understood)
    header = None if request.mapping is not None else find_header(grid)
    if header is not None and not rawhead.looks_raw(grid, header, request.plan):
        if partial:
            findings.refuse("too_large", "集計済みの表としては行数が多すぎます。", row=header.bottom)
            return request.reading(findings, understood=understood)
        return _finish(
            request,
            SummaryReader(grid, header, request.plan, request.fiscal_year, request.today).read(),
            findings,
            understood,
        )
    if request.mapping is not None or (rawhead.is_raw(grid, request.plan) and not is_transposed(grid)):
        return read_raw(request, grid, decoded.encoding, findings, understood)
    _refuse_headerless(grid, decoded, findings)
    return request.reading(findings, understood=understood, columns=rawhead.column_summaries(grid))


def _refuse_headerless(grid: Grid, decoded: Decoded, findings: Findings) -> None:
    """Say why no table was found: nothing in it, on its side, ruined text, or simply other headings."""
    needed = "、".join(COLUMNS.values())
    place = {"sheet": grid.sheet}
    if not grid.rows:
        findings.refuse("empty", "表が空です(データ行がありません)。", **place)
    elif is_transposed(grid):
        findings.refuse(
            "layout",
            "表の縦と横が逆です。見出し(指標番号、指標名、年度、値(%)、回答者数)を横に並べ、指標を縦に並べてください。",
            **place,
        )
    elif looks_ruined(decoded.text[:100_000]) or "\x1b" in decoded.text[:10_000] or "\x00" in decoded.text:
        findings.refuse(
            "encoding", "文字化けしていて、見出しを読み取れません。文字コードを確かめてください。", row=min(grid.rows)
        )
    else:
        first = next(iter(grid.rows.values()))
        seen = "、".join(quoted(cell.text, 20) for cell in list(first.values())[:8])
        text = f"必要な列の見出し({needed})が見つかりません。最初の行は{seen}です。列名か文字コードを確かめてください。"
        findings.refuse("header", text, row=min(grid.rows), **place)


def _finish(request: Request, summary: Summary, findings: Findings, understood: Understood) -> Reading:
    """A summary's reading: its values where nothing is wrong."""
    findings.add(summary.findings)
    columns, header = summary.columns, summary.header
    if columns is not None and header.labels:
        roles = {"number": columns.number, "name": columns.name, "value": columns.value, "n": columns.n}
        headers = [(COLUMNS[role], header.title(column)) for role, column in roles.items() if column is not None]
        headers += [(COLUMNS["year"], header.title(column)) for column in columns.years]
        left, right = column_letter(min(header.labels)), column_letter(max(header.labels))
        understood = replace(
            understood,
            header_rows=tuple(range(header.top, header.bottom + 1)),
            table=f"{left}{header.top}:{right}{summary.last_row}",
            headers=tuple(headers),
        )
    if not findings.problems and not summary.entries:
        _refuse_valueless(summary, findings)
    rows = [] if findings.problems else value_rows(summary.entries)
    return request.reading(findings, form="summary", values=values_frame(rows), understood=understood)


def _refuse_valueless(summary: Summary, findings: Findings) -> None:
    """A table whose every row says in a usual way that it has no value: say which rows."""
    missing = [notice for notice in findings.notices if notice.code == "missing_mark" and notice.row is not None]
    if not missing:
        findings.refuse("empty", "登録できる値がありません(データ行が0件です)。", row=summary.header.bottom)
        return
    shown = "、".join(f"{notice.row}行目" for notice in missing[:10]) + ("など" if len(missing) > 10 else "")
    text = f"どの行にも値がありません({shown})。登録できる値が1件以上必要です。"
    findings.refuse("empty", text, hint="値の入った行を加えてください。", row=missing[0].row, column=missing[0].column)


def _read_workbook(request: Request, findings: Findings) -> Reading:
    try:
        book = Workbook(request.data)
        if book.has_macros:
            findings.tell("macro", "マクロ付きのブックです。マクロは実行せず、セルの値だけを読みました。")
        grids = []
        for position, sheet in enumerate(book.sheets):
            request.progress(position / len(book.sheets), f"シート「{sheet.name[:20]}」を読んでいます")
            grids.append(book.grid(sheet))
    except BookError as error:
        findings.problems.append(error.problem)
        return request.reading(findings)
    grid = _choose_sheet(request, grids, findings)
    if grid is None:
        return request.reading(findings)
    understood = Understood(sheet=grid.sheet)
    header = None if request.mapping is not None else find_header(grid)
    if header is not None and not rawhead.looks_raw(grid, header, request.plan):
        return _finish(
            request,
            SummaryReader(grid, header, request.plan, request.fiscal_year, request.today).read(),
            findings,
            understood,
        )
    if request.mapping is not None or (rawhead.is_raw(grid, request.plan) and not is_transposed(grid)):
        return read_raw(request, grid, "", findings, understood)
    _refuse_headerless(grid, Decoded(), findings)
    return request.reading(findings, understood=understood, columns=rawhead.column_summaries(grid))


_SAMPLE_SHEETS = ("記入例", "見本", "サンプル", "記載例", "入力例")


def _choose_sheet(request: Request, grids: list[Grid], findings: Findings) -> Grid | None:
    """The one worksheet with a table; None with a problem where there are several, or only hidden ones."""
    filled = [grid for grid in grids if grid.rows]
    if not filled:
        findings.refuse("empty", "どのシートも空です(データがありません)。")
        return None
    score = _score(request)
    scores = {id(grid): score(grid) for grid in filled}
    tables = [grid for grid in filled if scores[id(grid)] >= 10 and _has_rows(grid, request)]
    tables = tables or [grid for grid in filled if scores[id(grid)] >= 10]
    tables = tables or [grid for grid in filled if request.mapping is None and rawhead.is_raw(grid, request.plan)]
    proper = [grid for grid in tables if not any(word in grid.sheet for word in _SAMPLE_SHEETS)] or tables
    visible = [grid for grid in proper if not grid.hidden]
    if len(visible) > 1:
        names = "、".join(quoted(grid.sheet) for grid in visible[:10])
        findings.refuse(
            "sheets", f"表のあるシートが複数あります({names})。どれを登録するか分かりません。", sheet=visible[0].sheet
        )
        return None
    if proper and not visible:
        names = "、".join(quoted(grid.sheet) for grid in proper[:10])
        findings.refuse("hidden", f"表が非表示のシート({names})にしかありません。", sheet=proper[0].sheet)
        return None
    chosen = visible[0] if visible else next((grid for grid in filled if not grid.hidden), filled[0])
    if others := [grid for grid in filled if grid is not chosen]:
        names = "、".join(quoted(grid.sheet) + ("(非表示)" if grid.hidden else "") for grid in others[:10])
        findings.tell(
            "skipped_sheets", f"シート{quoted(chosen.sheet)}を読み、次のシートは使いません: {names}", sheet=chosen.sheet
        )
    return chosen


def _has_rows(grid: Grid, request: Request) -> bool:
    header = None if request.mapping is not None else find_header(grid)
    return header is None or any(True for _ in grid.below(header.bottom))


def read_isolated(
    data: bytes,
    name: str,
    *,
    progress: Progress | None = None,
    seconds: float | None = None,
    **options: Any,
) -> Reading:
    """Read a file as :func:`read_upload` does, in a child process: the same arguments, the same reading.

    Over the memory limit the reading is one problem ``too_heavy``, over ``seconds`` of processor time (None: by the
    file's size) one problem ``too_slow``. Safe to call from several threads.
    """
    try:
        reading = run_isolated(_read_lightly, data, name, progress=progress, seconds=seconds, **options)
    except StoppedError as stopped:
        return Reading(safe_name(name), hashlib.sha256(data).hexdigest(), bytes(data), problems=(stopped.problem,))
    return reading if reading.original_reduced else replace(reading, original=bytes(data))


def _read_lightly(data: bytes, name: str, **options: Any) -> Reading:
    """The reading without the file's bytes, which the parent has."""
    reading = read_upload(data, name, **options)
    return reading if reading.original_reduced else replace(reading, original=b"")

"""The raw form's answers as coded columns, block by block: a large CSV as it is, a grid's rows written as one first.

A CSV's bytes are never decoded as a whole. In UTF-8 and CP932 no second byte of a character is a comma, a tab, a
semicolon or a quote, so pyarrow cuts the raw bytes, and only the distinct texts of the needed columns are decoded.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from kyodo.intake.grid import FOLD, LONGEST, Cell, cleaned
from kyodo.intake.respondents import IDENTITY, TEXT, WEIGHT, RawColumns
from kyodo.intake.tally import Coded
from kyodo.intake.words import group_name, is_identity, is_total, key_of, pattern

_PIECE = 3 * 2**20
_AHEAD = 2  # pieces that are cut at once
_MARK = b"\xef\xbb\xbf"
_LONGEST_LINE = 1 << 15  # bytes of a line at a file's end that may be a total or a note
_MAX_WEIGHT = 1e12
_NUMBER = re.compile(r"\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?|\.\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_SINGLE = ("", *map(chr, range(1, 128)))


class AnswersError(Exception):
    """A text that does not decode, or rows that do not have the header's number of fields."""


class Labels:
    """The columns in which a total has its label: what numbers the respondents and their attributes, never free text."""

    def __init__(self, columns: RawColumns) -> None:
        """Take a file's columns."""
        self.questions, head = columns.questions, columns.head
        others = head.titles.keys() - self.questions.keys()
        self.identity = {column for column in others if head.says(column, is_identity)}
        before = set(range(1, min(self.questions, default=1)))
        free = {
            column for column in others if head.says(column, lambda text: pattern("free_text").search(key_of(text)))
        }
        self.columns = before - free | self.identity | {column for column in others if head.says(column, group_name)}

    def kind(self, filled: Mapping[int, str]) -> str:
        """Empty for a respondent, else ``blank`` or the message that tells of a row with these texts by column.

        A total is a label with no attribute beside it; beside some, it may be either.
        """
        if not filled:
            return "blank"
        labels = self.columns & filled.keys()
        marked = {column for column in labels if is_total(filled[column])}
        others = labels - marked
        if marked and (marked & self.identity or not others - self.identity):
            return "total_doubt" if others else "answers_total"
        first = next(iter(filled.values())).strip()
        return "" if self.questions.keys() & filled.keys() or not pattern("note").match(first) else "answers_note"


class Answers:
    """A file's rows below the header as a CSV; where it is a grid's, rows that are no respondents are blank lines.

    ``batches()`` reads it in blocks, ``records()`` goes through it one by one to find places.
    """

    def __init__(self, columns: RawColumns, body: bytes, codec: str) -> None:
        """Take a large CSV's bytes, of which the columns' grid is the head; without any, the grid's rows."""
        self.columns, self.grid, self.labels = columns, columns.grid, Labels(columns)
        self.first_row, self.odd_rows, self.done, self.hidden = columns.head.bottom + 1, 0, 0.0, []
        if body:
            self.width = self.grid.fields.get(columns.head.top, max(columns.head.titles))
            self.data, self.delimiter, self.encoding = body, self.grid.delimiter, codec
            self.start, self.stop = _below(body, columns.head.bottom), len(body)
            self._cut_end()
        else:
            self.width, self.delimiter, self.encoding = max(columns.head.titles, default=0), ",", "utf-8"
            self.data = self._written()
            self.start, self.stop = 0, len(self.data)

    def _is_respondent(self, filled: Mapping[int, str], row: int | None = None) -> bool:
        """Whether a row is one; what else is not blank is told."""
        kind = self.labels.kind(filled)
        if kind and kind != "blank":
            note = self.columns.findings.refuse if kind == "total_doubt" else self.columns.findings.tell
            note(kind, text=next(iter(filled.values())), row=row)
        return not kind

    def _written(self) -> bytes:
        """The grid's rows; those of a CSV with fields beyond the header, or without all questions, in their own width."""
        grid, shortest = self.grid, max(self.columns.questions, default=0)
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        for row in range(self.first_row, max(grid.rows) + 1):
            cells = grid.filled(row)
            if not self._is_respondent({c: cell.text for c, cell in cells.items() if cleaned(cell)}, row):
                writer.writerow(())
                continue
            got = grid.fields.get(row, self.width)
            width = got if got < shortest else max(self.width, max(cells) if grid.fields else 0)
            writer.writerow(cell_text(grid.cell(row, column)) for column in range(1, width + 1))
            self.hidden += [row] * (row in grid.hidden_rows)
        return out.getvalue().encode(errors="replace")

    def _cut_end(self) -> None:
        """Blank lines, totals and notes at the end, however many, are no respondents; a quote may hide a line break."""
        while self.stop > self.start:
            window = max(self.start, self.stop - _LONGEST_LINE)
            begin = max(window, *(self.data.rfind(mark, window, self.stop - 1) + 1 for mark in (b"\n", b"\r")))
            line = self.data[begin : self.stop]
            if b'"' in line or begin == window > self.start:
                return
            text = line.decode(self.encoding, errors="replace").strip("\r\n\x1a")
            record = next(csv.reader([text], delimiter=self.delimiter), ())
            filled = {column: text for column, text in enumerate(record, 1) if text.strip()}
            if self.labels.kind(filled) == "total_doubt" or self._is_respondent(filled):
                return
            self.stop = begin

    def batches(self, wanted: Mapping[int, str]) -> Iterator[dict[int, Any]]:
        """Batches of columns, each as it is wanted: texts as :class:`Coded`, a weight as numbers, an identity as Arrow's.

        ``done`` is how much is read. Raises :class:`AnswersError` where a text does not decode or the CSV does not hold
        together.
        """
        import pyarrow as pa

        self.odd_rows = 0
        try:
            # The next pieces are cut and coded by other threads, each by one, while this counts the one before.
            with ThreadPoolExecutor(_AHEAD) as pool:
                cut = ((stop, pool.submit(self._cut, start, stop, wanted)) for start, stop in self._pieces())
                pieces = deque(islice(cut, _AHEAD))
                while pieces:
                    stop, piece = pieces.popleft()
                    pieces.extend(islice(cut, 1))
                    self.done = stop / self.stop
                    yield from piece.result()
        except pa.ArrowInvalid as error:
            raise AnswersError(str(error)) from error

    def _pieces(self) -> Iterator[tuple[int, int]]:
        """The bytes cut at line breaks into pieces of bounded size; uncut where quotes may hide a line break."""
        start, whole = self.start, self._has_quotes
        while start < self.stop:
            end = -1 if whole else self.data.find(b"\n", min(start + _PIECE, self.stop), self.stop)
            stop = end + 1 or self.stop
            yield start, stop
            start = stop

    def _cut(self, start: int, stop: int, wanted: Mapping[int, str]) -> Iterable[dict[int, Any]]:
        """One piece as coded batches: all at once, or one after the other where quotes may hide line breaks."""
        import pyarrow as pa

        # Texts that repeat are read with dictionaries at once.
        kinds = {TEXT: pa.dictionary(pa.int32(), pa.binary())}
        numbers = {} if self._has_quotes else {WEIGHT: pa.float64()}
        try:
            batches = self._table(start, stop, wanted, kinds | numbers)
        except pa.ArrowInvalid:  # a weight is blank, in full-width digits or a word; or the rows do not hold together
            batches = self._table(start, stop, wanted, kinds)
        coded = ({c: self._coded(each.column(i), wanted[c]) for i, c in enumerate(wanted)} for each in batches)
        return coded if self._has_quotes else list(coded)

    def _table(self, start: int, stop: int, wanted: Mapping[int, str], kinds: Mapping[str, Any]) -> Any:
        """One piece's columns as Arrow batches; bytes where no other type is given for their kind."""
        import pyarrow as pa
        from pyarrow import csv as arrow

        quotes = self._has_quotes
        size = _PIECE if quotes else stop - start
        names = [f"c{column}" for column in range(1, self.width + 1)]
        options = {
            "read_options": arrow.ReadOptions(column_names=names, block_size=size, use_threads=quotes),
            "parse_options": arrow.ParseOptions(
                delimiter=self.delimiter,
                quote_char='"' if quotes else False,
                newlines_in_values=quotes,
                invalid_row_handler=self._odd_row,
            ),
            "convert_options": arrow.ConvertOptions(
                check_utf8=False,
                column_types={f"c{column}": kinds.get(kind, pa.binary()) for column, kind in wanted.items()},
                include_columns=[f"c{column}" for column in wanted],
                null_values=[],
                strings_can_be_null=False,
            ),
        }
        body = pa.BufferReader(pa.py_buffer(memoryview(self.data)[start:stop]))
        return arrow.open_csv(body, **options) if quotes else arrow.read_csv(body, **options).to_batches()

    def _odd_row(self, row: Any) -> str:
        self.odd_rows += 1
        return "skip"

    @cached_property
    def _has_quotes(self) -> bool:
        return self.data.find(b'"', self.start, self.stop) >= 0

    def may_hide_rows(self, rows: int) -> bool:
        """Whether quotes hide line breaks of a CSV: in a large one there are more than the ``rows`` that were read."""
        breaks = (self.data.count(mark, self.start, self.stop) for mark in (b"\n", b"\r"))
        return bool(self.grid.delimiter) and self._has_quotes and (not self.grid.partial or max(breaks) > rows)

    def _coded(self, array: Any, kind: str) -> Any:
        if kind == IDENTITY:
            return array
        if kind == WEIGHT and (numbers := _numbers(array)) is not None:
            return numbers
        coded = _single_characters(array) or self._decoded(array)
        return _weights(coded) if kind == WEIGHT else coded

    def _decoded(self, array: Any) -> Coded:
        array = array.dictionary_encode()  # what has a dictionary keeps it
        try:
            texts = tuple(value.decode(self.encoding) for value in array.dictionary.to_pylist())
        except UnicodeDecodeError as error:
            raise AnswersError("encoding") from error
        return Coded(texts, array.indices.to_numpy(zero_copy_only=False))

    def decoded(self, identity: bytes) -> str:
        """A respondent's number as text; bytes that do not decode become lone surrogates."""
        return identity.decode(self.encoding, "surrogateescape")

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Every record with its number as a spreadsheet shows it; see :meth:`_read`."""
        return enumerate(self._read(self.start, self.stop), self.first_row)

    def everything(self) -> Iterator[list[str]]:
        """All rows of the table from the top, for what is kept."""
        if self.grid.partial:
            return self._read(len(_MARK) * self.data.startswith(_MARK), len(self.data))
        columns = range(1, self.grid.width + 1)
        return ([cell_text(self.grid.cell(row, column)) for column in columns] for row in self.grid.rows)

    def _read(self, start: int, stop: int) -> Iterator[list[str]]:
        """The records of some bytes; those that do not decode become lone surrogates.

        Raises :class:`AnswersError` at a field that is too long.
        """
        body = io.BytesIO(memoryview(self.data)[start:stop])
        stream = io.TextIOWrapper(body, self.encoding, errors="surrogateescape", newline="")
        try:
            yield from csv.reader(stream, delimiter=self.delimiter)
        except csv.Error as error:
            raise AnswersError(str(error)) from error


def cell_text(cell: Cell) -> str:
    """What a cell answers: its text, or for faulty worksheet cells a text that no mapping foresees."""
    return cell.text if cell.kind not in {"formula", "error"} or cell.text.startswith("#") else f"#{cell.text}"


def weight_of(text: str) -> float:
    """A weight of zero or more, NaN for anything else."""
    folded = text[:LONGEST].translate(FOLD).strip()
    value = float(folded.replace(",", "")) if _NUMBER.fullmatch(folded) else np.nan
    return value if value < _MAX_WEIGHT else np.nan


def _weights(coded: Coded) -> np.ndarray:
    """Each row's weight."""
    return np.array([weight_of(text) for text in coded.texts] or [np.nan])[coded.indices]


def _numbers(array: Any) -> np.ndarray | None:
    """A column as weights, NaN for what is none; None where one is blank, in full-width digits or a word."""
    import pyarrow as pa

    try:
        numbers = (array.cast(pa.string()) if pa.types.is_binary(array.type) else array).cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return None
    if numbers.min(initial=0) >= 0 and numbers.max(initial=0) < _MAX_WEIGHT:
        return numbers
    return np.where((numbers >= 0) & (numbers < _MAX_WEIGHT), numbers, np.nan)


def _single_characters(array: Any) -> Coded | None:
    """A binary column of nothing but single ASCII characters and blanks, coded without a dictionary; None for others.

    The index is the character's own number and 0 for a blank; not all of the texts need occur.
    """
    if array.type != "binary":
        return None
    _, offsets, content = array.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32, count=len(array) + 1, offset=4 * array.offset)
    characters = np.frombuffer(content or b"", dtype=np.uint8)
    lengths = np.diff(ends)
    if lengths.max(initial=0) > 1 or not characters.size:
        return None
    here = characters[ends[0] : ends[-1]]
    if here.max(initial=1) > len(_SINGLE) - 1 or not here.all():
        return None
    return Coded(_SINGLE, np.take(characters, ends[:-1], mode="clip") * lengths.astype(np.uint8))


def _below(data: bytes, rows: int) -> int:
    """Where the record after the first ``rows`` begins; quoted line breaks end none."""
    quotes, left = 0, rows
    position = len(_MARK) * data.startswith(_MARK)
    for match in re.compile(rb'"|\r\n|\r|\n').finditer(data, position):
        quotes += match[0] == b'"'
        left -= match[0] != b'"' and quotes % 2 == 0
        if not left:
            return match.end()
    return len(data)

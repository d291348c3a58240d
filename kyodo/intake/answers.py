"""The raw form's columns as coded batches: from a grid at once, from a large CSV block by block.

A CSV's bytes are never decoded as a whole. In UTF-8 and CP932 no second byte of a character is a comma, a tab, a
semicolon or a quote, so pyarrow cuts the raw bytes, and only the distinct texts of the needed columns are decoded.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from kyodo.intake.grid import EMPTY, Cell, Grid

_PIECE = 3 * 2**20
_AHEAD = 2  # pieces that are cut at once
_TAIL = 1 << 15  # bytes at a file's end that are looked at for totals and notes


class AnswersError(Exception):
    """A text that does not decode, or rows that do not have the header's number of fields."""


@dataclass(frozen=True)
class Coded:
    """One column of a batch: distinct texts and each row's index into them.

    ``numbers`` instead where all are numbers and numbers are wanted; ``raw`` instead (an Arrow array of bytes) for a
    column of identifiers, whose texts are nearly all distinct.
    """

    texts: Sequence[str]
    indices: np.ndarray
    numbers: np.ndarray | None = None
    raw: Any = None


_SINGLE = ("", *map(chr, range(1, 128)))
_NO_INDICES = np.empty(0, dtype=np.int32)


def cell_text(cell: Cell) -> str:
    """What a cell answers: its text, or for faulty worksheet cells a text that no mapping foresees."""
    return cell.text if cell.kind not in {"formula", "error"} or cell.text.startswith("#") else f"#{cell.text}"


def from_grid(grid: Grid, rows: Sequence[int], column: int) -> Coded:
    """One column of a grid, coded."""
    positions: dict[str, int] = {}
    indices = np.empty(len(rows), dtype=np.int32)
    for place, row in enumerate(rows):
        indices[place] = positions.setdefault(cell_text(grid.rows[row].get(column, EMPTY)), len(positions))
    return Coded(tuple(positions), indices)


@dataclass(frozen=True)
class Wanted:
    """Columns to read (1-based): ``coded`` ones, a ``weight`` as numbers where it can be, and the ``identity`` as bytes."""

    coded: tuple[int, ...]
    weight: int | None = None
    identity: int | None = None

    @property
    def all(self) -> tuple[int, ...]:
        """Every column once."""
        return tuple(dict.fromkeys(filter(None, [*self.coded, self.weight, self.identity])))


class CsvAnswers:
    """A CSV's rows after its header, read in blocks; ``records()`` goes through them one by one to find places."""

    def __init__(self, data: bytes, start: int, first_row: int, width: int, delimiter: str, encoding: str) -> None:
        """Take the bytes from ``start``, where the record numbered ``first_row`` begins."""
        self.data, self.start, self.stop = data, start, len(data)
        self.first_row, self.width, self.delimiter, self.encoding = first_row, width, delimiter, encoding
        self.odd_rows = 0
        self.repeated: frozenset[int] = frozenset()  # columns of long texts that repeat: read with dictionaries at once

    def batches(
        self, wanted: Wanted, progress: Callable[[float], None] = lambda fraction: None
    ) -> Iterator[dict[int, Coded]]:
        """Batches of coded columns.

        Raises :class:`AnswersError` where a text does not decode or the CSV does not hold together.
        """
        import pyarrow as pa  # only when a large file is read

        self.odd_rows = 0
        try:
            # The next pieces are cut and coded by other threads, each by one, while this counts the one before.
            with ThreadPoolExecutor(_AHEAD) as pool:
                cut = ((stop, pool.submit(self._cut, start, stop, wanted)) for start, stop in self._pieces())
                pieces = deque(islice(cut, _AHEAD))
                while pieces:
                    stop, piece = pieces.popleft()
                    pieces.extend(islice(cut, 1))
                    yield from piece.result()
                    progress(stop / max(self.stop, 1))
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

    def _cut(self, start: int, stop: int, wanted: Wanted) -> Iterable[dict[int, Coded]]:
        """One piece as coded batches: all at once, or one after the other where quotes may hide line breaks."""
        import pyarrow as pa

        repeated = self.repeated - {wanted.weight, wanted.identity}
        types = {c: pa.dictionary(pa.int32(), pa.binary()) if c in repeated else pa.binary() for c in wanted.all}
        try:
            numbers = {} if wanted.weight is None or self._has_quotes else {wanted.weight: pa.float64()}
            batches = self._table(start, stop, types | numbers)
        except pa.ArrowInvalid:  # a weight is blank, in full-width digits or a word; or the rows do not hold together
            batches = self._table(start, stop, types)
        coded = ({c: self._coded(each.column(i), c, wanted) for i, c in enumerate(wanted.all)} for each in batches)
        return coded if self._has_quotes else list(coded)

    def _table(self, start: int, stop: int, types: Mapping[int, Any]) -> Any:
        """One piece's columns of these types as Arrow batches."""
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
                column_types={f"c{column}": kind for column, kind in types.items()},
                include_columns=[f"c{column}" for column in types],
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
        """Whether quotes hide line breaks: there are more than the ``rows`` that were read."""
        breaks = (self.data.count(mark, self.start, self.stop) for mark in (b"\n", b"\r"))
        return self._has_quotes and max(breaks) > rows

    def _coded(self, array: Any, column: int, wanted: Wanted) -> Coded:
        import pyarrow as pa

        if column == wanted.identity:
            return Coded((), _NO_INDICES, raw=array)
        if column == wanted.weight and (numbers := _numbers(array)) is not None:
            return Coded((), _NO_INDICES, numbers)
        if not pa.types.is_dictionary(array.type):
            if (short := _single_characters(array)) is not None:
                return short
            array = array.dictionary_encode()
        try:
            texts = tuple(value.decode(self.encoding) for value in array.dictionary.to_pylist())
        except UnicodeDecodeError as error:
            raise AnswersError("encoding") from error
        return Coded(texts, array.indices.to_numpy(zero_copy_only=False))

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Every record with its number as a spreadsheet shows it; bytes that do not decode become lone surrogates.

        Raises :class:`AnswersError` at a field that is too long.
        """
        body = io.BytesIO(memoryview(self.data)[self.start : self.stop])
        stream = io.TextIOWrapper(body, self.encoding, errors="surrogateescape", newline="")
        try:
            yield from enumerate(csv.reader(stream, delimiter=self.delimiter), self.first_row)
        except csv.Error as error:  # a field over the limit
            raise AnswersError(str(error)) from error

    def tail(self, limit: int = 30) -> list[tuple[int, list[str]]]:
        """The last records with the byte where each begins; none where quotes make the beginning uncertain."""
        begin = max(self.start, self.stop - _TAIL)
        tail = self.data[begin : self.stop]
        if b'"' in tail:
            return []
        offset = 0 if begin == self.start else tail.find(b"\n") + 1
        found = []
        for line in tail[offset:].splitlines(keepends=True):
            text = line.decode(self.encoding, errors="replace")
            found.append((begin + offset, next(csv.reader([text.rstrip("\r\n")], delimiter=self.delimiter), [])))
            offset += len(line)
        return found[-limit:]


def _numbers(array: Any) -> np.ndarray | None:
    """A column as numbers; None where one is blank, in full-width digits or a word."""
    import pyarrow as pa

    try:
        return (array.cast(pa.string()) if pa.types.is_binary(array.type) else array).cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return None


def _single_characters(array: Any) -> Coded | None:
    """A binary column of nothing but single ASCII characters and blanks, coded without a dictionary; None for others.

    The index is the character's own number and 0 for a blank; not all of the texts need occur.
    """
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


def record_end(data: bytes, start: int) -> int:
    """Where the record beginning at ``start`` ends, its line break included; quoted line breaks do not end it."""
    position, quotes = start, 0
    for match in re.compile(rb'["\r\n]').finditer(data, start):
        if match[0] == b'"':
            quotes += 1
        elif quotes % 2 == 0:
            position = match.end()
            return position + 1 if match[0] == b"\r" and data[position : position + 1] == b"\n" else position
    return len(data)

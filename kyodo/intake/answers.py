"""The raw form's columns as coded batches: from a grid at once, from a large CSV block by block.

A CSV's bytes are never decoded as a whole. In UTF-8 and CP932 no second byte of a character is a comma, a tab, a
semicolon or a quote, so pyarrow cuts the raw bytes, and only the distinct texts of the needed columns are decoded.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from kyodo.intake.grid import EMPTY, Cell, Grid
from kyodo.intake.tally import Coded

BLOCK = 4 * 2**20


class AnswersError(Exception):
    """A text that does not decode, or rows that do not have the header's number of fields."""


def cell_text(cell: Cell) -> str:
    """What a cell answers: its text, or for faulty worksheet cells a text that no mapping foresees."""
    return cell.text if cell.kind not in {"formula", "error"} else (cell.text if cell.text.startswith("#") else f"#{cell.text}")


def from_grid(grid: Grid, rows: Sequence[int], column: int) -> Coded:
    """One column of a grid, coded."""
    positions: dict[str, int] = {}
    indices = np.empty(len(rows), dtype=np.int32)
    for place, row in enumerate(rows):
        indices[place] = positions.setdefault(cell_text(grid.rows[row].get(column, EMPTY)), len(positions))
    return Coded(tuple(positions), indices)


class CsvAnswers:
    """A CSV's rows after its header, read in blocks; ``records()`` goes through them one by one to find places."""

    def __init__(self, data: bytes, start: int, stop: int, first_row: int, width: int, delimiter: str, encoding: str) -> None:
        """Take the bytes between ``start`` and ``stop``; ``first_row`` is the number of the record at ``start``."""
        self.data, self.start, self.stop = data, start, stop
        self.first_row, self.width, self.delimiter, self.encoding = first_row, width, delimiter, encoding
        self.odd_rows = 0

    def batches(self, columns: Sequence[int], progress: Callable[[float], None] = lambda fraction: None) -> Iterator[dict[int, Coded]]:
        """Batches of coded columns (1-based numbers); raises :class:`AnswersError` where a text does not decode."""
        import pyarrow as pa  # only when a raw file is read
        from pyarrow import csv as arrow

        body = pa.py_buffer(memoryview(self.data)[self.start : self.stop])
        if not body.size:
            return
        names = [f"c{number}" for number in range(1, self.width + 1)]
        wanted = [f"c{number}" for number in columns]
        coded = pa.dictionary(pa.int32(), pa.binary())
        self.odd_rows = 0
        try:
            reader = arrow.open_csv(
                pa.BufferReader(body),
                arrow.ReadOptions(column_names=names, block_size=BLOCK),
                arrow.ParseOptions(
                    delimiter=self.delimiter, newlines_in_values=self._has_quotes(), invalid_row_handler=self._odd_row
                ),
                arrow.ConvertOptions(
                    check_utf8=False, column_types=dict.fromkeys(wanted, coded), include_columns=wanted, null_values=[], strings_can_be_null=False
                ),
            )
            done = 0
            for batch in reader:
                done += batch.num_rows
                yield {number: self._coded(batch.column(place)) for place, number in enumerate(columns)}
                progress(min(done * self.width * 4 / max(body.size, 1), 1.0))
        except pa.ArrowInvalid as error:
            raise AnswersError(str(error)) from error

    def _has_quotes(self) -> bool:
        return self.data.find(b'"', self.start, self.stop) >= 0

    def _odd_row(self, row) -> str:
        self.odd_rows += 1
        return "skip"

    def _coded(self, array) -> Coded:
        try:
            texts = tuple(value.decode(self.encoding) for value in array.dictionary.to_pylist())
        except UnicodeDecodeError as error:
            raise AnswersError("encoding") from error
        return Coded(texts, array.indices.to_numpy(zero_copy_only=False))

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Every record with its number as a spreadsheet shows it; bytes that do not decode become lone surrogates."""
        stream = io.TextIOWrapper(io.BytesIO(memoryview(self.data)[self.start : self.stop]), self.encoding, errors="surrogateescape", newline="")
        yield from enumerate(csv.reader(stream, delimiter=self.delimiter), self.first_row)


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


def tail_records(answers: CsvAnswers, limit: int = 30) -> list[tuple[int, list[str]]]:
    """The last records with the byte where each begins; none where quotes make the beginning uncertain."""
    begin = max(answers.start, answers.stop - (1 << 15))
    tail = answers.data[begin : answers.stop]
    if b'"' in tail:
        return []
    offset = 0 if begin == answers.start else tail.find(b"\n") + 1
    found = []
    for line in tail[offset:].splitlines(keepends=True):
        text = line.decode(answers.encoding, errors="replace")
        found.append((begin + offset, next(csv.reader([text.rstrip("\r\n")], delimiter=answers.delimiter), [])))
        offset += len(line)
    return found[-limit:]


def texts_of(record: Sequence[str], columns: Mapping[int, str]) -> dict[int, str]:
    """A record's texts under some columns (1-based)."""
    return {column: record[column - 1] if column <= len(record) else "" for column in columns}

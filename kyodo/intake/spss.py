"""An SPSS file (.sav) as two grids: its answers, and a code book of its labels; with the optional package pyreadstat only.

That package reads files on disk by a C library: the server calls this in a child process, as it does everything here.
"""

import math
import tempfile
from pathlib import Path
from typing import Any

from kyodo.intake.codes import Fault
from kyodo.intake.grid import Cell, Grid


def read_spss(data: bytes) -> list[Grid]:
    """The answers under the variables' names, and what names and codes mean; raises :class:`Fault`."""
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
    return [_grid(answers, "データ"), _grid(book, "コード表")]


def _grid(rows: list[Any], name: str) -> Grid:
    cells = {
        number: {column: Cell(text) for column, value in enumerate(row, 1) if (text := _text(value)).strip()}
        for number, row in enumerate(rows, 1)
    }
    return Grid({number: row for number, row in cells.items() if row}, name)


def _text(value: Any) -> str:
    """A value as the text it would have in a CSV: whole numbers without a point, nothing for a missing one."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)

"""A code book beside the data: a sheet that says for each question what it asks and what its codes mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kyodo.intake.cells import cleaned
from kyodo.intake.grid import Grid
from kyodo.intake.vocabulary import key_of, words

_SEARCHED = 20  # rows looked through for a header


@dataclass
class Entry:
    """One question: what it asks, and its codes' labels."""

    text: str = ""
    labels: dict[str, str] = field(default_factory=dict)


def read_codebook(grid: Grid) -> dict[str, Entry]:
    """A sheet's questions by their key; empty where the sheet is no code book."""
    for row in list(grid.rows)[:_SEARCHED]:
        columns = _columns(grid, row)
        if {"question", "code", "label"} <= columns.keys():
            return _entries(grid, row, columns)
    return {}


def _columns(grid: Grid, row: int) -> dict[str, int]:
    """The columns of a code book in a row: the surest words first, each column once."""
    keys = {column: key_of(cell.text) for column, cell in grid.filled(row).items()}
    found: dict[str, int] = {}
    for means in ("question", "code", "label", "text"):
        place = next(
            (c for c, key in keys.items() if key in words(f"codebook.{means}") and c not in found.values()), None
        )
        if place is not None:
            found[means] = place
    return found


def _entries(grid: Grid, header: int, columns: Mapping[str, int]) -> dict[str, Entry]:
    """Rows into questions; a blank question repeats the one above."""
    found: dict[str, Entry] = {}
    current = Entry()
    for row in grid.below(header):
        said = {means: cleaned(grid.cell(row, column)) for means, column in columns.items()}
        if said["question"]:
            current = found.setdefault(key_of(said["question"]), Entry())
        current.text = current.text or said.get("text", "")
        if said["code"] and said["label"]:
            current.labels[said["code"]] = said["label"]
    return found


def read_codebooks(grids: Iterable[Grid]) -> dict[str, Entry]:
    """All code books of a file as one."""
    found: dict[str, Entry] = {}
    for grid in grids:
        found |= read_codebook(grid)
    return found

"""What can go wrong, as data.

A :class:`Problem` says where something is wrong, what, and what to do about it. Checks collect all
problems they find; a border raises them once, together, as :class:`ProblemsError`.
"""

from collections.abc import Iterable
from dataclasses import dataclass


class KyodoError(Exception):
    """Base of every error this package raises on purpose. Its text is a Japanese sentence for the reader."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong (or worth noticing) at one place of one file.

    ``row`` is the row number as a spreadsheet shows it (1-based, header rows counted), ``column`` the
    header's text, ``message`` one Japanese sentence, ``hint`` what the reader can do.
    """

    code: str
    message: str
    hint: str = ""
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""

    @property
    def place(self) -> str:
        """The place in words, such as ``items.csv 3行目「種別」``; empty for the file as a whole."""
        parts = [
            self.file,
            f"シート「{self.sheet}」" if self.sheet else "",
            f"{self.row}行目" if self.row is not None else "",
        ]
        return " ".join(part for part in parts if part) + (f"「{self.column}」" if self.column else "")

    def to_json(self) -> dict[str, str | int | None]:
        """What it says and where in the file, as other programs get it."""
        return {name: getattr(self, name) for name in ("code", "sheet", "row", "column", "message", "hint")}

    def __str__(self) -> str:
        """Place, message and hint on one line."""
        return f"{self.place}: {self.message}{self.hint}" if self.place else f"{self.message}{self.hint}"


class ProblemsError(KyodoError):
    """All problems of one check at once; ``problems`` holds at least one."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems and make their lines the error's text."""
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

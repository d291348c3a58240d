"""What stands on a slide: its sentence, its lists of rows cut into pages that fit, what is said with it."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import pandas as pd

from kyodo.breaking import wrapped

LINES = 20  # lines of a table that fit on a slide in its smallest type, in print and on a projector alike
ROOM = 66  # characters of that type across a slide
_ROW, _BESIDE = 0.3, 0.9  # the room around a row, in lines, and beside a cell's text, in characters


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a listing: where it comes from, its title, its least width in full-width characters, its side."""

    name: str
    title: str
    width: float
    right: bool = False


def counted(name: str) -> Field:
    """A column of numbers under a title on one line."""
    return Field(name, name, max(len(name), 2) + 0.4, True)


@dataclass(frozen=True, eq=False)
class Listing:
    """Rows of texts with the columns that are shown of them, and what they are called."""

    rows: pd.DataFrame
    fields: tuple[Field, ...]
    name: str = ""

    @cached_property
    def texts(self) -> list[list[str]]:
        """The cells of each row as texts; missing is blank, lists are joined by ・."""
        shown = self.rows[[field.name for field in self.fields]]
        return [list(map(_text, row)) for row in shown.itertuples(index=False, name=None)]

    def lines(self, room: float = ROOM) -> list[int]:
        """How many lines each row takes where so many characters fit across."""
        wider = max(1.0, (room - _BESIDE * len(self.fields)) / sum(field.width for field in self.fields))
        rooms = [field.width * wider for field in self.fields]
        return [max(len(wrapped(text, room)) for text, room in zip(row, rooms, strict=True)) for row in self.texts]

    def pages(self, lines: float = LINES, *, together: str = "") -> list["Listing"]:
        """The same in pieces that fit, about alike in length; one empty piece where there is no row.

        Rows that are alike in the column ``together`` stay on one page where a page can hold them.
        """
        heights = [height + _ROW for height in self.lines()]
        blocks = _blocks(self.rows[together].tolist() if together else range(len(heights)), heights, lines)
        starts = _starts(blocks, lines)
        least = sum(heights) / len(starts)
        limits = (least + (lines - least) * share / 20 for share in range(21))
        starts = next(each for each in (_starts(blocks, limit) for limit in limits) if len(each) == len(starts))
        ends = [*starts[1:], len(self.rows)]
        return [replace(self, rows=self.rows.iloc[first:last]) for first, last in zip(starts, ends, strict=True)]


def _blocks(keys: list | range, heights: list[float], lines: float) -> list[tuple[int, float]]:
    """What is not torn: where each block begins and how high it is; one no page can hold falls into its rows."""
    edges = [place for place in range(len(heights)) if not place or keys[place] != keys[place - 1]]
    found = []
    for first, last in pairwise([*edges, len(heights)]):
        whole = sum(heights[first:last])
        found += [(first, whole)] if whole <= lines else list(enumerate(heights[first:last], first))
    return found


def _starts(blocks: list[tuple[int, float]], lines: float) -> list[int]:
    """Where pages begin that hold at most so many lines."""
    starts, used = [0], 0.0
    for place, height in blocks:
        if used and used + height > lines + 1e-9:
            starts, used = [*starts, place], 0.0
        used += height
    return starts


def _text(value: object) -> str:
    if isinstance(value, list):
        return "・".join(map(str, value))
    return "" if pd.isna(value) else str(value)


@dataclass(frozen=True, slots=True, eq=False)
class Slide:
    """One finding: ``part`` says how it is drawn, ``title`` is the sentence, ``spoken`` what is said with it.

    ``told`` are sentences that stand on it, ``remarks`` what was entered (heading → text), ``annex`` whether it comes
    after the twelve that are presented.
    """

    part: str
    title: str
    spoken: str
    indicator: int | None = None
    listings: tuple[Listing, ...] = ()
    told: tuple[str, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
    annex: bool = False
    page: int = 1
    pages: int = 1

    @property
    def heading(self) -> str:
        """The title, with the page where the finding takes more than one."""
        return self.title if self.pages == 1 else f"{self.title}({self.page}/{self.pages})"


def paged(slide: Slide, listing: Listing, lines: float = LINES, *, together: str = "") -> list[Slide]:
    """One slide per page of a listing."""
    pages = listing.pages(lines, together=together)
    return [replace(slide, listings=(each,), page=place, pages=len(pages)) for place, each in enumerate(pages, start=1)]

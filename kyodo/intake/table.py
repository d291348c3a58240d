"""Where a summary stands in a grid: its header (over one to three rows) and what each of its columns means.

The header is the row that names most of 指標番号, 指標名, 年度, 値(%), 回答者数. A group heading above it (目標, 平成25年度調査)
belongs to the columns below it; a row of units below it ((%), (人)) belongs to the header too.

Each thing that is needed has one column, or the clerk is asked which of two is meant; what the clerk has said goes
before every word in the header.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from kyodo.fiscal import label
from kyodo.intake.grid import Cell, Grid, cleaned, is_numeric
from kyodo.intake.headers import COLUMNS, Label, excluded, is_neutral, label_of, without_years, year_in
from kyodo.intake.words import Findings, Phrase, key_of, members, pattern, words
from kyodo.wording import shorten

CORE = {"number", "name", "year", "value", "n"}
VALUES = {"value", "year_value"}
_YEAR = re.compile("(?:19|20)..")
_WIDEST = 200  # columns a summary's header may have
_HEADING = 6  # characters a heading over some columns may have where it stands alone
SEARCHED = 200  # rows looked through for a header: title blocks are shorter


@dataclass(frozen=True)
class Header:
    """A header found: its first and last row, each column's text, the headings above it, and its label."""

    top: int
    bottom: int
    texts: Mapping[int, str]
    labels: Mapping[int, Label]
    groups: Mapping[int, str] = field(default_factory=dict)

    def columns(self, *roles: str) -> list[int]:
        """Columns of any of these roles, left to right."""
        return [column for column, label in sorted(self.labels.items()) if label.role in roles]

    def years(self, columns: Iterable[int]) -> set[int]:
        """The fiscal years that these columns name."""
        return {self.labels[column].year for column in columns} - {None}

    def title(self, column: int | None) -> str:
        """A column's header for a message, on one line; empty for none."""
        return shorten(self.texts.get(column, ""))

    @property
    def titles(self) -> dict[int, str]:
        """Every column's header as the clerk may choose it: with the heading above it where it is not alone of its name."""
        common = Counter(self.texts.values())
        return {
            column: f"{self.groups[column]} / {text}" if common[text] > 1 and self.groups.get(column) else text
            for column, text in self.texts.items()
        }

    @property
    def core(self) -> set[str]:
        """Which of the form's own columns are named."""
        return {label.role for label in self.labels.values()} & CORE

    @property
    def is_summary(self) -> bool:
        """Whether this is the header of a summary table: indicators down the rows and something said of each."""
        roles = {label.role for label in self.labels.values()}
        if "name" in roles:
            return bool(roles & (VALUES | {"n", "target", "count", "number", "year"})) and len(self.labels) > 1
        return "number" in roles and bool(roles & VALUES)


def find_header(grid: Grid) -> Header | None:
    """The best summary header of a grid, the topmost of equals; None where there is none."""
    return max(filter(lambda header: header.is_summary, candidates(grid)), key=_rank, default=None)


def _rank(header: Header) -> tuple[int, int, int, int]:
    certain = sum(label.role in CORE | VALUES for label in header.labels.values())
    return (
        len(header.core - VALUES) + bool(header.columns(*VALUES)),
        min(certain, 6),
        len(header.labels),
        header.top - header.bottom,
    )


def candidates(grid: Grid) -> Iterator[Header]:
    """Every header the first rows may make."""
    rows = list(islice(grid.rows, SEARCHED))
    for position, row in enumerate(rows):
        if len(grid.filled(row)) > _WIDEST:
            continue
        single = header_at(grid, range(row, row + 1))
        yield single
        for height in (2, 3):
            if rows[position + height - 1 : position + height] == [row + height - 1]:
                stacked = header_at(grid, range(row, row + height))
                if stacked is None or _rank(stacked) < _rank(single):
                    break
                yield stacked


def header_at(grid: Grid, rows: range) -> Header | None:
    """A header over these rows: the lowest text of each column counts, those above it and headings spread from the left are its group.

    A row of units directly below is taken in. None where one of several rows holds numbers.
    """
    stacks = _stacks(grid, rows)
    if stacks is None:
        return None
    above = _groups_above(grid, rows[-1], stacks)
    groups = {column: _group_of(stack, above.get(column, "")) for column, stack in stacks.items()}
    units = _units_below(grid, rows[-1], stacks)
    texts = {column: stack[-1] + units.get(column, "") for column, stack in stacks.items()}
    labels = {column: _joined(text, groups[column], stacks[column]) for column, text in texts.items()}
    return Header(rows[0], rows[-1] + bool(units), texts, labels, groups)


def _stacks(grid: Grid, rows: range) -> dict[int, list[str]] | None:
    """The texts of these rows by column, from above; None where one of several rows holds numbers, or a lower one a lone text."""
    stacks: dict[int, list[str]] = {}
    for row in rows:
        cells = {column: cell for column, cell in grid.filled(row).items() if cleaned(cell)}
        if len(rows) > 1 and (_has_numbers(cells) or (row > rows[0] and len(cells) < 2)):
            return None
        for column, cell in cells.items():
            stacks.setdefault(column, []).append(one_line(cell.text))
    return dict(sorted(stacks.items()))


def _units_below(grid: Grid, row: int, texts: Mapping[int, object]) -> dict[int, str]:
    """Units in brackets by column, or years under texts, where the row below is one of nothing else; else empty."""
    units = {column: key_of(cell.text) for column, cell in grid.filled(row + 1).items() if cleaned(cell)}
    odd = set(units.values()) - words("unit_row")
    if odd and not (units.keys() <= texts.keys() - {min(texts)} and all(map(_is_year, odd))):
        return {}
    return {column: f"({unit})" if (unit := key.strip("()[]-")) else "" for column, key in units.items()}


def _is_year(key: str) -> bool:
    return year_in(key) is not None and not without_years(key).strip("()[]")


def _joined(text: str, group: str, stack: list[str]) -> Label:
    """A column's label; where its lowest text says nothing by itself, that of all its texts together."""
    label = label_of(text, group)
    return label_of(group + stack[-1]) if label.role == "other" and len(stack) > 1 else label


def _has_numbers(cells: Mapping[int, Cell]) -> bool:
    return any(is_numeric(cell) and not _YEAR.fullmatch(key_of(cell.text)) for cell in cells.values())


def _group_of(stack: list[str], above: str) -> str:
    """What stands over a column's lowest text: the texts above it, else a heading spread from the left."""
    return "".join(stack[:-1]) or (above if above != stack[-1] else "")


def _groups_above(grid: Grid, row: int, texts: Collection[int]) -> dict[int, str]:
    """Group headings of the row above, spread over the columns they stand over; a lone title in the first column is none."""
    above = [column for column, cell in grid.filled(row - 1).items() if cleaned(cell)]
    if not above or not texts or (len(above) == 1 and (min(above) <= min(texts) or _is_title(grid, row - 1, *above))):
        return {}
    columns = range(min(above), max(*texts, *above) + 1)
    groups = {column: text for column in columns if (text := one_line(grid.over(row - 1, column).text))}
    return _without_title(groups, above)


def _without_title(groups: Mapping[int, str], above: Collection[int]) -> dict[int, str]:
    """The headings without a title that only spreads from the left: no more than its own column stands under it."""
    title = groups.get(min(above), "")
    spread = set() if _is_heading(title) else {column for column, text in groups.items() if text == title}
    return {column: text for column, text in groups.items() if column not in spread - set(above)}


def _is_heading(text: str) -> bool:
    """Whether a text above columns may speak of them: all its words are known, or it says that they are no values."""
    return is_neutral(key_of(text)) or excluded(key_of(text)) != "other"


def _is_title(grid: Grid, row: int, column: int) -> bool:
    """Whether a lone text above is a title in the middle: merged over nothing, and longer than a heading's word or none."""
    merged = any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in grid.merges)
    text = cleaned(grid.cell(row, column))
    return not merged and (len(text) > _HEADING or not _is_heading(text))


def one_line(text: str) -> str:
    """A header's text on one line."""
    return "".join(part.strip("\t ") for part in text[:1_000].replace("\r", "\n").split("\n")).strip()


@dataclass(frozen=True, slots=True)
class Columns:
    """Column numbers by role, None where a column is absent; ``years`` may be several (和暦 and 西暦).

    ``across`` are the other columns of values in a table whose years stand side by side, by fiscal year.
    """

    number: int | None = None
    name: int | None = None
    years: tuple[int, ...] = ()
    value: int | None = None
    n: int | None = None
    count: int | None = None
    population: int | None = None
    segments: tuple[int, ...] = ()
    unit: int | None = None
    across: Mapping[int, int] | None = None

    @property
    def used(self) -> set[int]:
        """All column numbers that are read."""
        single = {self.unit, self.number, self.name, self.value, self.n, self.count, self.population}
        return (single | set(self.years) | set(self.segments)) - {None}


def choose_columns(header: Header, said: Mapping[str, str], year: int | None, findings: Findings) -> Columns:
    """Which column is what: as the clerk has ``said`` (``{role: header}``), else by the words of the header.

    Problems for a missing value column and for every unclear choice. Of years that stand side by side, ``year`` (None:
    none was chosen) is the one to read.
    """
    found, across = (_as_said(header, said, findings), None) if said else _found(header, year, findings)
    if not found["value"] and not findings.problems:
        seen = list(header.texts.values())
        findings.refuse("header_value", seen=seen, row=header.bottom, column=COLUMNS["value"])
    more = ("unit",) if said else ("unit", "count", "population")
    chosen = Columns(
        **{role: _one(header, role, found[role], findings) for role in ("number", "name", "value", "n")},
        **{role: next(iter(header.columns(role)), None) for role in more},
        years=tuple(found["year"]),
        segments=tuple(header.columns("segment")),
        across=across,
    )
    unused = sorted(header.labels.keys() - chosen.used - set(header.columns("note")))
    if unused and not findings.problems:
        findings.tell("unused", columns=[header.titles[column] for column in unused], row=header.bottom)
    return chosen


def _found(header: Header, year: int | None, findings: Findings) -> tuple[dict[str, list[int]], dict[int, int] | None]:
    """The columns by their words; of years side by side the chosen one's, and the others by their year."""
    found = _by_words(header, year)
    if len(header.years(found["value"])) < 2:
        return found, None
    across = _across(header, found["value"], year, findings)
    of_year = [column for column in found["n"] if header.labels[column].year == year]
    return found | {"value": [across.pop(year)] if across else [], "n": of_year}, across


def _as_said(header: Header, said: Mapping[str, str], findings: Findings) -> dict[str, list[int]]:
    """The columns that the clerk has named, one a role; problems for headers not there or there twice."""
    found = {role: _called(header, said[role]) if role in said else [] for role in COLUMNS}
    for role in [role for role in said if len(found.get(role, ())) != 1]:
        findings.refuse("columns_missing", what=COLUMNS.get(role, role), text=said[role], row=header.bottom)
    return found


def proposed_columns(header: Header) -> dict[str, str]:
    """What the headers' words say of the columns, ``{role: header}``, for the clerk to confirm."""
    found = _by_words(header, None).items()
    return {role: header.titles[columns[0]] for role, columns in found if len(columns) == 1}


def _called(header: Header, title: str) -> list[int]:
    """Columns of a title: with the heading above it, else alone."""
    key = key_of(title)
    whole = [column for column, text in header.titles.items() if key_of(text) == key]
    return whole or [column for column, text in header.texts.items() if key_of(text) == key]


def _by_words(header: Header, year: int | None) -> dict[str, list[int]]:
    """The columns that may be each role; the value's are those that say so, else those that name a year."""
    named, dated = header.columns("value"), header.columns("year_value")
    values = named or dated
    if year in header.years(dated) and len(header.years(named)) == len(named):
        values = named + dated  # 現状値(H23) beside H24, H25
    rivals = [column for column, label in header.labels.items() if pattern("rival").search(label.key)]
    return {role: header.columns(role) for role in COLUMNS} | {
        "value": list(dict.fromkeys(values + rivals * bool(values)))
    }


def _one(header: Header, role: str, columns: list[int], findings: Findings) -> int | None:
    """The one column of a role, None without; of several that of the surest word, else a question."""
    for word in members(f"surest_{role}"):
        surer = [column for column in columns if pattern(f"surest_{role}.{word}").search(header.labels[column].key)]
        columns = surer or columns
    if len(columns) > 1:
        titles = [header.title(column) for column in columns]
        findings.refuse("header_twice", what=COLUMNS[role], titles=titles, row=header.bottom, column=titles[0])
    return next(iter(columns), None)


def _across(header: Header, columns: list[int], year: int | None, findings: Findings) -> dict[int, int] | None:
    """The columns of years side by side by their year; a question where the chosen one is not among them once."""
    dated = Counter(header.labels[column].year for column in columns)
    titles = [header.titles[column] for column in columns]
    shown = Phrase("、".join(map(label, sorted(dated.keys() - {None}))))
    if year is None:
        findings.refuse("years_across", titles=titles, years=shown, row=header.bottom)
    elif dated[year] != 1:
        findings.refuse("years_across_other", year=Phrase(label(year)), titles=titles, years=shown, row=header.bottom)
    elif dated[None] or max(dated.values()) > 1:
        findings.refuse("header_twice", what=COLUMNS["value"], titles=titles, row=header.bottom, column=titles[0])
    else:
        others = [header.titles[column] for column in columns if header.labels[column].year != year]
        findings.tell("years_across_chosen", year=Phrase(label(year)), titles=others)
        return {header.labels[column].year: column for column in columns}
    return None

"""A raw file's head: which rows are its header, what each column is called, and which columns are what.

A header may stand over several rows (問29 満足度 / 1 道路; SurveyMonkey's options; a row of question texts): its rows
become one title a column. The clerk may name a column by the whole title or by either part that is alone of its kind.
A code book beside the data says what each question asks and what its codes mean.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from kyodo.intake.grid import Cell, Grid, cleaned, column_letter, is_numeric
from kyodo.intake.headers import label_of
from kyodo.intake.mapping import Question, answer_key
from kyodo.intake.names import IndicatorNames
from kyodo.intake.words import Findings, group_name, is_called, is_identity, key_of, members, pattern, words

ANSWER, TEXT, WEIGHT, IDENTITY = "answer", "text", "weight", "identity"  # how a column is read


@dataclass
class Asked:
    """One question: what it asks, and its codes' labels."""

    text: str = ""
    labels: dict[str, str] = field(default_factory=dict)


def read_codebook(*grids: Grid) -> dict[str, Asked]:
    """The questions of all sheets that are code books by their key; empty where none is."""
    found: dict[str, Asked] = {}
    for grid in grids:
        headed = ((row, _columns(grid, row)) for row in head_rows(grid))
        row, columns = next((each for each in headed if {"question", "code", "label"} <= each[1].keys()), (0, {}))
        found |= _entries(grid, row, columns) if columns else {}
    return found


def _columns(grid: Grid, row: int) -> dict[str, int]:
    """The columns of a code book in a row: the surest words first, each column once."""
    left = {column: key_of(cell.text) for column, cell in grid.filled(row).items()}
    found: dict[str, int] = {}
    for means in ("question", "code", "label", "text"):
        for place in [column for column, key in left.items() if key in words(f"codebook.{means}")][:1]:
            found[means] = place
            del left[place]
    return found


def _entries(grid: Grid, header: int, columns: Mapping[str, int]) -> dict[str, Asked]:
    """Rows into questions; a blank question repeats the one above."""
    found: dict[str, Asked] = {}
    current = Asked()
    for row in grid.below(header):
        said = {means: cleaned(grid.cell(row, column)) for means, column in columns.items()}
        if said["question"]:
            current = found.setdefault(key_of(said["question"]), Asked())
        current.text = current.text or said.get("text", "")
        if said["code"] and said["label"]:
            current.labels[answer_key(said["code"])] = said["label"]
    return found


_SEARCHED = 60  # rows looked through for a header
_SAMPLE = 50  # respondents looked at to tell what a column is
_CONTENT = re.compile(r"[^@\s,]+@[^@\s,]+\.[A-Za-z]{2,}|0\d{1,4}-\d{1,4}-\d{3,4}|0[789]0\d{8}|\d{3}-\d{4}")
_SENTENCE = re.compile(r"(?:か|ください|下さい|ですか|ますか)[。?？.]?(?:[(（].*)?$|[?？]")


@dataclass(frozen=True)
class Head:
    """A header: its rows, each column's title, and the texts over each other that the title is made of."""

    top: int
    bottom: int
    titles: Mapping[int, str]
    parts: Mapping[int, tuple[str, ...]]

    @cached_property
    def _keys(self) -> list[tuple[int, str, set[str]]]:
        return [(c, key_of(title), set(map(key_of, self.parts[c]))) for c, title in self.titles.items()]

    def find(self, name: str) -> list[int]:
        """Columns called ``name``: by the whole title, else by a part of it."""
        key = key_of(name)
        return [c for c, title, _ in self._keys if title == key] or [c for c, _, parts in self._keys if key in parts]

    def said(self, column: int) -> str:
        """All that a column's header says, without the letter that tells equal ones apart."""
        return " ".join(self.parts[column])

    def says(self, column: int, test: Callable[[str], Any]) -> Any:
        """What a test first makes of a part of a column's header, or of all that it says; something false for none."""
        return next(filter(None, map(test, (*self.parts[column], self.said(column)))), None)


def head_at(grid: Grid, top: int) -> Head:
    """The header that begins in a row, over as many rows (three at most) as are header rows."""
    bottom = top
    while bottom < top + 2 and _is_header_below(grid, top, bottom):
        bottom += 1
    rows = range(top, bottom + 1)
    columns = sorted({column for row in rows for column in grid.filled(row) if cleaned(grid.cell(row, column))})
    stacks = {column: _stack(grid, rows, column) for column in columns}
    joined = {column: " / ".join(parts) for column, parts in stacks.items()}
    common = Counter(joined.values())
    titles = {c: text if common[text] == 1 else f"{text}({column_letter(c)}列)" for c, text in joined.items()}
    return Head(top, bottom, titles, stacks)


def _stack(grid: Grid, rows: range, column: int) -> tuple[str, ...]:
    """The texts that stand over a column, those spread from the left included; words that only repeat are left out."""
    parts: list[str] = []
    for row in rows:
        cell = grid.over(row, column) if row < rows[-1] else grid.cell(row, column)
        text = " ".join(cell.text.split())
        if text and text not in parts and not (parts and key_of(text) in words("second_header")):
            parts.append(text)
    return tuple(parts)


def _is_header_below(grid: Grid, top: int, bottom: int) -> bool:
    """Whether the row below still belongs to the header: words only, which stand nowhere else in their columns.

    And something must speak for it (under a lone title at the left nothing does): merged headings, blanks in the row
    above, or blanks where every respondent has something (a number of their own).
    """
    above, here, below = grid.filled(bottom), grid.shown(bottom + 1), list(islice(grid.below(bottom + 1), _SAMPLE))
    if len(below) < 2 or not _all_words(here.values()) or _is_lone(above, here):
        return False
    options = here.keys() - above.keys()  # their texts may be the answers themselves
    again = [c for c in here.keys() - options if here[c].text.strip() in _texts(grid, below, c)]
    if len(again) * 4 > len(here):
        return False
    stacked = options or _has_merged_headings(grid, top, bottom)
    return bool(stacked) or any(all(_texts(grid, below, column)) for column in above.keys() - here.keys())


def _is_lone(above: Mapping[int, Cell], here: Mapping[int, Cell]) -> bool:
    return len(above) == 1 and min(above) <= min(here)


def _texts(grid: Grid, rows: Iterable[int], column: int) -> list[str]:
    return [grid.cell(row, column).text.strip() for row in rows]


def _has_merged_headings(grid: Grid, top: int, bottom: int) -> bool:
    return any(top <= first <= bottom and right > left for first, left, _, right in grid.merges)


def _all_words(cells: Collection[Cell]) -> bool:
    return bool(cells) and all(cell.kind == "text" and not is_numeric(cell) for cell in cells)


def head_rows(grid: Grid) -> list[int]:
    """Numbers of the rows looked through for a header."""
    return list(grid.rows)[:_SEARCHED]


def find_head(grid: Grid, wanted: Collection[str], names: IndicatorNames) -> Head | None:
    """The header that names most of the ``wanted`` columns; without any, of the first row that looks like one."""
    rows = head_rows(grid)
    if wanted:
        best, most = None, 0
        for row in rows:
            head = head_at(grid, row)
            found = sum(len(head.find(name)) > 0 for name in wanted)
            if found > most:
                best, most = head, found
            if most == len(wanted):
                break
        return best
    return next((head for row in rows if looks_like_respondents(grid, head := head_at(grid, row), names)), None)


def any_head(grid: Grid) -> Head | None:
    """For a file that the clerk calls a list of answers: the first row with at least half as many texts as the widest."""
    widest = max((len(grid.filled(row)) for row in head_rows(grid)), default=0)
    row = next((row for row in head_rows(grid) if len(grid.filled(row)) * 2 >= widest), None)
    return head_at(grid, row) if row is not None and widest > 1 else None


def looks_like_respondents(grid: Grid, head: Head, names: IndicatorNames) -> bool:
    """Whether a row is the header of a table with one row a respondent: several columns asked or about a person, answers below."""

    def speaks(title: str) -> bool:
        asked = pattern("question").search(key_of(title)) or _SENTENCE.search(title.strip())
        return bool(asked or is_identity(title) or group_name(title) or is_called(title, "weight"))

    spoken = (head.says(c, speaks) or names.column_indicator(head.said(c)) for c in head.titles)
    if sum(map(bool, spoken)) < 2 or len(head.titles) < 3:
        return False
    return not _are_shares(grid, list(grid.below(head.bottom))[:5]) or any(
        head.says(c, is_identity) for c in head.titles
    )


def _are_shares(grid: Grid, rows: Sequence[int]) -> bool:
    """Whether rows hold shares by group rather than answers: percentages, or a row of all the people."""
    cells = [cell.text.strip() for row in rows for cell in grid.filled(row).values()]
    rates = sum(bool(re.fullmatch(r"\d{1,3}\.\d", text)) for text in cells)
    return 0 < len(cells) < rates * 3 or any(key_of(grid.first_text(row)) in words("whole") for row in rows)


def is_personal(header: str, sample: Iterable[str]) -> bool:
    """Whether a column is about the person: by its header, or because what stands in it looks like mail or phone."""
    texts = [text.strip() for text in sample if text.strip()]
    return is_called(header, "personal") or sum(bool(_CONTENT.fullmatch(text)) for text in texts) * 2 > len(texts)


class RawColumns:
    """Column numbers by what they are: ``questions`` by column, ``groups`` by name, ``weight``, ``years``, ``personal``."""

    def __init__(self, grid: Grid, head: Head, findings: Findings) -> None:
        """Find the columns about persons, and those of years; :meth:`choose` finds the others."""
        self.grid, self.head, self.findings = grid, head, findings
        self.questions: dict[int, Question] = {}
        self.groups: dict[str, int] = {}
        self.weight: int | None = None
        sample, said = list(islice(grid.below(head.bottom), _SAMPLE)), {c: head.said(c) for c in head.titles}
        self.personal = {c for c in said if is_personal(said[c], (grid.cell(row, c).text for row in sample))}
        self.years = [c for c in said if label_of(said[c]).role == "year" and "年" in key_of(said[c])[:4]]

    @property
    def year(self) -> int | None:
        """The first column of years, None without."""
        return self.years[0] if self.years else None

    @property
    def identity(self) -> int | None:
        """The column that numbers the respondents, None without."""
        used = {*self.questions, *self.groups.values(), *self.personal, self.weight}
        return next((c for c in self.head.titles if c not in used and self.head.says(c, is_identity)), None)

    @property
    def wanted(self) -> dict[int, str]:
        """What is counted of the file, and how each column is read."""
        texts = dict.fromkeys([*self.groups.values(), *self.years], TEXT) | dict.fromkeys(self.questions, ANSWER)
        others = {self.weight: WEIGHT, self.identity: IDENTITY}
        return texts | {column: kind for column, kind in others.items() if column}

    def parted(self, batch: Mapping[int, Any]) -> tuple[dict[int, list[Any]], dict[str, Any], Any]:
        """A batch of columns as answers by indicator (one column each, or several), groups by name, and the weights."""
        answers: dict[int, list[Any]] = {question.indicator: [] for question in self.questions.values()}
        for column, question in self.questions.items():
            answers[question.indicator].append(batch[column])
        return answers, {name: batch[column] for name, column in self.groups.items()}, batch.get(self.weight)

    @property
    def weights_named(self) -> list[str]:
        """Titles of the columns that are named like a weight."""
        return [title for column, title in self.head.titles.items() if is_called(self.head.said(column), "weight")]

    def title(self, column: int | None) -> str:
        """A column's title; empty for none."""
        return self.head.titles.get(column, "")

    def find(self, name: str, what: str) -> int | None:
        """The one column of a name; a problem where it is missing or there twice."""
        found = self.head.find(name)
        if len(found) != 1:
            message = "raw_column_twice" if found else "raw_column_missing"
            self.findings.refuse(message, what=what, text=name, row=self.head.bottom, column=name)
        return found[0] if len(found) == 1 else None

    def choose(self, questions: Iterable[Question], weight: str | None, groups: Iterable[str] | None) -> None:
        """Find the mapped columns; problems for those that are missing or there twice."""
        for question in questions:
            for name in question.columns:
                column = self.find(name, f"指標{question.indicator}")
                if column in self.questions:
                    self.findings.refuse("mapping_twice", text=name, column=name)
                elif column is not None:
                    self.questions[column] = question
        if weight:
            self.weight = self.find(weight, "ウェイト(重み)")
        elif self.questions and self.weights_named:
            self.findings.tell("weight_unused", text=self.weights_named[0], column=self.weights_named[0])
        self.personal -= {*self.questions, self.weight}
        self._choose_groups(groups)
        if self.personal:
            self.findings.tell("personal", titles=[self.title(column) for column in sorted(self.personal)])

    def _choose_groups(self, asked: Iterable[str] | None) -> None:
        """The columns to break down by: those named, else the first 性別, 年代 and 地域."""
        names = {column: self.head.says(column, group_name) for column in self.head.titles}
        free = names.keys() - self.personal - self.questions.keys()
        usual = {names[column]: column for column in sorted(free, reverse=True)}
        found = [self.find(name, "内訳") for name in asked] if asked is not None else map(usual.get, members("group"))
        for column in filter(None, found):
            if column in self.personal:
                self.findings.tell("personal_group", text=self.title(column), column=self.title(column))
            else:
                self.groups[names[column] or self.title(column)] = column

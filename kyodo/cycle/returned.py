"""One returned file into answers, or into the reasons why not: each with sheet, row, column and what to do."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kyodo.cycle.layout import Layout, find_layout, shape_problems
from kyodo.cycle.words import UnclearError, fold, item_key, problem, readers
from kyodo.cycle.year import Progress
from kyodo.errors import Problem
from kyodo.fiscal import short_label
from kyodo.intake import Cell, Grid, Grids, StoppedError, read_grids, run_isolated
from kyodo.intake.grid import EMPTY
from kyodo.plan import Plan
from kyodo.record.tables import PERSONS, PROGRESS, SUPPLEMENT, content_columns
from kyodo.wording import listed

_FILLED = {"answer": ("answer",), "supplement": ("supplement", "answer")}
_ROLES = {"answer": "回答する", "supplement": "補足する"}
ANSWER_COLUMNS = [column.name for column in content_columns(PROGRESS)]
SUPPLEMENT_COLUMNS = [column.name for column in content_columns(SUPPLEMENT)]
_PLACE = ["sheet", "row"]
_PRINTED = ["title", "stage", "criterion", "has_criterion", "status", "sent_back"]  # what a row is held against


@dataclass(frozen=True, eq=False)
class Returned:
    """A returned file as read: with ``problems`` nothing of it is taken.

    ``answers`` and ``supplements`` have the record's columns, and sheet and row where each stands.
    """

    file: str
    data: bytes
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]
    answers: pd.DataFrame
    supplements: pd.DataFrame

    @property
    def accepted(self) -> bool:
        """Whether it can be stored."""
        return not self.problems

    @property
    def sha256(self) -> str:
        """The file's digest."""
        return hashlib.sha256(self.data).hexdigest()

    def refused(self, *problems: Problem) -> "Returned":
        """The same with more problems, which are this file's."""
        return replace(self, problems=(*self.problems, *(replace(each, file=self.file) for each in problems)))

    def told(self, *notices: Problem) -> "Returned":
        """The same with more notices, which are this file's."""
        return replace(self, notices=(*self.notices, *(replace(each, file=self.file) for each in notices)))


def isolated(data: bytes, name: str) -> Grids:
    """The file's cells, read in a child process with limits of memory and time."""
    try:
        return run_isolated(read_grids, data, name)
    except StoppedError as stopped:
        return Grids(problems=(stopped.problem,))


def read_returned(
    data: bytes, name: str, progress: Progress, year: int, *, read: Callable[[bytes, str], Grids] = read_grids
) -> Returned:
    """Read one returned file against what was asked in ``year``; never raises for what is in it.

    ``read`` makes cells of bytes: :func:`kyodo.intake.read_grids`, or :func:`isolated` for whoever serves others.
    """
    grids = read(data, name)
    problems, notices = list(grids.problems), list(grids.notices)
    rows: dict[str, list[dict[str, Any]]] = {"answer": [], "supplement": []}
    tables, others = _tables(grids, progress.plan)
    for layout in tables:
        reader = _Reader(layout, progress, year)
        rows[layout.kind] += reader.rows()
        problems += [*shape_problems(layout, progress.plan), *reader.problems, *reader.missing()]
        notices += reader.notices
    if tables:
        notices += [problem("skipped", sheet=grid.sheet) for grid in others]
    elif not grids.problems:
        problems.append(problem("no_table"))
    for kind, own in rows.items():
        problems += _twice(own, kind)
    if not problems and not any(rows.values()):
        if "answer" in {layout.kind for layout in tables}:
            problems.append(problem("empty"))
        else:
            notices.append(problem("nothing_added"))  # a section may say so
    answers = pd.DataFrame(rows["answer"], columns=[*ANSWER_COLUMNS, *_PLACE])
    supplements = pd.DataFrame(rows["supplement"], columns=[*SUPPLEMENT_COLUMNS, *_PLACE])
    return Returned(name, data, (), (), answers, supplements).refused(*problems).told(*notices)


def _tables(grids: Grids, plan: Plan) -> tuple[list[Layout], list[Grid]]:
    """The tables of a file, and its sheets that hold something else."""
    found = [(grid, find_layout(grid, plan)) for grid in grids.sheets]
    return [layout for _, layout in found if layout], [grid for grid, layout in found if grid.rows and not layout]


class _Reader:
    """Reads the rows of one table; what is wrong or worth telling is in ``problems`` and ``notices`` afterwards."""

    def __init__(self, layout: Layout, progress: Progress, year: int) -> None:
        self.layout, self.year = layout, year
        self.problems: list[Problem] = []
        self.notices: list[Problem] = []
        self.seen: set[str] = set()
        self._readers = readers(progress.plan)
        self._declared = {row["name"]: row for row in progress.plan.sheet_columns.to_dict("records")}
        self._known = progress.year(year).set_index("item")[_PRINTED].to_dict("index")
        self._relisted = progress.plan.items.set_index("item")["relisted_of"].to_dict()
        asked = progress.addressees(year)
        pairs = asked.answering if layout.kind == "answer" else asked.supplementing
        self._asked: dict[str, list[str]] = pairs.groupby("item", sort=False)["section"].agg(list).to_dict()
        self.sections: set[str] = set()

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows that hold an answer, in the record's columns."""
        blank = []
        for number in self.layout.rows:
            item = self._item(number)
            if item is None or not self._is_this_year(number, item):
                continue
            before = len(self.problems)
            section = self._section(number, item)
            self._unchanged(number, item)
            found = self._filled(number)
            if len(self.problems) > before:
                continue
            if not _given(found):
                blank.append(item)
                continue
            self._sense(number, item, found)
            place = {"item": item, "fiscal_year": self.year, "sheet": self.layout.grid.sheet, "row": number}
            yield found | place | {"department": section, "section": section}
        if blank and self.layout.kind == "answer":
            self._tell("blank", count=len(blank), items=listed(blank, 5))

    def missing(self) -> Iterator[Problem]:
        """The rows of these sections that were taken out, unless their item is answered already."""
        owed = {item for item, row in self._known.items() if not row["status"] or row["sent_back"]}
        if self.layout.kind == "supplement":
            return
        due = {item for item, sections in self._asked.items() if not self.sections.isdisjoint(sections)}
        wanted = (due & owed) - self.seen
        if gone := [item for item in self._known if item in wanted]:
            yield self._problem("rows", items="、".join(gone))

    # One row

    def _item(self, number: int) -> str | None:
        """The item a row is about; None, with a problem, where there is none."""
        cell = self._cell(number, "item")
        if not cell.text.strip():
            self._refuse("stray_row", number, "item")
            return None
        item = item_key(cell.text)
        if item not in self._known:
            origin = self._relisted.get(item, "")
            message = "item_relisted" if origin else "item"
            self._refuse(message, number, "item", text=cell.text.strip()[:20], origin=origin)
            return None
        self.seen.add(item)
        return item

    def _is_this_year(self, number: int, item: str) -> bool:
        year = self._read(number, "fiscal_year")
        if year is None or year == self.year:
            return year is not None
        years = {"other": short_label(year), "year": short_label(self.year)}
        self._refuse("year", number, "fiscal_year", item=item, **years)
        return False

    def _section(self, number: int, item: str) -> str:
        """The section a row comes from; a problem where it was not asked for the item."""
        own = self._asked.get(item, [])
        if "department" not in self.layout.places:
            return own[0] if len(own) == 1 else ""
        section = self._cell(number, "department").text.strip()
        if section in own:
            self.sections.add(section)
            return section
        role, which = _ROLES[self.layout.kind], "、".join(own) or "どの課も補足しません"
        self._refuse("section", number, "department", item=item, role=role, section=section, which=which)
        return section

    def _unchanged(self, number: int, item: str) -> None:
        """See that what was printed on the sheet is still what was printed."""
        row = self._known[item]
        for name, printed in (("title", row["title"]), ("stage", row["stage"]), ("done_when", row["criterion"])):
            cell = self._cell(number, name)
            if name in self.layout.places and fold(cell.text) != fold(printed):
                title, text = self._declared[name]["title"], cell.text.strip()[:40]
                self._refuse("changed", number, name, item=item, title=title, text=text, printed=printed)

    def _filled(self, number: int) -> dict[str, Any]:
        """The cells to fill, read; persons too."""
        names = [
            name
            for name, row in self._declared.items()
            if row["part"] in (*_FILLED[self.layout.kind], "person") and name in self.layout.places
        ]
        return {name: self._read(number, name) for name in names}

    def _sense(self, number: int, item: str, found: dict[str, Any]) -> None:
        """What single cells cannot say."""
        if self.layout.kind == "supplement":
            for name in [name for name in _given(found) if self._declared[name]["part"] == "answer"][:1]:
                self._refuse("not_asked", number, name, item=item, title=self._declared[name]["title"])
            return
        if not found["status"]:
            self._refuse("status", number, "status", item=item)
        self._into_item(number, item, found)
        if found["result_value"] is not None and not found["result_unit"]:
            self._tell("unit", number, "result_unit", item=item)
        if found["criterion_met"] == "はい" and not self._known[item]["has_criterion"]:
            self._tell("criterion", number, "criterion_met", item=item, criterion=self._known[item]["criterion"])

    def _into_item(self, number: int, item: str, found: dict[str, Any]) -> None:
        into, merges = found["into_item"], found["disposition"] == "統合"
        if merges and not into:
            self._refuse("into_missing", number, "into_item", item=item)
        if into and not merges:
            self._refuse("into_unasked", number, "into_item", item=item)
        if into and (into == item or into not in self._known):
            self._refuse("into_unknown", number, "into_item", into=into)

    # Cells and places

    def _cell(self, number: int, name: str) -> Cell:
        place = self.layout.places.get(name)
        return EMPTY if place is None else self.layout.grid.cell(number, place)

    def _read(self, number: int, name: str) -> Any:
        """A cell read; None with a problem where it is unclear."""
        cell = self._cell(number, name)
        try:
            value = self._readers[name](cell)
        except UnclearError as unclear:
            title, sheet = self._declared[name]["title"], self.layout.grid.sheet
            self.problems.append(Problem("cell", str(unclear), unclear.hint, "", sheet, number, title))
            return None
        if name == "written_on" and cell.kind == "number":
            self._tell("date", number, name, text=cell.text, value=value)
        return value

    def _problem(self, message: str, number: int | None = None, name: str = "", **said: Any) -> Problem:
        column = self._declared[name]["title"] if name else ""
        return problem(message, sheet=self.layout.grid.sheet, row=number, column=column, **said)

    def _refuse(self, message: str, number: int, name: str, **said: Any) -> None:
        self.problems.append(self._problem(message, number, name, **said))

    def _tell(self, message: str, number: int | None = None, name: str = "", **said: Any) -> None:
        self.notices.append(self._problem(message, number, name, **said))


def _given(found: Mapping[str, Any]) -> list[str]:
    """The columns in which something was written; who wrote it is none of them."""
    return [name for name, value in found.items() if value not in ("", None) and name not in PERSONS]


def _twice(rows: list[dict[str, Any]], kind: str) -> Iterator[Problem]:
    """Items that stand twice: in a copied sheet, or in a copied row."""
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        before = first.setdefault((row["item"], row["section"] if kind == "supplement" else ""), row)
        if before is not row:
            message, by = ("twice_rows", "row") if before["sheet"] == row["sheet"] else ("twice_sheets", "sheet")
            place = {"sheet": row["sheet"], "row": row["row"], "column": "項目"}
            yield problem(message, item=row["item"], other=before[by], **place)

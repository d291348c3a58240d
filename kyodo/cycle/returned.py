"""One returned file into answers, or into the reasons why not: each with sheet, row, column and what to do."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kyodo.cycle.layout import Layout, find_layout, shape_problems
from kyodo.cycle.roster import Addressees
from kyodo.cycle.words import UnclearError, fold, item_key, readers
from kyodo.cycle.year import Progress
from kyodo.errors import Problem
from kyodo.fiscal import short_label
from kyodo.intake import Cell, Grids, StoppedError, read_grids, run_isolated
from kyodo.intake.grid import EMPTY
from kyodo.record.tables import PERSONS, PROGRESS, SUPPLEMENT, content_columns

_FILLED = {"answer": ("answer",), "supplement": ("supplement", "answer")}
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
        """The same with more problems."""
        return replace(self, problems=(*self.problems, *problems))

    def told(self, *notices: Problem) -> "Returned":
        """The same with more notices."""
        return replace(self, notices=(*self.notices, *notices))


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
    layouts = [(grid, find_layout(grid, progress.plan)) for grid in grids.sheets]
    asked = progress.addressees(year)
    for grid, layout in layouts:
        if layout is None:
            if grid.rows and any(each for _, each in layouts):
                notices.append(Problem("skipped", "進行管理の表がないため、読みませんでした。", sheet=grid.sheet))
            continue
        reader = _Reader(layout, progress, year, asked)
        rows[layout.kind] += list(reader.rows())
        problems += [*shape_problems(layout, progress.plan, ""), *reader.problems, *reader.missing()]
        notices += reader.notices
    if not any(layout for _, layout in layouts) and not grids.problems:
        hint = "配ったシートに記入し、.xlsx か CSV で保存して返してください。"
        problems.append(Problem("header", "進行管理シートの見出し(項目、年度、実施状況など)が見つかりません。", hint))
    problems += _twice([*rows["answer"]], "answer") + _twice([*rows["supplement"]], "supplement")
    if not problems and not any(rows.values()):
        asked_back = any(layout and layout.kind == "answer" for _, layout in layouts)
        empty = Problem("empty", "記入された項目がありません。", "記入してから返してください。" if asked_back else "")
        (problems if asked_back else notices).append(empty)  # a section that has nothing to add may say so
    return Returned(
        name,
        data,
        tuple(replace(each, file=name) for each in problems),
        tuple(replace(each, file=name) for each in notices),
        pd.DataFrame(rows["answer"], columns=[*ANSWER_COLUMNS, *_PLACE]),
        pd.DataFrame(rows["supplement"], columns=[*SUPPLEMENT_COLUMNS, *_PLACE]),
    )


class _Reader:
    """Reads the rows of one table; what is wrong or worth telling is in ``problems`` and ``notices`` afterwards."""

    def __init__(self, layout: Layout, progress: Progress, year: int, asked: Addressees) -> None:
        self.layout, self.progress, self.year, self.asked = layout, progress, year, asked
        self.problems: list[Problem] = []
        self.notices: list[Problem] = []
        self.seen: set[str] = set()
        self._readers = readers(progress.plan)
        self._declared = {row["name"]: row for row in progress.plan.sheet_columns.to_dict("records")}
        self._known = progress.year(year).set_index("item")[_PRINTED].to_dict("index")
        self._relisted = progress.plan.items.set_index("item")["relisted_of"].to_dict()
        pairs = asked.answering if layout.kind == "answer" else asked.supplementing
        self._asked: dict[str, list[str]] = pairs.groupby("item", sort=False)["section"].agg(list).to_dict()
        self.sections: set[str] = set()

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows that hold an answer, in the record's columns."""
        blank = []
        for number in self.layout.rows:
            before = len(self.problems)
            item = self._item(number)
            if item is None or not self._is_this_year(number, item):
                continue
            section = self._section(number, item)
            self._unchanged(number, item)
            found = self._filled(number)
            if len(self.problems) > before:
                continue
            if not any(value not in ("", None) for name, value in found.items() if name not in PERSONS):
                blank.append(item)
                continue
            self._sense(number, item, found)
            place = {"item": item, "fiscal_year": self.year, "sheet": self.layout.grid.sheet, "row": number}
            yield found | place | {"department": section, "section": section}
        if blank and self.layout.kind == "answer":
            self._tell(
                "blank", f"{len(blank)}項目が未記入です({'、'.join(blank[:5])}{'ほか' if len(blank) > 5 else ''})。"
            )

    def missing(self) -> Iterator[Problem]:
        """The rows of these sections that were taken out, unless their item is answered already."""
        owed = {item for item, row in self._known.items() if not row["status"] or row["sent_back"]}
        if self.layout.kind == "supplement":
            return
        due = {item for item, sections in self._asked.items() if not self.sections.isdisjoint(sections)}
        wanted = (due & owed) - self.seen
        gone = [item for item in self._known if item in wanted]
        if gone:
            hint = "配ったシートの行を残してください(答えのない項目は、空欄のままで受け取れます)。"
            yield self._problem("rows", f"項目の行がなくなっています({'、'.join(gone)})。", hint)

    # One row

    def _item(self, number: int) -> str | None:
        """The item a row is about; None, with a problem, where there is none."""
        cell = self._cell(number, "item")
        if not cell.text.strip():
            self._refuse(
                "stray", "項目のない行に記入があります。", "項目のある行に移すか、消してください。", number, "item"
            )
            return None
        item = item_key(cell.text)
        if item not in self._known:
            origin = self._relisted.get(item, "")
            why = f"再掲です({origin} で答えます)" if origin else "この計画にありません"
            self._refuse(
                "item",
                f"項目「{cell.text.strip()[:20]}」は、{why}。",
                "足した行を消すか、項目番号を直してください。",
                number,
                "item",
            )
            return None
        self.seen.add(item)
        return item

    def _is_this_year(self, number: int, item: str) -> bool:
        year = self._read(number, "fiscal_year")
        if year is None or year == self.year:
            return year is not None
        message = f"{item} は{short_label(year)}年度のシートです({short_label(self.year)}年度を受け取っています)。"
        self._refuse(
            "year", message, f"{short_label(self.year)}年度のシートに記入してください。", number, "fiscal_year"
        )
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
        which = "、".join(own) or "どの課も補足しません"
        message = f"{item} の{'回答する課' if self.layout.kind == 'answer' else '補足する課'}は「{section}」ではありません({which})。"
        self._refuse(
            "section", message, "足した行や書き換えを元に戻すか、宛先の画面で課を直してください。", number, "department"
        )
        return section

    def _unchanged(self, number: int, item: str) -> None:
        """See that what was printed on the sheet is still what was printed."""
        row = self._known[item]
        for name, printed in (("title", row["title"]), ("stage", row["stage"]), ("done_when", row["criterion"])):
            cell = self._cell(number, name)
            if name in self.layout.places and fold(cell.text) != fold(printed):
                message = f"{item} の{self._declared[name]['title']}が「{cell.text.strip()[:40]}」に変わっています(正しくは「{printed}」)。"
                self._refuse(
                    "changed", message, "元に戻してください。行がずれていないかも確かめてください。", number, name
                )

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
            if given := [
                name
                for name, value in found.items()
                if value not in ("", None) and self._declared[name]["part"] == "answer"
            ]:
                title = self._declared[given[0]]["title"]
                self._refuse(
                    "not_asked",
                    f"{item} は補足だけを尋ねています(「{title}」は回答する課が答えます)。",
                    "補足の欄に書いてください。",
                    number,
                    given[0],
                )
            return
        if not found["status"]:
            self._refuse("status", f"{item} の実施状況が空欄です。", "一覧から選んでください。", number, "status")
        self._into_item(number, item, found)
        if found["result_value"] is not None and not found["result_unit"]:
            self._tell("unit", f"{item} の実績の数に単位がありません。", number, "result_unit")
        if found["criterion_met"] == "はい" and not self._known[item]["has_criterion"]:
            self._tell(
                "criterion",
                f"{item} は、計画書の完了の目安が分かりません({self._known[item]['criterion']})。",
                number,
                "criterion_met",
            )

    def _into_item(self, number: int, item: str, found: dict[str, Any]) -> None:
        into, merges = found["into_item"], found["disposition"] == "統合"
        if merges and not into:
            self._refuse(
                "into",
                f"{item} は統合なのに、統合先がありません。",
                "統合先の項目番号を書いてください。",
                number,
                "into_item",
            )
        if into and not merges:
            self._refuse(
                "into",
                f"{item} に統合先がありますが、今後の取扱いが統合ではありません。",
                "どちらかを直してください。",
                number,
                "into_item",
            )
        if into and (into == item or into not in self._known):
            self._refuse(
                "into",
                f"統合先「{into}」は、ほかの項目の番号ではありません。",
                "I-2-3 のように、この計画の項目番号を書いてください。",
                number,
                "into_item",
            )

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
            self._refuse("cell", str(unclear), unclear.hint, number, name)
            return None
        if name == "written_on" and cell.kind == "number":
            self._tell("date", f"日付の書式が外れた数 {cell.text} を {value} として読みました。", number, name)
        return value

    def _problem(self, code: str, message: str, hint: str, number: int | None = None, name: str = "") -> Problem:
        title = self._declared[name]["title"] if name else ""
        return Problem(code, message, hint, "", self.layout.grid.sheet, number, title)

    def _refuse(self, code: str, message: str, hint: str, number: int, name: str) -> None:
        self.problems.append(self._problem(code, message, hint, number, name))

    def _tell(self, code: str, message: str, number: int | None = None, name: str = "") -> None:
        self.notices.append(self._problem(code, message, "", number, name))


def _twice(rows: list[dict[str, Any]], kind: str) -> list[Problem]:
    """Items that stand twice: in a copied sheet, or in a copied row."""
    first: dict[tuple[str, str], dict[str, Any]] = {}
    found = []
    for row in rows:
        key = (row["item"], row["section"] if kind == "supplement" else "")
        before = first.setdefault(key, row)
        if before is row:
            continue
        if before["sheet"] != row["sheet"]:
            message = f"{row['item']} が、シート「{before['sheet']}」と「{row['sheet']}」の両方にあります。シートの写しが残っていませんか。"
        else:
            message = f"{row['item']} が {before['row']}行目と {row['row']}行目の両方にあります。"
        found.append(
            Problem("twice", message, "正しいほうだけを残してください。", "", row["sheet"], row["row"], "項目")
        )
    return found

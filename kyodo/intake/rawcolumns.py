"""The columns of a raw file: the mapped questions, the weight, the year, the groups, and those about persons."""

import re
from collections.abc import Iterable, Mapping, Sequence

from kyodo.intake.codes import Findings
from kyodo.intake.grid import Grid, quoted
from kyodo.intake.headers import label_of
from kyodo.intake.mapping import GROUPS, Question, group_name
from kyodo.intake.names import key_of
from kyodo.intake.personal import is_personal
from kyodo.intake.rawhead import headers_in, is_identity

_WEIGHT = re.compile(r"ウェイト|ウエイト|重み|^weight|補正係数|拡大係数|ウエート|加重")


class RawColumns:
    """Column numbers by what they are: ``questions`` by column, ``groups`` by name, ``weight``, ``year``, ``personal``."""

    def __init__(self, grid: Grid, header_row: int, findings: Findings) -> None:
        """Take a grid with its header row; nothing is chosen yet."""
        self.grid, self.header_row, self.findings = grid, header_row, findings
        self.headers = headers_in(grid, header_row)
        sample = {
            column: [grid.cell(row, column).text for row in list(grid.below(header_row))[:50]]
            for column in self.headers
        }
        self.personal = {column for column, text in self.headers.items() if is_personal(text, sample[column])}
        self.questions: dict[int, Question] = {}
        self.groups: dict[str, int] = {}
        self.weight: int | None = None
        years = [
            column
            for column, text in self.headers.items()
            if label_of(text).role == "year" and "年" in key_of(text)[:4]
        ]
        self.year = years[0] if years else None
        self.other_years = years[1:]

    @property
    def identity(self) -> int | None:
        """The column that numbers the respondents, None without."""
        used = {*self.questions, *self.groups.values(), *self.personal, self.weight}
        return next((column for column, text in self.headers.items() if column not in used and is_identity(text)), None)

    @property
    def needed(self) -> list[int]:
        """All columns that are counted, each once."""
        return list(
            dict.fromkeys(
                [*self.questions, *self.groups.values(), *filter(None, (self.weight, self.year)), *self.other_years]
            )
        )

    def title(self, column: int | None) -> str:
        """A column's header; empty for none."""
        return self.headers.get(column, "")

    def find(self, name: str, what: str) -> int | None:
        """The one column of a header; a problem where it is missing or there twice."""
        key = key_of(name)
        found = [column for column, text in self.headers.items() if key_of(text) == key]
        place = {"row": self.header_row, "column": name, "sheet": self.grid.sheet}
        if not found:
            self.findings.refuse("header", f"{what}の列{quoted(name)}が見出しにありません。", **place)
        elif len(found) > 1:
            self.findings.refuse(
                "header", f"{what}の列{quoted(name)}が見出しに複数あります(重複)。どの列か分かりません。", **place
            )
        return found[0] if len(found) == 1 else None

    def choose(
        self, questions: Iterable[Question], weight: str | None, groups: Sequence[str] | Mapping[str, str] | None
    ) -> None:
        """Find the mapped columns; problems for those that are missing or there twice."""
        for question in questions:
            column = self.find(question.column, f"指標{question.indicator}")
            if column is not None:
                self.questions[column] = question
        if weight:
            self.weight = self.find(weight, "ウェイト(重み)")
        elif self.questions and (unused := [text for text in self.headers.values() if _WEIGHT.search(key_of(text))]):
            self.findings.tell(
                "unused_columns", f"ウェイト(重み)らしい列{quoted(unused[0])}は使っていません。", column=unused[0]
            )
        self.personal -= {*self.questions, self.weight}
        self._choose_groups(groups)
        self._tell_personal()

    def _choose_groups(self, asked: Sequence[str] | Mapping[str, str] | None) -> None:
        if asked is None:
            for column, text in self.headers.items():
                name = group_name(text)
                if name and name not in self.groups and column not in self.personal and column not in self.questions:
                    self.groups[name] = column
            self.groups = {name: self.groups[name] for name in GROUPS if name in self.groups}
            return
        pairs = dict(asked) if isinstance(asked, Mapping) else {group_name(name) or name: name for name in asked}
        for name, header in pairs.items():
            column = self.find(header, "内訳")
            if column in self.personal:
                self.findings.tell("personal", f"個人情報の列{quoted(header)}は内訳に使いません。", column=header)
            elif column is not None:
                self.groups[str(name)] = column

    def _tell_personal(self) -> None:
        if self.personal:
            names = "、".join(quoted(self.headers[column]) for column in sorted(self.personal))
            self.findings.tell(
                "personal",
                f"個人情報とみられる列({names})は読まず、保存する元ファイルからも除きます。",
                sheet=self.grid.sheet,
            )

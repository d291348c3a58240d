"""Several returned files at once: held against each other and against what stands, so that nothing is lost unseen."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import pandas as pd

from kyodo.cycle.judge import choices
from kyodo.cycle.returned import ANSWER_COLUMNS, SUPPLEMENT_COLUMNS, Returned, read_returned
from kyodo.cycle.words import fold, problem
from kyodo.cycle.year import Progress
from kyodo.errors import Problem
from kyodo.intake import Grids, read_grids
from kyodo.record.tables import PERSONS
from kyodo.rows import plain_rows

NEW, CHANGED, SAME, AGAIN = "新しい", "変わる", "同じ", "差戻しへの回答"
_KINDS = (  # of the rows: their name (also the record's), the key of what stands, the columns, whose answer it is
    ("answers", "progress", ("item",), ANSWER_COLUMNS, "department"),
    ("supplements", "supplements", ("item", "section"), SUPPLEMENT_COLUMNS, "section"),
)


@dataclass(frozen=True, eq=False)
class Drop:
    """Files returned together, each accepted or refused on its own.

    ``answers`` and ``supplements`` are the rows of the accepted files (the record's columns, and the file), ``changes``
    what they would do: item, section, how (:data:`NEW`, …), column (title), old, new, file; one row per cell that
    differs, one for an item where none does.
    """

    year: int
    files: tuple[Returned, ...]
    answers: pd.DataFrame
    supplements: pd.DataFrame
    changes: pd.DataFrame

    @property
    def accepted(self) -> bool:
        """Whether every file can be stored."""
        return all(each.accepted for each in self.files)

    @property
    def hows(self) -> pd.DataFrame:
        """Of each item and section once, how it would change: the first row each of ``changes``."""
        return self.changes.drop_duplicates(["item", "section"])

    @property
    def counts(self) -> dict[str, int]:
        """How many items are new, change, and so on, the most first."""
        return self.hows["how"].value_counts().to_dict()

    @property
    def to_keep(self) -> dict[str, Any]:
        """The arguments of :meth:`kyodo.record.Record.collect` that store what was accepted."""
        return {
            "answers": self.answers[ANSWER_COLUMNS].to_dict("records"),
            "supplements": self.supplements[SUPPLEMENT_COLUMNS].to_dict("records"),
            "files": [(each.file, each.data) for each in self.files if each.accepted],
        }

    def to_json(self) -> dict[str, Any]:
        """The form that is fixed for other programs; persons are left out."""
        return {"accepted": self.accepted, "files": [self._file_json(each) for each in self.files]}

    def _file_json(self, file: Returned) -> dict[str, Any]:
        answers = file.answers.drop(columns=[*PERSONS, "sheet"])
        return {
            "file": file.file,
            "accepted": file.accepted,
            "problems": [each.to_json() for each in file.problems],
            "notices": [each.to_json() for each in file.notices],
            "answers": plain_rows(answers) if file.accepted else [],
            "supplements": plain_rows(file.supplements.drop(columns=[*PERSONS, "sheet"])) if file.accepted else [],
        }


def read_drop(
    given: Iterable[tuple[str, bytes]],
    progress: Progress,
    year: int,
    *,
    read: Callable[[bytes, str], Grids] = read_grids,
) -> Drop:
    """Read all files (name, bytes) of a drop against what was asked in ``year`` and what stands."""
    files = [read_returned(data, name, progress, year, read=read) for name, data in given]
    files = _against_each_other(_once(files))
    answers, supplements = (_joined(files, name, key, columns) for name, _, key, columns, _ in _KINDS)
    files = _contradictions(files, progress, year, answers, supplements)
    return Drop(year, tuple(files), answers, supplements, _changes(progress, year, answers, supplements))


def _once(files: list[Returned]) -> list[Returned]:
    """The same bytes a second time say nothing more."""
    first: dict[str, str] = {}
    made = []
    for each in files:
        if (before := first.get(each.sha256)) is not None:
            each = each.told(problem("same_file", other=before))
        first.setdefault(each.sha256, each.file)
        made.append(each)
    return made


def _joined(files: list[Returned], name: str, key: Sequence[str], columns: list[str]) -> pd.DataFrame:
    """The rows of the accepted files, equal ones once."""
    frames = [getattr(each, name).assign(file=each.file) for each in files if each.accepted]
    if not frames:
        return pd.DataFrame(columns=[*columns, "sheet", "row", "file"])
    return pd.concat(frames, ignore_index=True).drop_duplicates([*key], ignore_index=True)


def _against_each_other(files: list[Returned]) -> list[Returned]:
    """Two files that answer the same item differently are both refused; alike, the second is told."""
    problems: dict[int, list[Problem]] = defaultdict(list)
    notices: dict[int, list[Problem]] = defaultdict(list)
    first: dict[tuple[str, ...], tuple[int, dict[str, Any]]] = {}
    for place, file in enumerate(files):
        for name, _, key, columns, _ in _KINDS:
            for row in getattr(file, name).to_dict("records"):
                other, before = first.setdefault((name, *(row[each] for each in key)), (place, row))
                if other == place:
                    continue
                if _differing(row, before, columns):
                    problems[place].append(_both("two_files_differ", row, files[other]))
                    problems[other].append(_both("two_files_differ", before, file))
                else:
                    notices[place].append(_both("two_files_agree", row, files[other]))
    return [file.refused(*problems[place]).told(*notices[place]) for place, file in enumerate(files)]


def _both(message: str, row: dict[str, Any], other: Returned) -> Problem:
    return problem(message, sheet=row["sheet"], row=row["row"], column="項目", item=row["item"], other=other.file)


def _contradictions(
    files: list[Returned], progress: Progress, year: int, answers: pd.DataFrame, supplements: pd.DataFrame
) -> list[Returned]:
    """Tell where a supplement names another status than the answer, of this drop or the one that stands."""
    stands = progress.year(year).set_index("item")["status"].to_dict()
    status = stands | dict(zip(answers["item"], answers["status"], strict=True))
    words = _status_words(progress)
    notices: dict[str, list[Problem]] = defaultdict(list)
    for row in supplements.to_dict("records"):
        named = {choice for word, choice in words if word in fold(row["supplement"])}
        if status.get(row["item"]) and named and status[row["item"]] not in named:
            said = {"item": row["item"], "named": "・".join(sorted(named)), "status": status[row["item"]]}
            notices[row["file"]].append(
                problem("contradicts", sheet=row["sheet"], row=row["row"], column="補足", **said)
            )
    return [each.told(*notices[each.file]) for each in files]


def _status_words(progress: Progress) -> list[tuple[str, str]]:
    """Words and symbols that name a status in a sentence, folded, with the status."""
    rows = choices(progress.plan, "status").to_dict("records")
    return [(fold(word), row["choice"]) for row in rows for word in (row["choice"], row["mark"]) if word]


def _changes(progress: Progress, year: int, answers: pd.DataFrame, supplements: pd.DataFrame) -> pd.DataFrame:
    """See :class:`Drop`."""
    titles = progress.plan.sheet_columns.set_index("name")["title"].to_dict()

    def how(item: str, old: dict[str, Any] | None, differing: list[str]) -> str:
        answered = AGAIN if sent_back[item] else SAME
        return NEW if old is None else CHANGED if differing else answered

    sent_back = progress.year(year).set_index("item")["sent_back"]
    found = []
    for rows, (_, stands, key, columns, section) in zip((answers, supplements), _KINDS, strict=True):
        kept, key_of = getattr(progress.kept, stands), itemgetter(*key)
        before = {key_of(row): row for row in kept[kept["fiscal_year"] == year].to_dict("records")}
        for row in rows.to_dict("records"):
            old = before.get(key_of(row))
            differing = _differing(row, old or row, [name for name in columns if name in titles])
            cells = [[titles[name], _shown(old[name]), _shown(row[name])] for name in differing] or [[""] * 3]
            head = [row["item"], row[section], how(row["item"], old, differing)]
            found += [[*head, *each, row["file"]] for each in cells]
    return pd.DataFrame(found, columns=["item", "section", "how", "column", "old", "new", "file"])


def _differing(one: dict[str, Any], other: dict[str, Any], columns: Iterable[str]) -> list[str]:
    """The columns in which two rows differ; blanks of any kind are alike."""
    return [name for name in columns if _compared(one[name]) != _compared(other[name])]


def _compared(value: Any) -> Any:
    return None if _is_blank(value) else value


def _is_blank(value: Any) -> bool:
    return value is None or value == "" or bool(pd.isna(value))


def _shown(value: Any) -> str:
    return "" if _is_blank(value) else f"{value:g}" if isinstance(value, float) else str(value)

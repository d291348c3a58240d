"""What stands on each section's sheet of a year: known cells filled in, the others left to fill."""

from dataclasses import dataclass

import pandas as pd

from kyodo.cycle import judge, tallies
from kyodo.cycle.year import Progress
from kyodo.errors import KyodoError
from kyodo.fiscal import short_label
from kyodo.items import past_table
from kyodo.record.tables import PERSONS
from kyodo.wording import listed

PARTS = {"answer": ("known", "told", "answer", "person"), "supplement": ("known", "supplement", "person")}
TITLES = {"answer": "進行管理", "supplement": "補足"}  # of the two kinds of sheets


@dataclass(frozen=True, eq=False)
class Sheet:
    """One section's sheets of a year: frames with the columns of :func:`columns`, texts and numbers as they are shown.

    ``answers`` holds the items it answers for, ``supplements`` those it only adds to; either may be empty.
    """

    section: str
    year: int
    answers: pd.DataFrame
    supplements: pd.DataFrame

    @property
    def parts(self) -> dict[str, pd.DataFrame]:
        """The kinds of sheets (``answer``, ``supplement``) that hold an item, with their rows."""
        rows = {"answer": self.answers, "supplement": self.supplements}
        return {kind: each for kind, each in rows.items() if len(each)}


def columns(progress: Progress, kind: str) -> pd.DataFrame:
    """The declared columns of a sheet (``answer`` or ``supplement``), in order: the table ``sheet_columns``."""
    declared = progress.plan.sheet_columns
    return declared[declared["part"].isin(PARTS[kind])].reset_index(drop=True)


def build_sheets(progress: Progress, year: int, *, only_missing: bool = False) -> list[Sheet]:
    """Every section's sheets; what was answered stands on them already, so nothing is asked twice.

    ``only_missing``: only the items that were not answered or were sent back (a section that owes nothing gets none).

    Raises:
        KyodoError: the plan has no such year, or an item has no answering section.
    """
    if year not in progress.plan.years:
        raise KyodoError(f"{short_label(year)}年度の年次計画はありません。")
    asked = progress.addressees(year)
    if asked.without:
        names = listed(asked.without, 5, unit="項目")
        raise KyodoError(f"回答する課が決まっていない項目があるため、配れません({names})。宛先の画面で決めてください。")
    rows = _filled(progress, year)
    pairs = asked.answering[["item", "section"]].rename(columns={"section": "asked"})
    answers = pairs.merge(rows, on="item").assign(department=lambda frame: frame["asked"])
    extra = _supplements(progress, year, rows, asked.supplementing)
    if only_missing:
        answers, extra = tallies.owed(answers), extra.iloc[:0]

    def own(name: str, rows: pd.DataFrame, kind: str) -> pd.DataFrame:
        return rows.loc[rows["asked"] == name, columns(progress, kind)["name"].tolist()].reset_index(drop=True)

    made = (Sheet(name, year, own(name, answers, "answer"), own(name, extra, "supplement")) for name in asked.names)
    return [sheet for sheet in made if sheet.parts]


def _filled(progress: Progress, year: int) -> pd.DataFrame:
    """One year's items with every column of a sheet filled in as far as it is known."""
    rows = progress.year(year)
    persons = progress.kept.progress[["item", "fiscal_year", *PERSONS]]
    rows = rows.merge(persons, on=["item", "fiscal_year"], how="left").fillna(dict.fromkeys(PERSONS, ""))
    said = _said(progress)
    before = _before(progress, year)
    return rows.assign(
        status=rows["marked"],
        fiscal_year=short_label(year),
        done_when=rows["criterion"],
        before=[before.get(item, "") for item in rows["item"]],
        said=[
            "\n".join(said.get(item, []) + said.get(policy, []))
            for item, policy in zip(rows["item"], rows["policy"], strict=True)
        ],
    )


def _supplements(progress: Progress, year: int, rows: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """The items each section adds to, with what it has added."""
    known = progress.kept.supplements
    known = known[known["fiscal_year"] == year][["item", "section", "supplement", *PERSONS]]
    asked = pairs.merge(rows.drop(columns=list(PERSONS)), on="item", suffixes=("", "_answering"))
    asked = asked.merge(known, on=["item", "section"], how="left").fillna(dict.fromkeys(("supplement", *PERSONS), ""))
    return asked.assign(asked=asked["section"], department=asked["section"])


_FOUR = {"marked": "実施状況", "result": "実績", "issue": "課題", "next_step": "取組"}


def _before(progress: Progress, year: int) -> dict[str, str]:
    """Item → its answers of the year before, in words; in the plan's first year what became of its former items."""
    rows = progress.year(year - 1)
    if not rows.empty:
        answered = rows[rows["status"] != ""].to_dict("records")
        return {
            row["item"]: "\n".join(f"{word}: {row[name]}" for name, word in _FOUR.items() if row[name])
            for row in answered
        }
    former = past_table(progress.plan).explode("items").dropna(subset="items")
    told = former["mark"] + former["status"] + "(" + former["disposition"] + ")"
    return ("前期: " + told).groupby(former["items"]).agg(lambda each: "\n".join(dict.fromkeys(each))).to_dict()


def _said(progress: Progress) -> dict[str, list[str]]:
    """Item or policy → what the committee said of it and is not dealt with, newest meeting last."""
    rows = progress.opinions[progress.opinions["is_open"]]
    found: dict[str, list[str]] = {}
    for row in rows.to_dict("records"):
        meeting = f"{row['meeting_text']}: " if row["meeting_text"] else ""
        answer = f"(対応方針: {row['response']})" if row["response"] else ""
        found.setdefault(row["about"], []).append(f"{meeting}{row['text']}{answer}")
    return found


def choices_of(progress: Progress, name: str) -> list[str]:
    """What a drop-down of that list offers: symbol and word."""
    return list(judge.marked(progress.plan, name).values())

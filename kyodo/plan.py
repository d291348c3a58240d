"""The plan as tables: declared once in ``data/datapackage.json``, checked as they load.

>>> plan = load_plan()
>>> plan.indicators["short_name"].iloc[0], len(plan.items), plan.years
('地域活動への参加', 46, (2013, 2014, 2015, 2016, 2017))
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from kyodo.errors import Problem, ProblemsError
from kyodo.schema import Package, Table, parse_table, read_package, reference_problems

GOES_ON = "→"


@dataclass(frozen=True, eq=False)
class Plan:
    """The plan's tables as DataFrames, each with the columns its declaration names.

    ``values`` is the table ``indicator_values`` (baseline, actual, targets as printed); ``progress`` and
    ``opinions`` are empty here, as the plan prints none; ``roster`` and ``answering`` are what the record starts from.
    """

    package: Package
    indicators: pd.DataFrame
    values: pd.DataFrame
    policies: pd.DataFrame
    measures: pd.DataFrame
    items: pd.DataFrame
    item_departments: pd.DataFrame
    item_actors: pd.DataFrame
    item_schedule: pd.DataFrame
    past_policies: pd.DataFrame
    past_measures: pd.DataFrame
    past_items: pd.DataFrame
    past_relistings: pd.DataFrame
    past_tally: pd.DataFrame
    lineage: pd.DataFrame
    phases: pd.DataFrame
    terms: pd.DataFrame
    progress: pd.DataFrame
    opinions: pd.DataFrame
    roster: pd.DataFrame
    answering: pd.DataFrame
    stages: pd.DataFrame
    choices: pd.DataFrame
    sheet_columns: pd.DataFrame
    indicator_items: pd.DataFrame
    questionnaires: pd.DataFrame

    @cached_property
    def title(self) -> str:
        """The plan's name."""
        return self.package.descriptor["title"]

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The fiscal years of the action items' schedule."""
        facts = self.package.descriptor["plan"]
        return tuple(range(facts["first_fiscal_year"], facts["last_fiscal_year"] + 1))

    def allowed(self, table: str, column: str) -> tuple[str, ...]:
        """The values that may stand in a column, in the declaration's order."""
        return self.package.tables[table].column(column).allowed

    @cached_property
    def actors(self) -> tuple[str, ...]:
        """Whom an item may address."""
        return self.allowed("item_actors", "actor")

    @cached_property
    def stage_names(self) -> tuple[str, ...]:
        """The stages of the schedule, the furthest last."""
        return tuple(self.stages.sort_values("rank")["stage"])

    @cached_property
    def policy_titles(self) -> dict[str, str]:
        """Policy → its title."""
        return dict(zip(self.policies["policy"], self.policies["title"], strict=True))

    @cached_property
    def policy_names(self) -> dict[str, str]:
        """Policy → its key and title (「I 市民の…」)."""
        return {policy: f"{policy} {title}" for policy, title in self.policy_titles.items()}

    @cached_property
    def measure_names(self) -> dict[str, str]:
        """Policy and measure (``I-2``) → both and the measure's title."""
        keys = [f"{row['policy']}-{row['measure']}" for row in self.measures.to_dict("records")]
        return {key: f"{key} {title}" for key, title in zip(keys, self.measures["title"], strict=True)}

    @cached_property
    def statuses(self) -> dict[str, str]:
        """What may be reported of an item → its symbol, the furthest first."""
        rows = self.choices[self.choices["list"] == "status"]
        return dict(zip(rows["choice"], rows["mark"], strict=True))

    @property
    def judgement(self) -> Mapping[str, float]:
        """The cut-offs of the verdicts, as the data package sets them."""
        return self.package.descriptor["plan"]["judgement"]

    def tables(self) -> Iterator[tuple[Table, pd.DataFrame]]:
        """Each declared table with its frame, in the declaration's order."""
        for name, table in self.package.tables.items():
            yield table, getattr(self, "values" if name == "indicator_values" else name)


def default_folder() -> Path:
    """Where the plan's tables are: ``KYODO_DATA``, else ``data/`` beside the package."""
    return Path(os.environ.get("KYODO_DATA") or Path(__file__).parents[1] / "data")


def load_plan(folder: str | Path | None = None) -> Plan:
    """Read and check every declared table.

    Raises:
        ProblemsError: with every fault found, each with file, row and column.
        KyodoError: where the declaration itself is missing or unreadable.
    """
    folder = Path(folder) if folder is not None else default_folder()
    package = read_package(folder / "datapackage.json")
    frames: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name, table in package.tables.items():
        frames[name], faults = _read(folder, table)
        problems += faults
    if not problems:
        problems = [*reference_problems(frames, package.tables.values()), *_sense_problems(frames, package)]
    if problems:
        raise ProblemsError(problems)
    return Plan(package, values=frames.pop("indicator_values"), **frames)


def _read(folder: Path, table: Table) -> tuple[pd.DataFrame, list[Problem]]:
    """One table's file; a table without a file of its own starts empty."""
    if not table.path:
        return table.empty(), []
    try:
        data = (folder / table.path).read_bytes()
    except FileNotFoundError:
        hint = f"{folder} に置いてください。"
        return table.empty(), [Problem("missing", "ファイルがありません。", hint, table.path)]
    return parse_table(data, table)


def _sense_problems(frames: Mapping[str, pd.DataFrame], package: Package) -> Iterator[Problem]:
    """What a column's declaration cannot say: one baseline an indicator, a key that repeats its parts, a full schedule."""
    values, items = frames["indicator_values"], frames["items"]
    for indicator in frames["indicators"]["indicator"]:
        baselines = ((values["indicator"] == indicator) & (values["kind"] == "baseline")).sum()
        if baselines != 1:
            message = f"指標{indicator}の基準値(baseline)が {baselines} 行あります。"
            yield Problem("baseline", message, "1行にしてください。", "indicator_values.csv", column="kind")
    yield from _falling_targets(values)
    parts = items["policy"] + "-" + items["measure"].astype("str") + "-" + items["number"].astype("str")
    for row in items.index[parts != items["item"]]:
        message = f"項目番号 {items['item'][row]} が推進方針・推進施策・番号({parts[row]})と合いません。"
        yield Problem("item_key", message, "どちらかを直してください。", "items.csv", row=row + 2, column="item")
    for row in items.to_dict("records"):
        if there := [name for name in row["lost"].split() if row[name]]:
            message = f"{row['item']} の {'、'.join(there)} は、失われた欄なのに書かれています。"
            yield Problem("lost", message, "どちらかを直してください。", "items.csv", column="lost")
    for name in ("item_departments", "item_actors"):
        for item in items.loc[~items["item"].isin(frames[name]["item"]), "item"]:
            yield Problem("uncovered", f"{item} の行がありません。", "1行以上必要です。", f"{name}.csv", column="item")
    yield from _schedule_problems(frames, package)


def _falling_targets(values: pd.DataFrame) -> Iterator[Problem]:
    """Targets below the baseline or below the target before: every verdict here takes more for better."""
    aims = values[values["kind"] != "actual"].sort_values(["indicator", "fiscal_year"])
    before = aims.groupby("indicator")["value"].cummax()
    for row in aims.index[(aims["kind"] == "target") & (aims["value"] < before)]:
        message = f"指標{aims['indicator'][row]}の目標値 {aims['value'][row]:g} が、基準値か前の目標値を下回ります。"
        hint = "下がることを目指す目標は扱えません。値を確かめてください。"
        yield Problem("falling_target", message, hint, "indicator_values.csv", row=row + 2, column="value")


def _schedule_problems(frames: Mapping[str, pd.DataFrame], package: Package) -> Iterator[Problem]:
    """Every item has every year once, and the stage is what the printed marks say."""
    schedule, facts = frames["item_schedule"], package.descriptor["plan"]
    years = set(range(facts["first_fiscal_year"], facts["last_fiscal_year"] + 1))
    found: dict[str, set[int]] = {item: set() for item in frames["items"]["item"]}
    for item, year in zip(schedule["item"], schedule["fiscal_year"], strict=True):
        found.get(item, set()).add(year)  # an unknown item is told by the references
    for item, own in found.items():
        if missing := years ^ own:
            message = f"{item} の年次計画の年度が計画期間と合いません({'、'.join(map(str, sorted(missing)))})。"
            yield Problem(
                "schedule", message, "年度ごとに1行にしてください。", "item_schedule.csv", column="fiscal_year"
            )
    ordered = schedule.sort_values(["item", "fiscal_year"])
    resolved = resolve_stages(ordered["printed"], ordered["item"])
    for row in ordered.index[ordered["stage"] != resolved]:
        printed, stage = schedule["printed"][row], schedule["stage"][row]
        message = f"段階「{stage}」は印刷「{printed}」の読み替え「{resolved[row]}」と合いません。"
        yield Problem("stage", message, "どちらかを直してください。", "item_schedule.csv", row=row + 2, column="stage")


def resolve_stages(printed: pd.Series, items: pd.Series) -> pd.Series:
    """The stage in force in each year: → carries the item's stage before it on, a blank year has none.

    ``printed`` and ``items`` are columns of the schedule, each item's years in order.
    """
    return printed.mask(printed.eq(GOES_ON)).groupby(items).ffill()

"""Everything one meeting sees, as of a moment: one frozen value that page, deck, workbook and JSON all draw."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

import pandas as pd

from kyodo.aims import last_targets, next_targets
from kyodo.cycle import judge
from kyodo.cycle.year import Kept, Progress, build_progress, kept_of
from kyodo.findings import Finding, attention, headline, indicator_names
from kyodo.fiscal import fiscal_year_of, in_japan
from kyodo.forecast import add_forecast
from kyodo.items import counted, item_table, planned_short, planned_stages
from kyodo.leads import planned_finding
from kyodo.measured import changes_since, observations
from kyodo.plan import Plan
from kyodo.readable import assessed
from kyodo.rows import Row, grouped, plain, rows_by
from kyodo.surveys import complete_sentence, missing_sentences, missing_years
from kyodo.verdicts import Cutoffs, assess

_TARGET_KEYS = (
    "state", "overdue", "actual_year", "actual", "gap", "attainment", "improvement", "elapsed", "pace", "pace_so_far",
    "pace_lately", "pace_needed", "projection", "forecast", "forecast_low", "forecast_high", "likelihood", "verdict", "tested", "against_target", "later_year", "later", "later_reaches",
)  # fmt: skip


REMARKS = ("要因", "課題", "今後の方向")  # what a committee is told besides the numbers, in this order


@dataclass(frozen=True, eq=False)
class Brief:
    """One state of the record, judged.

    ``known`` are all values (:func:`kyodo.measured.observations`), ``targets`` one assessed row per indicator and
    target, ``breakdown`` the shares by group of raw surveys, ``stages`` items by policy and stage in ``stage_year``.
    What follows from these is made when first asked for, and once.
    """

    plan: Plan
    as_of: dt.datetime | None
    revision: int
    changed_at: dt.datetime | None
    cutoffs: Cutoffs
    known: pd.DataFrame
    targets: pd.DataFrame
    breakdown: pd.DataFrame
    table: pd.DataFrame
    stage_year: int
    stages: pd.DataFrame
    missing: tuple[Finding, ...]
    complete: str
    remarks: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["indicator", "heading", "text"]))
    kept: Kept | None = None

    @cached_property
    def labels(self) -> dict[int, str]:
        """Each indicator's number and short name (「①地域活動への参加」) by its number."""
        return indicator_names(self.plan.indicators)

    @cached_property
    def rows(self) -> dict[int, list[dict[str, Any]]]:
        """The assessed rows by indicator as plain rows, nearest target first: what sentences are made of."""
        return rows_by(self.targets, "indicator")

    @cached_property
    def values(self) -> dict[int, list[dict[str, Any]]]:
        """The known values by indicator as plain rows: baseline, actuals, targets, each oldest first."""
        return rows_by(self.known, "indicator")

    @cached_property
    def upcoming(self) -> pd.DataFrame:
        """The row of each indicator's next target."""
        return next_targets(self.targets)

    @cached_property
    def past(self) -> pd.DataFrame:
        """The row of the target before the next one."""
        return last_targets(self.targets)

    @cached_property
    def latest(self) -> pd.DataFrame:
        """The newest actual against the survey before it."""
        return changes_since(self.known)

    @cached_property
    def headline(self) -> str:
        """The finding of the whole."""
        return headline(self._every_row)

    @cached_property
    def attention(self) -> tuple[Finding, ...]:
        """Which indicators need attention, gravest first."""
        return attention(self._every_row, self.labels)

    @property
    def _every_row(self) -> Iterator[dict[str, Any]]:
        return chain.from_iterable(self.rows.values())

    @cached_property
    def texts(self) -> pd.DataFrame:
        """The assessed rows with their numbers in words (:func:`kyodo.readable.assessed`)."""
        return assessed(self.targets, self.plan.indicators)

    @cached_property
    def printed(self) -> pd.DataFrame:
        """The targets as they stand at the same moment by the printed values alone: what a first meeting compares with."""
        recorded = self.known[["indicator", "fiscal_year", "value", "n", "n_effective"]].iloc[:0]
        return assess(observations(self.plan.values, recorded), self.cutoffs, today=_year_of(self.as_of))

    @cached_property
    def planned_short(self) -> pd.DataFrame:
        """The items whose schedule ends before 実施."""
        return planned_short(self.table, self.plan)

    @cached_property
    def planned(self) -> Finding:
        """The same as a sentence."""
        return planned_finding(self.planned_short, self.plan.years[-1])

    @cached_property
    def progress(self) -> Progress:
        """The items' years, judged."""
        return build_progress(self.plan, self.kept)

    @cached_property
    def newest(self) -> pd.DataFrame:
        """The items of the newest year with an answer, of the policies in ``table``; none before the first."""
        progress = self.progress
        rows = progress.year(progress.latest) if progress.latest else progress.rows.iloc[:0]
        return rows[rows["item"].isin(counted(self.table)["item"])]

    @cached_property
    def late(self) -> pd.DataFrame:
        """Those of them that are behind their plan."""
        return self.newest[self.newest["against_plan"] == judge.LATE]

    @cached_property
    def survey_years(self) -> tuple[int, ...]:
        """The fiscal years a value was measured in, oldest first: the 時点 of the data."""
        return tuple(
            sorted(int(year) for year in self.known.loc[self.known["kind"] != "target", "fiscal_year"].unique())
        )

    def indicator(self, indicator: int) -> pd.DataFrame:
        """All assessed rows of one indicator, nearest target first."""
        return self.targets.iloc[self._target_places.get(indicator, slice(0))]

    def values_of(self, indicator: int) -> pd.DataFrame:
        """All known values of one indicator: baseline, actuals, targets."""
        return self.known.iloc[self._known_places.get(indicator, slice(0))]

    @cached_property
    def _target_places(self) -> dict[int, slice]:
        return _places(self.targets)

    @cached_property
    def _known_places(self) -> dict[int, slice]:
        return _places(self.known)

    def remark(self, indicator: int) -> dict[str, str]:
        """What was entered about one indicator: heading → text."""
        return {row["heading"]: row["text"] for row in self._remarked.get(indicator, [])}

    @cached_property
    def _remarked(self) -> dict[int, list[dict[str, Any]]]:
        return rows_by(self.remarks, "indicator")

    def supposing(self, indicator: int, targets: Mapping[int, float]) -> pd.DataFrame:
        """The assessed rows of one indicator if its targets (year → value) were these; nothing is kept."""
        known = self.values_of(indicator)
        supposed = known["fiscal_year"].map(targets).where(known["kind"] == "target").astype("float64")
        known = known.assign(value=supposed.fillna(known["value"]))
        return add_forecast(assess(known, self.cutoffs, today=_year_of(self.as_of)), known)

    def to_json(self) -> dict[str, Any]:
        """Every number and verdict as JSON values; undefined is null. The form is fixed for other programs."""
        return {
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "revision": self.revision,
            "changed_at": self.changed_at.isoformat() if self.changed_at else None,
            "headline": self.headline,
            "attention": [finding.text for finding in self.attention],
            "missing": [finding.text for finding in self.missing],
            "indicators": [self._indicator_json(row) for row in self.plan.indicators.to_dict("records")],
            "items": {
                "fiscal_year": self.stage_year,
                "count": int(self.stages.to_numpy().sum()),
                "by_policy": {
                    policy: {stage: int(count) for stage, count in row.items()}
                    for policy, row in self.stages.iterrows()
                },
                "planned_short": self.planned_short.to_dict("records"),
            },
            "progress": self.progress.to_json(),
        }

    def _indicator_json(self, indicator: dict[str, Any]) -> dict[str, Any]:
        number = indicator["indicator"]
        newest = {row["kind"]: row for row in self.values.get(number, [])}
        return {
            "indicator": number,
            "name": indicator["name"],
            "baseline": _survey_json(newest.get("baseline"), ("fiscal_year", "value", "n")),
            "actual": _survey_json(newest.get("actual"), ("fiscal_year", "value", "n", "low", "high")),
            "targets": [
                {"fiscal_year": row["target_year"], "value": row["target"]}
                | {key: _known(row[key]) for key in _TARGET_KEYS}
                for row in self.rows.get(number, [])
            ],
        }


def _places(frame: pd.DataFrame) -> dict[int, slice]:
    """Where the rows of each indicator stand in a frame sorted by it."""
    places = grouped(frame["indicator"].tolist(), range(len(frame)))
    return {indicator: slice(own[0], own[-1] + 1) for indicator, own in places.items()}


def _survey_json(survey: Row | None, keys: tuple[str, ...]) -> dict[str, Any] | None:
    """The figures of a survey's row; null where there is none."""
    return survey and {key: plain(survey[key]) for key in keys}


def _known(value: Any) -> Any:
    """A judgement as JSON: what was not judged is null, not a blank word."""
    return None if isinstance(value, str) and not value else plain(value)


def _year_of(moment: dt.datetime | None) -> int | None:
    """The fiscal year of a moment."""
    return None if moment is None else fiscal_year_of(in_japan(moment).date())


def _in_order(breakdown: pd.DataFrame) -> pd.DataFrame:
    """Groups as they came, in each the categories with a number (ages) by it and before the others, which stay."""
    first = breakdown["category"].str.extract(r"(\d+)")[0].astype("float64")
    below = ~breakdown["category"].str.contains("未満|以下")
    place = breakdown.groupby(["indicator", "fiscal_year"])["group"].transform(lambda group: pd.factorize(group)[0])
    keyed = breakdown.assign(_place=place, _first=first, _below=below)
    order = ["indicator", "fiscal_year", "_place", "_first", "_below"]
    return keyed.sort_values(order, kind="stable", ignore_index=True)[breakdown.columns]


def build_brief(
    plan: Plan,
    values: pd.DataFrame,
    *,
    as_of: dt.datetime | None = None,
    revision: int = 0,
    changed_at: dt.datetime | None = None,
    breakdown: pd.DataFrame | None = None,
    remarks: pd.DataFrame | None = None,
    kept: Kept | None = None,
) -> Brief:
    """Judge one state of the record.

    ``values`` are the registered actuals (indicator, fiscal_year, value, n, n_effective). ``as_of`` is the moment the
    brief speaks of; it decides which surveys count as missing and which year of the schedule is shown. Without it
    nothing is reported missing and the schedule's last year is shown.
    """
    cutoffs, today = Cutoffs(**plan.judgement), _year_of(as_of)
    known, table = observations(plan.values, values), item_table(plan)
    stage_year = plan.years[-1] if today is None else min(max(today, plan.years[0]), plan.years[-1])
    missing = {} if today is None else missing_years(known, plan, today)
    return Brief(
        plan=plan,
        as_of=as_of,
        revision=revision,
        changed_at=changed_at,
        cutoffs=cutoffs,
        known=known,
        targets=add_forecast(assess(known, cutoffs, today=today), known),
        breakdown=pd.DataFrame() if breakdown is None else _in_order(breakdown),
        table=table,
        stage_year=stage_year,
        stages=planned_stages(plan, stage_year),
        missing=tuple(Finding(text, "register") for text in missing_sentences(missing)),
        complete=complete_sentence(plan, today),
        kept=kept,
        **({} if remarks is None else {"remarks": remarks}),
    )


def brief_of(
    plan: Plan,
    record: Any,
    *,
    now: dt.datetime,
    as_of: dt.datetime | int | None = None,
    moment: dt.datetime | None = None,
    kept: Kept | None = None,
) -> Brief:
    """The brief of a record (:class:`kyodo.record.Record`) now, at a past moment, or at a past revision.

    A past revision speaks of the moment it was made, or of ``moment``: the one it was given a name at. All of it is read
    at one revision, so that a submission made meanwhile is in none of it; ``kept`` is what is held of the plan's year at
    that revision, where it is known already.
    """
    history = record.history(as_of=as_of)
    revision = 0 if history.empty else int(history["revision"].iloc[0])
    changed_at = None if history.empty else history["at"].iloc[0].to_pydatetime()
    moment = moment or (now if as_of is None else (changed_at or now) if isinstance(as_of, int) else as_of)
    return build_brief(
        plan,
        record.values(as_of=revision),
        as_of=moment,
        revision=revision,
        changed_at=changed_at,
        breakdown=record.breakdown(as_of=revision),
        remarks=record.remarks(as_of=revision),
        kept=kept or kept_of(record, revision),
    )

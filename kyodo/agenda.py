"""What a meeting looks at, slide by slide: which findings, in which order, on which pages.

The screen of a meeting and its handout place the same slides, so that "page 7" is the same page on both.
"""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import pandas as pd

from kyodo import changes, findings, groups, leads, readable, surveys, titles
from kyodo.brief import Brief, as_printed
from kyodo.fiscal import fiscal_year_of, in_japan, short_label
from kyodo.plan import Plan
from kyodo.verdicts import VERDICTS
from kyodo.wording import width

PARTS = {
    "criteria": "判定のしかた",
    "overview": "成果指標の一覧",
    "indicators": "成果指標ごと",
    "breakdown": "区分ごとの内訳",
    "policies": "推進方針ごとの項目",
    "planned": "計画の最終年度に実施に至らない項目",
    "items": "推進項目の一覧",
    "changes": "前回からの変更点",
    "terms": "用語・計算・出典",
}
LINES = 19  # lines of a table that fit on a slide, in print and on a projector alike
_ROW = 0.3  # the room around a row, in lines
_EXPLAINED = ("gap", "attainment", "improvement", "elapsed", "pace", "interval")


@dataclass(frozen=True, slots=True)
class Meeting:
    """Which meeting the slides are for. ``number`` is the 回 (blank: none), ``document`` the 資料番号."""

    committee: str = "協働のまちづくり推進委員会"
    number: int | None = None
    date: dt.date | None = None
    document: str = ""

    @property
    def title(self) -> str:
        """``第3回協働のまちづくり推進委員会``."""
        return f"第{self.number}回{self.committee}" if self.number else self.committee

    @property
    def date_text(self) -> str:
        """``2014年5月12日(H26年度)``; blank without a date."""
        if self.date is None:
            return ""
        day = self.date
        return f"{day.year}年{day.month}月{day.day}日({short_label(fiscal_year_of(day))}年度)"


_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


def parse_day(text: str) -> dt.date:
    """A day as people write it: ``2014-05-12``, ``2014/5/12``, ``２０１４年５月１２日``.

    Raises:
        ValueError: with a Japanese message, where it is no day.
    """
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        return dt.date(*map(int, found.groups()))
    except (AttributeError, ValueError):
        raise ValueError(f"開催日「{text}」を読み取れません。2014-05-12 のように書いてください。") from None


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the brief is shown; None stands for all of it. ``parts`` are keys of :data:`PARTS`."""

    indicators: tuple[int, ...] | None = None
    policies: tuple[str, ...] | None = None
    parts: tuple[str, ...] | None = None

    def shows(self, part: str) -> bool:
        """Whether a part is wanted."""
        return self.parts is None or part in self.parts


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a listing: where it comes from, its title, its width in full-width characters, its side."""

    name: str
    title: str
    width: float
    right: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """Rows of texts with the columns that are shown of them."""

    rows: pd.DataFrame
    fields: tuple[Field, ...]

    def texts(self) -> Iterator[list[str]]:
        """The cells of each row as texts; missing is blank, lists are joined by ・."""
        for row in self.rows[[field.name for field in self.fields]].itertuples(index=False, name=None):
            yield [_text(value) for value in row]

    def lines(self) -> list[int]:
        """How many lines each row takes."""
        return [
            max(math.ceil(width(text) / field.width) or 1 for text, field in zip(row, self.fields, strict=True))
            for row in self.texts()
        ]

    def pages(self, lines: float = LINES) -> list["Listing"]:
        """The same in pieces that fit; one empty piece where there is no row."""
        starts, used = [0], 0.0
        for place, height in enumerate(self.lines()):
            if used and used + height + _ROW > lines:
                starts, used = [*starts, place], 0.0
            used += height + _ROW
        ends = [*starts[1:], len(self.rows)]
        return [replace(self, rows=self.rows.iloc[first:last]) for first, last in zip(starts, ends, strict=True)]


def _text(value: object) -> str:
    if isinstance(value, list):
        return "・".join(map(str, value))
    return "" if pd.isna(value) else str(value)


@dataclass(frozen=True, slots=True, eq=False)
class Slide:
    """One finding: ``part`` says how it is drawn, ``title`` is the sentence, ``spoken`` what is said with it."""

    part: str
    title: str
    spoken: str
    indicator: int | None = None
    listings: tuple[Listing, ...] = ()
    page: int = 1
    pages: int = 1

    @property
    def heading(self) -> str:
        """The title, with the page where the finding takes more than one."""
        return self.title if self.pages == 1 else f"{self.title}({self.page}/{self.pages})"


DISTANCE = (
    Field("target_label", "目標", 4.6), Field("target_text", "目標値", 4.5, True), Field("actual_text", "実績値", 8, True),
    Field("gap_text", "差", 4, True), Field("attainment_text", "到達率", 4.5, True), Field("improvement_text", "改善幅率", 5.4, True),
    Field("mark", "判定", 6),
)  # fmt: skip
PACE = (
    Field("target_label", "目標", 4.6), Field("pace_so_far_text", "これまで", 5, True), Field("pace_needed_text", "必要", 5, True),
    Field("pace_text", "ペース比", 5, True), Field("projection_text", "直線で延ばすと", 7, True),
)  # fmt: skip


def chosen(brief: Brief, choice: Choice) -> Brief:
    """The brief narrowed to the indicators and policies chosen, with the sentences that follow from what is left."""
    if choice.indicators is None and choice.policies is None:
        return brief
    policies = choice.policies
    targets, plan = _only(brief.targets, "indicator", choice.indicators), brief.plan
    table = _only(brief.table, "policy", policies)
    short = _only(brief.planned_short, "item", None if policies is None else tuple(table["item"]))
    return replace(
        brief,
        plan=replace(plan, indicators=_only(plan.indicators, "indicator", choice.indicators)),
        known=_only(brief.known, "indicator", choice.indicators),
        targets=targets,
        upcoming=_only(brief.upcoming, "indicator", choice.indicators),
        past=_only(brief.past, "indicator", choice.indicators),
        latest=_only(brief.latest, "indicator", choice.indicators),
        breakdown=_only(brief.breakdown, "indicator", choice.indicators),
        table=table,
        stages=brief.stages if policies is None else brief.stages[brief.stages.index.isin(policies)],
        planned_short=short,
        planned=leads.planned_finding(short, plan.years[-1]),
        headline=findings.headline(targets),
        attention=findings.attention(targets, plan.indicators),
    )


def _only(frame: pd.DataFrame, column: str, values: Collection | None) -> pd.DataFrame:
    return frame if values is None or frame.empty else frame[frame[column].isin(values)]


def agenda(
    brief: Brief, *, choice: Choice | None = None, before: Brief | None = None, since: str = ""
) -> tuple[Slide, ...]:
    """The slides of a meeting, the cover first. What changed is compared on the whole brief and narrowed then.

    ``before`` is the brief of the meeting before, ``since`` that moment's name; without them the changes are those
    since the plan's printed values, and left out where nothing was registered (unless they are asked for).
    """
    choice = choice or Choice()
    shown = chosen(brief, choice)
    makers = {
        "criteria": lambda: _criteria(shown),
        "overview": lambda: _overview(shown),
        "indicators": lambda: [_indicator(shown, int(number)) for number in shown.upcoming["indicator"]],
        "breakdown": lambda: _breakdowns(shown),
        "policies": lambda: _policies(shown),
        "planned": lambda: _planned(shown),
        "items": lambda: _items(shown),
        "changes": lambda: _changes(brief, choice, before, since),
        "terms": lambda: _terms(shown.plan),
    }
    slides = [_cover(shown)]
    for part, make in makers.items():
        if choice.shows(part):
            slides += make()
    return tuple(slides)


def source(brief: Brief) -> str:
    """The line at the foot of every slide, sheet and image: when it was measured and where it comes from."""
    return surveys.source_sentence(brief.survey_years, brief.revision, bool(brief.known["registered"].any()))


def moment(brief: Brief) -> str:
    """更新日 in words: when the data last changed."""
    if brief.changed_at is None:
        return "登録はまだありません(計画書の値のみ)"
    at = in_japan(brief.changed_at)
    return f"{at.year}年{at.month}月{at.day}日(登録番号{brief.revision}まで)"


def _cover(brief: Brief) -> Slide:
    return Slide(
        "cover", brief.plan.title, f"{brief.plan.title}の成果指標と推進項目の進み具合を報告します。{brief.headline}"
    )


def _paged(part: str, title: str, spoken: str, listing: Listing, lines: float = LINES) -> list[Slide]:
    """One slide per page of a listing."""
    pages = listing.pages(lines)
    return [
        Slide(part, title, spoken, listings=(each,), page=place, pages=len(pages))
        for place, each in enumerate(pages, start=1)
    ]


def _criteria(brief: Brief) -> list[Slide]:
    terms = brief.plan.terms[brief.plan.terms["name"].isin(_EXPLAINED)]
    listings = (
        Listing(
            readable.rules(brief.cutoffs),
            (Field("mark", "判定", 7), Field("when", "判定の規則(上から順に当てはめる)", 25)),
        ),
        Listing(terms, (Field("term", "言葉", 7), Field("meaning", "意味", 17), Field("formula", "計算", 11))),
    )
    title = "結果は目標の年度の調査で決まり、見通しは最新の調査から判定します。"
    return [Slide("criteria", title, findings.judged_by(brief.cutoffs), listings=listings)]


def _overview(brief: Brief) -> list[Slide]:
    rows = readable.assessed(brief.upcoming, brief.plan.indicators)
    results = dict(zip(brief.past["indicator"], brief.past["verdict"], strict=True))
    rows = rows.assign(
        mark=rows["verdict"].map(mark),
        aim=rows["target_label"] + " " + rows["target_text"],
        result=[mark(results[number]) if number in results else "―" for number in rows["indicator"]],
    )
    fields = (
        Field("name", "成果指標", 13), Field("result", "前の目標", 6), Field("actual_text", "実績値", 8, True),
        Field("aim", "次の目標", 9.5, True), Field("gap_text", "目標との差", 5.5, True), Field("attainment_text", "到達率", 4.8, True),
        Field("improvement_text", "改善幅率", 5, True), Field("pace_text", "ペース比", 5, True), Field("mark", "次の目標の判定", 8),
    )  # fmt: skip
    spoken = f"{brief.headline}{findings.lesson(brief.upcoming, brief.plan.indicators)}"
    return _paged("overview", brief.headline, spoken, Listing(rows, fields), lines=9)


def mark(verdict: str) -> str:
    """A verdict as symbol and word."""
    return f"{VERDICTS[verdict]} {verdict}" if verdict else "判定なし"


def _indicator(brief: Brief, number: int) -> Slide:
    indicators, rows = brief.plan.indicators, brief.indicator(number)
    title = titles.trend_title(rows, indicators)
    said = [findings.slide_sentence(rows, indicators), *tested(rows)]
    return Slide("indicators", title, "".join(said), indicator=number)


def tested(rows: pd.DataFrame) -> list[str]:
    """How likely the next target is, and whether the change that speaks for it is real; nothing for a result."""
    return [
        findings.forecast_sentence(row) + findings.significance_sentence(row) + findings.needed_sentence(row)
        for row in findings.next_targets(rows).to_dict("records")
        if row["state"] == "open" and row["verdict"]
    ]


def _breakdowns(brief: Brief) -> Iterator[Slide]:
    if brief.breakdown.empty:
        return
    fields = (
        Field("group", "区分", 6), Field("category", "内訳", 10), Field("value_text", "値", 5, True),
        Field("n", "回答者数", 5, True), Field("interval_text", "95%区間", 9.2, True), Field("withheld_text", "備考", 3),
    )  # fmt: skip
    for number, rows in brief.breakdown.groupby("indicator", sort=True):
        newest = rows[rows["fiscal_year"] == rows["fiscal_year"].max()]
        title = groups.breakdown_sentence(newest, brief.plan.indicators)
        for slide in _paged("breakdown", title, title, Listing(readable.breakdown(newest), fields)):
            yield replace(slide, indicator=int(number))


def _policies(brief: Brief) -> list[Slide]:
    title = leads.stage_sentence(brief.stages, brief.stage_year)
    titles = brief.plan.policies.set_index("policy")["title"]
    rows = brief.stages.reset_index().assign(title=lambda frame: frame["policy"] + " " + frame["policy"].map(titles))
    fields = (Field("title", "推進方針", 22), *(Field(stage, stage, 5, True) for stage in brief.stages.columns))
    return _paged("policies", title, title, Listing(rows, fields))


def _planned(brief: Brief) -> list[Slide]:
    table, title = brief.table.set_index("item"), brief.planned.text
    rows = brief.planned_short.assign(
        departments=[table.at[item, "departments"] for item in brief.planned_short["item"]]
    )
    stage = f"{short_label(brief.plan.years[-1])}年度に計画された段階"
    fields = (
        Field("item", "番号", 4.5), Field("title", "推進項目", 24), Field("stage", stage, 12), Field("departments", "担当課", 15),
    )  # fmt: skip
    return _paged("planned", title, title, Listing(rows, fields))


def _items(brief: Brief) -> list[Slide]:
    title = leads.items_sentence(brief.table)
    rows = brief.table.assign(
        shown=brief.table["title"]
        + brief.table["relisted_of"].map(lambda origin: f"【再掲 {origin}】" if origin else ""),
        stage=brief.table["item"].map(readable.stages(brief.plan.item_schedule)),
    )
    fields = (
        Field("item", "番号", 4.5), Field("shown", "推進項目", 21), Field("kind", "種別", 2.5), Field("departments", "担当課", 14),
        Field("stage", f"年次計画({short_label(brief.plan.years[0])}〜{short_label(brief.plan.years[-1])})", 16),
    )  # fmt: skip
    return _paged("items", title, title, Listing(rows, fields))


def _changes(brief: Brief, choice: Choice, before: Brief | None, since: str) -> list[Slide]:
    if before is None:
        if choice.parts is None and not brief.known["registered"].any():
            return []
        before, name = as_printed(brief), "計画書の値"
    else:
        name = f"前回({since})" if since else "前回"
    shown = chosen(brief, choice)
    found = changes.changed_verdicts(chosen(before, choice).targets, shown.targets, shown.plan.indicators)
    title = changes.since_sentence(found, name)
    if found.empty:
        return [Slide("changes", title, title)]
    fields = (
        Field("name", "成果指標", 16), Field("target_label", "目標", 5), Field("before_text", "以前の実績値", 9, True),
        Field("after_text", "今の実績値", 9, True), Field("verdict_text", "判定", 16),
    )  # fmt: skip
    spoken = f"{title}{'。'.join(found['text'])}。"
    return _paged("changes", title, spoken, Listing(readable.changed(found, brief.plan.indicators), fields))


def _terms(plan: Plan) -> list[Slide]:
    fields = (
        Field("term", "言葉", 9), Field("meaning", "意味", 25), Field("formula", "計算", 12), Field("source", "出典", 12),
    )  # fmt: skip
    title = "この資料の言葉、計算のしかた、出典"
    return _paged("terms", title, "言葉と計算のしかたの一覧です。", Listing(plan.terms, fields))

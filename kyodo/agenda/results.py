"""The slides on the indicators: all five at once, then each with its result, its outlook and what was remarked."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from kyodo import aims, findings, titles
from kyodo.agenda.choice import mark
from kyodo.agenda.listing import Field, Listing, Slide, paged
from kyodo.brief import REMARKS, Brief
from kyodo.fiscal import short_label
from kyodo.rows import Row, grouped
from kyodo.verdicts import VERDICTS
from kyodo.wording import width

BODY = 22.5  # lines of body text (14 points) that fit under a title
BESIDE, ACROSS = 25, 54  # characters of body text in a line beside the chart, and of a remark across the slide
_TABLE = 5  # lines the table of an indicator's targets takes
_TARGETS = (
    Field("target_label", "目標", 4.6), Field("target_text", "目標値", 4.5, True), Field("actual_text", "実績値", 7.5, True),
    Field("gap_text", "差", 4.4, True), Field("mark", "判定", 5.6),
)  # fmt: skip
_ALL = (
    Field("name", "成果指標", 12), Field("result", "前の目標", 6), Field("actual_text", "実績値", 7.5, True),
    Field("aim", "次の目標", 9.5, True), Field("gap_text", "差", 4.4, True), Field("attainment_text", "到達率", 4.6, True),
    Field("improvement_text", "改善幅率", 5, True), Field("mark", "次の目標の判定", 7),
)  # fmt: skip


def overview(brief: Brief) -> list[Slide]:
    """All indicators: the last target's result, the next one's outlook, both ratios and why both."""
    rows = brief.texts.merge(brief.upcoming[["indicator", "target_year"]])
    results = dict(zip(brief.past["indicator"], brief.past["verdict"], strict=True))
    rows = rows.assign(
        mark=rows["verdict"].map(mark),
        aim=rows["target_label"] + " " + rows["target_text"],
        result=[mark(results[number]) if number in results else "―" for number in rows["indicator"]],
    )
    lesson = findings.lesson(brief.upcoming, brief.plan.indicators)
    slide = Slide("overview", brief.headline, f"{brief.headline}{lesson}", told=(lesson,))
    shown = rows[["verdict", "attainment", "improvement", *(field.name for field in _ALL)]]
    return paged(slide, Listing(shown, _ALL, "成果指標の一覧"), lines=9)


def indicators(brief: Brief) -> list[Slide]:
    """One slide for each indicator."""
    texts = brief.texts.assign(mark=brief.texts["verdict"].map(mark))
    texts = texts[["indicator", "verdict", *(field.name for field in _TARGETS)]]
    places = grouped(texts["indicator"], range(len(texts)))
    listings = {
        number: Listing(texts.iloc[own[0] : own[-1] + 1], _TARGETS, "目標との差(ポイント)と判定")
        for number, own in places.items()
    }
    return [_indicator(brief, number, listings[number]) for number in brief.rows]


def _indicator(brief: Brief, number: int, listing: Listing) -> Slide:
    label, rows, entered = brief.labels[number], brief.rows[number], brief.remark(number)
    remarks = tuple((head, entered[head]) for head in REMARKS if entered.get(head))
    said = tested(rows)
    return Slide(
        "indicators",
        titles.trend_title(label, rows),
        "".join([findings.slide_sentence(label, rows), *said]),
        indicator=number,
        listings=(listing,),
        told=_fitting([*facts(rows), *said], BODY - _TABLE - remark_lines(remarks)),
        remarks=remarks,
    )


def facts(rows: Sequence[Row]) -> list[str]:
    """The last result and the next outlook of one indicator, one sentence each."""
    return [f"{findings.fact(row)}。" for row in aims.last_and_next(rows)]


def tested(rows: Sequence[Row]) -> list[str]:
    """How likely the next target is, and whether the change that speaks for it is real; nothing for a result."""
    row = aims.last_and_next(rows)[-1]
    if row["state"] != "open" or not row["verdict"]:
        return []
    said = (findings.forecast_sentence, findings.significance_sentence, findings.needed_sentence)
    return [text for each in said if (text := each(row))]


def remark_lines(remarks: tuple[tuple[str, str], ...]) -> float:
    """How many lines of body text the remarks take."""
    return sum(0.4 + math.ceil(width(text) / ACROSS) for _, text in remarks)


def _fitting(sentences: list[str], lines: float) -> tuple[str, ...]:
    """The first sentences that fit beside the chart, one at least; all of them are in the speaker's notes."""
    kept, used = [], 0.0
    for text in sentences:
        used += math.ceil(width(text) / BESIDE) + 0.4
        if kept and used > lines:
            break
        kept.append(text)
    return tuple(kept)


def names_by_verdict(rows: Iterable[Row], labels: Mapping[int, str]) -> str:
    """Assessed rows as 「達成 ④市民の声の反映(0.1上回る)。未達成 ①地域活動への参加(7.1届かず)、…」."""
    rows = list(rows)
    names = grouped(
        (row["verdict"] for row in rows), (f"{labels[row['indicator']]}({findings.distance(row)})" for row in rows)
    )
    return "。".join(f"{verdict} {'、'.join(names[verdict])}" for verdict in VERDICTS if verdict in names)


def results_and_outlook(brief: Brief) -> list[tuple[str, str]]:
    """What the conclusion says of the indicators: (結果, 結果待ち or 見通し; sentence), a row for each target year."""
    told = aims.by_life(chain.from_iterable(map(aims.last_and_next, brief.rows.values())))
    return [
        (life, f"{short_label(year)}目標{_unregistered(life, year)}: {names_by_verdict(group, brief.labels)}。")
        for life, rows in told.items()
        for year, group in aims.by_year(rows).items()
    ]


def _unregistered(life: str, year: int) -> str:
    return f"({short_label(year)}の調査は未登録)" if life == aims.WAITING else ""

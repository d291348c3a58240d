"""The sheets of the workbook: what each shows and the charts under its table."""

from collections.abc import Sequence
from math import ceil

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from kyodo import agenda, findings, leads, readable
from kyodo.brief import Brief
from kyodo.cycle import judge, tallies
from kyodo.findings import indicator_names
from kyodo.fiscal import short_label
from kyodo.items import NO_PLAN, TOTAL, counted, past_table
from kyodo.palette import CARD, INK, LINE, SERIES, STEPS, shades
from kyodo.plan import GOES_ON
from kyodo.rows import Row
from kyodo.workbook.book import A3, HEAD_ROW, Book, Column, addresses

_CHART = (470, 290)
_ACROSS = 3  # charts beside each other
_ROWS_OF_CHART = 16
_ANSWERS = "回答者数"
_MEASURED = ("baseline", "actual")
_SERIES = {  # title → the kinds of values, and which of their columns
    "基準値・実績値": (_MEASURED, "value"), "目標値": (("target",), "value"), "目標への道すじ": (("baseline", "target"), "value"),
    _ANSWERS: (_MEASURED, "n"), "95%区間(下)": (_MEASURED, "low"), "95%区間(上)": (_MEASURED, "high"),
}  # fmt: skip
_LABEL = {"name": "BIZ UDPゴシック", "size": 10, "color": INK}


def indicators(book: Book, brief: Brief, source: str) -> None:
    """指標: every known value, one line per indicator and series with the years across; a chart of each below."""
    sheet = book.sheet("指標", "成果指標の値", source, pages=1)
    years = list(range(int(brief.known["fiscal_year"].min()), int(brief.known["fiscal_year"].max()) + 1))
    rows = _series(brief, years)
    wide = [Column(str(year), short_label(year), 3.2, "percent") for year in years]
    columns = [
        Column("number", "番号", 2.5, "year"),
        Column("name", "成果指標", 22),
        Column("series", "系列", 8.5),
        *wide,
    ]
    after = book.table(sheet, rows, columns, freeze=3)
    for down, row in enumerate(rows.to_dict("records"), start=HEAD_ROW + 1):
        for across, year in enumerate(years if row["series"] == _ANSWERS else (), start=len(columns) - len(years)):
            book.cell(sheet, down, across, row[str(year)], "whole")
    lines = {key: place for place, key in enumerate(zip(rows["number"], rows["series"], strict=True), start=4)}
    for place, number in enumerate(brief.plan.indicators["indicator"]):
        top, left = after + 1 + _ROWS_OF_CHART * (place // _ACROSS), (_CHART[0] + 15) * (place % _ACROSS)
        _indicator_chart(book, sheet, brief, int(number), lines, len(years), (top, left))
    book.line(
        sheet, after, "図の○は基準値、◆は目標値、縦線は95%区間(回答者数が分かる年のみ)。値の単位は%、回答者数は人。"
    )


def _series(brief: Brief, years: Sequence[int]) -> pd.DataFrame:
    """One row per indicator and series, years (as texts) across; series without any value are left out."""
    rows = []
    for number, name in indicator_names(brief.plan.indicators, short=False).items():
        for title, (kinds, column) in _SERIES.items():
            known = [row for row in brief.values[number] if row["kind"] in kinds and pd.notna(row[column])]
            if known:
                values = {str(row["fiscal_year"]): row[column] for row in known}
                rows.append({"number": number, "name": name, "series": title, **values})
    return pd.DataFrame(rows, columns=["number", "name", "series", *map(str, years)])


def _indicator_chart(
    book: Book, sheet: Worksheet, brief: Brief, number: int, lines: dict, years: int, at: tuple[int, int]
) -> None:
    known, name = brief.values[number], brief.labels[number]
    said = findings.trend_sentence(name, known, brief.rows[number])
    most = max(row[end] for row in known for end in ("value", "high") if pd.notna(row[end]))
    chart = book.chart("line", name, said)
    for series, style in _LINES.items():
        if (line := lines.get((number, series))) is not None:
            labels = {} if series == "目標への道すじ" else {"data_labels": _labels(series)}
            bars = (
                {"y_error_bars": _errors(known)}
                if series == "基準値・実績値" and any(pd.notna(row["low"]) for row in known)
                else {}
            )
            chart.add_series(
                {
                    "name": addresses(sheet, (line, 2), (line, 2))[:3],
                    "categories": addresses(sheet, (3, 3), (3, 2 + years)),
                    "values": addresses(sheet, (line, 3), (line, 2 + years)),
                    **style,
                    **labels,
                    **bars,
                }
            )
    chart.show_blanks_as("span")
    chart.set_y_axis(
        {
            "min": 0,
            "max": 5 * ceil(most / 5 + 0.5),
            "num_format": '0"%"',
            "num_font": _LABEL,
            "major_gridlines": {"visible": True, "line": {"color": "#E6E6E6"}},
        }
    )
    book.place(sheet, at[0], chart, said, _CHART, left=at[1])


_LINES = {
    "基準値・実績値": {
        "line": {"color": SERIES[0], "width": 2.25},
        "marker": {"type": "circle", "size": 7, "fill": {"color": SERIES[0]}, "border": {"color": SERIES[0]}},
    },
    "目標値": {
        "line": {"none": True},
        "marker": {"type": "diamond", "size": 9, "fill": {"color": SERIES[1]}, "border": {"color": SERIES[1]}},
    },
    "目標への道すじ": {"line": {"color": LINE, "width": 1.5, "dash_type": "round_dot"}, "marker": {"type": "none"}},
}


def _labels(series: str) -> dict:
    return {
        "value": True,
        "num_format": '0.0"%"',
        "position": "above" if series == "目標値" else "below",
        "font": _LABEL,
    }


def _errors(known: Sequence[Row]) -> dict:
    """The 95 % interval around each value, years without one at 0."""
    measured = {row["fiscal_year"]: row for row in known if row["kind"] != "target" and pd.notna(row["low"])}
    found = [row["fiscal_year"] for row in known]
    rows = [measured.get(year) for year in range(min(found), max(found) + 1)]
    return {
        "type": "custom",
        "plus_values": [row["high"] - row["value"] if row else 0.0 for row in rows],
        "minus_values": [row["value"] - row["low"] if row else 0.0 for row in rows],
        "line": {"color": INK},
    }


def items(book: Book, brief: Brief, source: str) -> None:
    """項目: every action item with its schedule; the items by policy and stage as table and chart below."""
    sheet = book.sheet("項目", leads.items_sentence(brief.table), source, paper=A3)
    schedule = brief.plan.item_schedule.assign(shown=lambda frame: frame["printed"].replace({GOES_ON: "→"}))
    years = schedule.pivot(index="item", columns="fiscal_year", values="shown")
    rows = brief.table.merge(years.rename(columns=str), left_on="item", right_index=True)
    rows = rows.assign(policy_shown=rows["policy"] + " " + rows["policy_title"], measure_shown=_measures(rows))
    columns = [
        Column("item", "番号", 4), Column("title", "推進項目", 15), Column("policy_shown", "推進方針", 11), Column("measure_shown", "推進施策", 11),
        Column("kind", "種別", 2.5), Column("relisted_of", "再掲の元", 4), Column("departments", "担当課", 9), Column("actors", "対象となる主体", 9),
        *(Column(str(year), short_label(year), 3.4) for year in brief.plan.years),
        Column("purpose", "目的(要約)", 14), Column("content", "推進内容(要約)", 15), Column("done_when", "完了の目安(要約)", 14),
    ]  # fmt: skip
    after = book.table(sheet, rows, columns)
    sheet.print_area(0, 0, after - 1, len(columns) - 1)  # a page break would cut the chart in two
    counts = brief.stages.reset_index().assign(title=lambda frame: frame["policy"].map(brief.plan.policy_titles))
    title = leads.stage_sentence(brief.stages, brief.stage_year)
    _stacked(book, sheet, after + 1, title, counts, list(brief.stages.columns))


def _measures(rows: pd.DataFrame) -> pd.Series:
    return "(" + rows["measure"].astype("str") + ") " + rows["measure_title"]


def _stacked(book: Book, sheet: Worksheet, top: int, title: str, counts: pd.DataFrame, parts: list[str]) -> None:
    """Counts by policy as a small table, and beside it the same as a stacked chart."""
    book.line(sheet, top, title, "part")
    columns = [
        Column("policy", "方針", 4),
        Column("title", "推進方針", 18),
        *(Column(part, part, 4, "whole") for part in parts),
    ]
    last = book.block(sheet, top + 1, counts, columns) - 1
    chart = book.chart("bar", title, title, subtype="stacked")
    for place, fill in enumerate(shades(parts, NO_PLAN).values()):
        chart.add_series(
            {
                "name": addresses(sheet, (top + 1, 2 + place), (0, 0))[:3],
                "categories": addresses(sheet, (top + 2, 0), (last, 0)),
                "values": addresses(sheet, (top + 2, 2 + place), (last, 2 + place)),
                "fill": {"color": fill},
                "border": {"color": LINE},
                "data_labels": {
                    "value": True,
                    "num_format": "0;;",
                    "font": {**_LABEL, "color": CARD if fill in STEPS[2:] else INK},
                },
                "gap": 50,
            }
        )
    chart.set_y_axis({"reverse": True, "num_font": _LABEL, "line": {"color": LINE}})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    book.place(sheet, last + 2, chart, f"{title}上の表に同じ数があります。", (640, 300))


def progress(book: Book, brief: Brief, source: str) -> None:
    """進行管理: one line per item and year, the plan beside what was answered, judged."""
    rows = progress_rows(brief)
    latest = brief.progress.latest
    title = tallies.sentence(rows[rows["fiscal_year"] == latest], latest) if latest else "推進項目の進行管理"
    book.table(book.sheet("進行管理", title, source, paper=A3), rows, _PROGRESS)


def progress_rows(brief: Brief) -> pd.DataFrame:
    """One row per counted item and year that was begun (before the first: the year shown); nobody's name is in it."""
    rows = brief.progress.rows
    years = brief.progress.years or (brief.stage_year,)
    rows = rows[rows["item"].isin(counted(brief.table)["item"]) & rows["fiscal_year"].isin(years)]
    into = rows["into_item"].map(lambda item: f" → {item}" if item else "")
    marks = judge.marked(brief.plan, "against_plan")
    return rows.assign(
        year=rows["fiscal_year"].map(short_label),
        against=rows["against_plan"].map(marks),
        disposed=rows["disposition"] + into,
    )


_PROGRESS = [
    Column("item", "番号", 4), Column("title", "推進項目", 12), Column("section", "回答する課", 7), Column("year", "年度", 2.5),
    Column("stage", "計画の段階", 4.5), Column("marked", "実施状況", 5), Column("against", "計画との比較", 5.5), Column("result", "実績", 17),
    Column("result_value", "実績の数", 4, "plain"), Column("result_unit", "単位", 3), Column("criterion_met", "目安に達したか", 4.5),
    Column("evidence", "根拠", 8), Column("issue", "課題", 16), Column("next_step", "次年度へ向けた取組", 16), Column("disposed", "今後の取扱い", 5),
    Column("partners", "協働の相手", 8), Column("state_text", "状態", 5.5),
]  # fmt: skip


def opinions(book: Book, brief: Brief, source: str) -> None:
    """指摘: what the committee said and decided, and what came of it; no sheet where nothing was said."""
    rows = brief.progress.opinions
    if rows.empty:
        return
    title = f"委員会の指摘・決定 {agenda.opinions_counted(rows)}"
    book.table(book.sheet("指摘", title, source), rows, _OPINIONS)


_OPINIONS = [
    Column("opinion", "番号", 3, "year"), Column("meeting", "会議(第 回)", 3, "year"), Column("held_on", "開催日", 5.5), Column("about_text", "対象", 11),
    Column("kind", "種別", 3), Column("text", "指摘・決定", 22), Column("response", "対応", 20), Column("due", "期限", 5.5),
    Column("state_text", "状態", 4),
]  # fmt: skip


def past(book: Book, brief: Brief, source: str) -> None:
    """前期: the former items with what became of them; the tally as table and chart below."""
    sheet = book.sheet("前期", leads.past_sentence(brief.plan), source, paper=A3)
    rows = past_table(brief.plan)
    rows = rows.assign(
        policy_shown=rows["policy"] + " " + rows["policy_title"],
        measure_shown=_measures(rows),
        shown=rows["mark"] + rows["status"],
        how_text=[[readable.HOWS[how] for how in hows] for hows in rows["hows"]],
    )
    columns = [
        Column("past_item", "番号", 3, "year"), Column("title", "前期の推進項目", 18), Column("policy_shown", "前期の推進方針", 14),
        Column("measure_shown", "前期の推進施策", 14), Column("shown", "実施状況", 6), Column("disposition", "今後の取扱い", 4.5),
        Column("review", "検証内容(要約)", 22), Column("items", "引継ぎ先", 7), Column("how_text", "つながりの根拠", 8),
    ]  # fmt: skip
    after = book.table(sheet, rows, columns)
    sheet.print_area(0, 0, after - 1, len(columns) - 1)
    tally = readable.tally(brief.plan)
    _stacked(
        book,
        sheet,
        after + 1,
        "前期の推進方針ごとの実施状況",
        tally[tally["policy"] != TOTAL],
        list(brief.plan.statuses),
    )


def terms(book: Book, brief: Brief, source: str) -> None:
    """用語: terms, formulas and sources; the rules of the verdicts below."""
    sheet = book.sheet("用語", "言葉、計算のしかた、出典", source)
    columns = [
        Column("term", "言葉", 10), Column("meaning", "意味", 34), Column("formula", "計算", 16),
        Column("source", "出典", 16),
    ]  # fmt: skip
    after = book.table(sheet, brief.plan.terms, columns, freeze=1)
    book.line(sheet, after + 1, "判定の規則(上から順に当てはめる)", "part")
    rules = [Column("mark", "判定", 10), Column("when", "規則", 34)]
    after = book.block(sheet, after + 2, readable.rules(brief.cutoffs), rules)
    for place, source_line in enumerate(each["title"] for each in brief.plan.package.descriptor["sources"]):
        book.line(sheet, after + 1 + place, f"出典: {source_line}")
    book.line(sheet, after + 2 + place, agenda.moment(brief))

"""成果指標: all indicators beside each other, and one of them whole."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from kyodo import charts, readable, served, titles, yearview
from kyodo.brief import REMARKS, Brief
from kyodo.findings import (
    forecast_sentence,
    indicator_label,
    indicator_names,
    indicator_sentence,
    judged_by,
    needed_sentence,
    previous_sentence,
    significance_sentence,
    trend_sentence,
    verdicts_of,
)
from kyodo.fiscal import short_label
from kyodo.groups import breakdown_title
from kyodo.surveys import SURVEYS
from kyodo.ui.flow import put, together
from kyodo.ui.once import kept, kept_here
from kyodo.ui.pieces import chart, download, empty, facts, findings, heading, link, note, verdict_mark
from kyodo.ui.tables import Cell, page_of, table
from kyodo.ui.text import said
from kyodo.wording import signed

ALL_COLUMNS = {  # of the file that holds everything
    "name": "成果指標", "target_label": "目標", "verdict": "判定", "state_text": "結果か見通しか", "baseline_text": "基準値", "actual_text": "実績値", "target_text": "目標値",
    "gap_text": "目標との差", "attainment_text": "到達率", "improvement_text": "改善幅率", "pace_text": "ペース比",
    "pace_so_far_text": "これまでの歩み", "pace_lately_text": "直近の歩み", "pace_needed_text": "必要な歩み",
    "projection_text": "直線で延ばすと", "forecast_text": "見込み", "likelihood_text": "目標に届く見込み", "against_text": "目標との差と誤差", "later_text": "目標の年度より後",
}  # fmt: skip
_PAIRS = {  # of the comparison: what stands over what in one field
    "values": ("baseline_text", "actual_text"), "rates": ("attainment_text", "improvement_text"),
    "paces": ("pace_so_far_text", "pace_needed_text"), "lately": ("pace_text", "pace_lately_text"),
    "likely": ("forecast_text", "likelihood_text"),
}  # fmt: skip
_MOST_TARGETS = 3  # target years beside each other
_MOST_CHARTS, _MOST_ROWS = 12, 100  # on one page


def show_all(shown: Brief) -> None:
    """A row for each indicator, in two lines: where it stands, each target, the rates, the paces, whether it is real."""
    rows = shown.texts
    made, columns, caption = kept_here(_compared, shown)
    listed, part = page_of(made, _MOST_ROWS)
    caption += part
    table(listed, columns, caption=caption, numeric=["values", "rates", "lately", "paces", "likely"])
    download("判定のすべての数字をCSVで保存", rows, "成果指標の判定.csv", ALL_COLUMNS)


def _compared(shown: Brief) -> tuple[pd.DataFrame, dict[str, str], str]:
    """The rows, columns and caption of the comparison."""
    rows = shown.texts
    years = sorted(rows["target_year"].unique())[-_MOST_TARGETS:]
    found = {(row["indicator"], row["target_year"]): row for row in rows.to_dict("records")}
    coming = rows.merge(shown.upcoming[["indicator", "target_year"]])
    each = coming.to_dict("records")
    listed = coming.assign(
        link=[Cell(link(f"indicators?indicator={row['indicator']}", row["name"])) for row in each],
        real=[_real(row) for row in each],
        **{name: [*zip(coming[above], coming[below], strict=True)] for name, (above, below) in _PAIRS.items()},
        **{f"t{year}": [_target(found.get((row["indicator"], year))) for row in each] for year in years},
    )
    columns = {"link": "成果指標", "values": "基準値\n実績値"} | {
        f"t{year}": f"{short_label(year)}目標\n差" for year in years
    }
    columns |= {
        "real": "基準からの変化\n誤差", "rates": "到達率\n改善幅率", "lately": "ペース比\n直近の歩み", "paces": "これまでの歩み\n必要な歩み",
    }  # fmt: skip
    columns |= {"likely": "見込み\n届く見込み"} if coming["forecast_text"].ne("").any() else {}
    last = "、".join(dict.fromkeys(coming["target_label"]))
    return (
        listed,
        columns,
        f"指標ごとの値と判定(差と変化はポイント、歩みはポイント/年。率・歩み・見込みは{last}について)",
    )


def _target(row: dict | None) -> Cell:
    if row is None:
        return Cell("")
    kind = "" if row["state"] == "open" else "結果 "
    return Cell(f"{kind}{verdict_mark(row['verdict'])}<br>{said(row['target_text'])} {said(row['gap_text'])}")


def _real(row: dict) -> tuple[str, str]:
    if pd.isna(row["change"]):
        return "", ""
    if row["tested"] == "none":
        return signed(row["change"]), "未検定"
    return signed(row["change"]), "誤差を超える" if row["significant"] else "誤差の範囲"


def show_trends(shown: Brief) -> None:
    """The indicators over the years, three beside each other; the last field tells how they are read."""
    indicators, part = page_of(shown.plan.indicators, _MOST_CHARTS, "charts")
    if part:
        note(f"{len(shown.plan.indicators)}指標のうち{part.strip('()')}の図です。")
    with st.grid(3, key="trends"):
        for number in indicators["indicator"]:
            trend(shown, number, 230)
        if len(indicators) % 3:
            with together():
                heading("図の見方", level=3)
                note(HOW_TO_READ)


HOW_TO_READ = (
    "○は基準値、●は実績値(縦線は95%区間、回答者数が分かる年のみ)、◆は目標値。点線は目標への道すじ、破線と帯は見込みとその90%区間です。"
    "縦の目盛りは0から始まりません。推移を見るための図で、長さを比べる図ではありません。"
)


def trend(shown: Brief, number: int, height: int, title: str = "") -> None:
    """One indicator over the years, under its finding or another title."""
    figure, told, found = kept(_trend, shown, number, height)
    chart(figure, told, key=f"trend_{number}", title=title or found)


def _trend(shown: Brief, number: int, height: int) -> tuple[go.Figure, str, str]:
    """The figure of one indicator over the years, what is read aloud in its place, and its finding."""
    name = indicator_names(shown.plan.indicators, short=False)[number]
    return (
        charts.indicator_chart(shown.values_of(number), shown.indicator(number), height),
        trend_sentence(name, shown.values[number], shown.rows[number]),
        titles.trend_title(shown.labels[number], shown.rows[number]),
    )


def gaps_in_words(shown: Brief) -> str:
    """What is read aloud in place of the chart of all gaps."""
    each = shown.targets.to_dict("records")
    return f"指標ごとの目標との差。{''.join(indicator_sentence(row, shown.plan.indicators) for row in each)}"


def show_one(shown: Brief, number: int) -> None:
    """One indicator whole: its chart, results and outlook, why, breakdown, items that serve it, what was said, its values."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        full = indicator_label(shown.plan.indicators, number, short=False)
        heading("推移")
        trend(shown, number, 340, f"{full}の推移")
        with together():
            heading("判定の根拠")
            _why(shown, number)
            note(judged_by(shown.cutoffs))  # below the columns it would be printed over what paper breaks in them
            heading("性別・年代・地域の内訳")
        _breakdown(shown, number)
    with right, together():
        heading("結果と見通し")
        for row in shown.indicator(number).to_dict("records"):
            _told(shown, row)
        heading("値")
        _values(shown, number)
        _context(shown, number)


def _told(shown: Brief, row: dict) -> None:
    """One target: the mark and everything that is to be said of it."""
    tested = significance_sentence(row) + needed_sentence(row) if row["verdict"] and row["state"] == "open" else ""
    texts = [indicator_sentence(row, shown.plan.indicators).partition(": ")[2], forecast_sentence(row), tested]
    told = "<br>".join(said(text) for text in texts if text)
    put(f'<p class="k-box">{verdict_mark(row["verdict"])} {told}</p>')


def _why(shown: Brief, number: int) -> None:
    """The numbers of each target beside each other, and what neighbouring rules would say."""
    rows = shown.texts
    rows = rows[rows["indicator"] == number]
    numbers = [name for name in ALL_COLUMNS if name.endswith("_text") and rows[name].ne("").any()]
    beside = pd.DataFrame(
        [{"what": ALL_COLUMNS[name]} | dict(zip(rows["target_label"], rows[name], strict=True)) for name in numbers]
    )
    labels = {label: label for label in rows["target_label"]}
    table(
        beside,
        {"what": "数字", **labels},
        caption="判定に使う数字(差はポイント、歩みはポイント/年)",
        numeric=[*labels],
        grid=True,
    )
    others = kept(readable.neighbours, shown.targets, shown.cutoffs)
    others = others[others["indicator"] == number]
    if len(others):
        table(
            others.assign(mark=others["verdict"].map(verdict_mark), target=others["target_year"].map(short_label)),
            {"rule": "見方", "target": "目標", "measure_text": "値", "mark": "判定"},
            caption="同じ数字を別の規則で見た場合",
            numeric=["measure_text"],
            raw=["mark"],
            fold="別の規則で見るとどうなるか",
        )
    if previous := previous_sentence(shown.latest, shown.known, number):
        note(previous)


def _values(shown: Brief, number: int) -> None:
    rows = readable.measured(shown.values_of(number).sort_values("fiscal_year"))
    columns = {
        "year": "年度", "kind_text": "種類", "value_text": "値", "n_text": "回答者数", "interval_text": "95%区間",
    }  # fmt: skip
    table(rows, columns, caption="基準値・実績値・目標値", numeric=["value_text", "n_text", "interval_text"], grid=True)
    download("値をCSVで保存", rows, f"指標{number}の値.csv", columns)
    survey = SURVEYS[shown.plan.indicators.set_index("indicator")["survey"][number]]
    note(f"{survey}による。回答者数のない年は、計画書に回答者数が載っていません。")
    asked, titles = kept(readable.questionnaires, shown.plan, number)
    if len(asked):
        table(asked, titles, caption="設問と調査の方法(分かっている年度)")


def _breakdown(shown: Brief, number: int) -> None:
    part = shown.breakdown[shown.breakdown["indicator"] == number] if len(shown.breakdown) else shown.breakdown
    if part.empty:
        empty("内訳は、回答を1行ずつ収めたファイルを登録すると表示されます。")
        return
    newest = part[part["fiscal_year"] == part["fiscal_year"].max()]
    known = shown.values_of(number)
    whole = known.loc[known["fiscal_year"] == part["fiscal_year"].max(), "value"].iloc[0]
    year = short_label(newest["fiscal_year"].max())
    chart(
        charts.breakdown_chart(newest, whole),
        f"区分ごとの割合({year}年度)。下の表に同じ数があります。",
        key="breakdown",
        title=breakdown_title(newest),
    )
    table(
        readable.breakdown(newest),
        readable.BREAKDOWN,
        caption="区分ごとの割合",
        numeric=["value_text", "n", "interval_text"],
        fold="内訳の数字を表で見る",
    )
    note("横線は95%区間。有効回答が10人に満たない区分は秘匿しています。")
    download("内訳をCSVで保存", newest, "内訳.csv")


def _context(shown: Brief, number: int) -> None:
    """The items that serve the indicator, what was entered about it, what the committee said of it."""
    heading("関係する推進項目")
    progress, verdicts = shown.progress, kept(verdicts_of, shown.upcoming)
    year = yearview.first_year(progress)
    if progress.years:
        findings(served.indicator_findings(progress, year, verdicts, [number]))
    rows = kept(served.serving, progress, year, number)
    listed = rows.assign(
        link=[
            Cell(f"{link(f'progress?item={item}', item)} {said(title)}")
            for item, title in zip(rows["item"], rows["title"], strict=True)
        ],
        now=[(row["marked"] or row["stage"], row["against_text"]) for row in rows.to_dict("records")],
    )
    titles = {"link": "推進項目", "now": f"{short_label(year)}の報告(なければ計画)", "why": "どう関係するか"}
    table(listed, titles, caption=f"{len(rows)}項目。どの項目が関係するかは当ダッシュボードの読み方です")
    heading("要因・課題と委員会の意見")
    entered = shown.remark(number)
    opinions = shown.progress.opinions
    opinions = opinions[opinions["about"] == str(number)]
    if entered:
        facts({head: entered.get(head, "") for head in REMARKS})
    if len(opinions):
        table(opinions, {"text": "意見・決定", "response": "対応方針", "state": "状態"}, caption="委員会の意見・決定")
    if not entered and opinions.empty:
        empty("まだありません。「会議」で記入できます。")

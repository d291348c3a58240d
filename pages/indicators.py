import streamlit as st

from kyodo import agenda, charts, readable, titles, ui, yearview
from kyodo.findings import (
    forecast_sentence,
    indicator_label,
    indicator_sentence,
    judged_by,
    lesson,
    needed_sentence,
    previous_sentence,
    significance_sentence,
    trend_sentence,
)
from kyodo.fiscal import short_label
from kyodo.groups import breakdown_title
from kyodo.surveys import SURVEYS
from kyodo.ui import filters

shown = ui.page("成果指標")
plan = shown.plan
names = {number: indicator_label(plan.indicators, number) for number in plan.indicators["indicator"]}
full = {number: indicator_label(plan.indicators, number, short=False) for number in names}
source = agenda.source(shown)

ui.heading("目標までの推移")
ui.note(
    "○は基準値、●は実績値(縦線は95%区間、回答者数が分かる年のみ)、◆は目標値、点線は目標への道すじ、破線と帯は見込みとその90%区間。"
    "縦の目盛りは0から始まりません。推移を見るための図で、長さを比べる図ではありません。"
)
with st.container(key="trends"):
    for place, number in enumerate(names):
        if place % 3 == 0:
            grid = st.columns(3)
        known, targets = ui.kept(shown.values_of, number), ui.kept(shown.indicator, number)
        with grid[place % 3]:
            ui.chart(
                ui.kept(charts.indicator_chart, known, targets),
                ui.kept(trend_sentence, full[number], known, targets),
                key=f"trend_{number}",
                title=ui.kept(titles.trend_title, targets, plan.indicators),
                source=source,
            )

ui.heading("目標との差")
ui.chart(
    ui.kept(charts.gap_chart, shown.targets, names),
    "指標ごとの目標との差。"
    + "".join(indicator_sentence(row, plan.indicators) for row in shown.targets.to_dict("records")),
    key="gaps",
    title=ui.kept(titles.gap_title, shown.targets, plan.indicators),
    source=source,
)

ui.heading("到達率と改善幅率")
ui.say(ui.kept(lesson, shown.upcoming, plan.indicators))
rows = ui.kept(readable.assessed, shown.targets, plan.indicators)
columns = {
    "name": "成果指標", "target_label": "目標", "mark": "判定", "state_text": "結果か見通しか", "baseline_text": "基準値", "actual_text": "実績値", "target_text": "目標値",
    "gap_text": "目標との差", "attainment_text": "到達率", "improvement_text": "改善幅率", "pace_text": "ペース比",
    "pace_so_far_text": "これまでの歩み", "pace_lately_text": "直近の歩み", "pace_needed_text": "必要な歩み",
    "projection_text": "直線で延ばすと", "forecast_text": "見込み", "likelihood_text": "目標に届く見込み", "against_text": "目標との差と誤差", "later_text": "目標の年度より後",
}  # fmt: skip
ui.table(
    rows.assign(mark=rows["verdict"].map(ui.verdict_mark)),
    columns,
    caption="指標と目標ごとの距離と歩み(差はポイント、歩みはポイント/年)",
    numeric=[name for name in columns if name.endswith("_text")],
    short=["name", "target_label", "mark"],
    raw=["mark"],
)
ui.note(judged_by(shown.cutoffs))
ui.download("表をCSVで保存", rows.assign(mark=rows["verdict"]), "成果指標の判定.csv", columns)

ui.heading("判定の根拠")
left, right = st.columns(2)
number = filters.one("成果指標", names, "indicator", place=left)
aims = {year: f"{short_label(year)}目標" for year in shown.indicator(number)["target_year"]}
year = filters.one("目標", aims, "target", place=right)
one = shown.indicator(number)
one = one[one["target_year"] == year]
row = one.to_dict("records")[0]
if row["verdict"]:
    tested = row["state"] == "open" and significance_sentence(row) + needed_sentence(row)
    said = (
        indicator_sentence(row, plan.indicators), forecast_sentence(row), tested, previous_sentence(shown.latest, shown.known, number),
    )  # fmt: skip
    st.html(f'<p class="k-box">{ui.verdict_mark(row["verdict"])} {"<br>".join(filter(None, said))}</p>')
    others = ui.kept(readable.neighbours, shown.targets, shown.cutoffs)
    others = others[others["indicator"] == number]
    others = others[others["target_year"] == year]
    if len(others):
        ui.table(
            others.assign(mark=others["verdict"].map(ui.verdict_mark)),
            {"rule": "見方", "measure_text": "値", "mark": "判定"},
            caption="同じ数字を別の規則で見た場合",
            numeric=["measure_text"],
            raw=["mark"],
        )
else:
    ui.empty("この指標の実績値がまだないため、判定できません。「調査データの登録」から登録してください。")

ui.heading("関係する推進項目")
progress = shown.progress
reported = yearview.first_year(progress)
verdicts = shown.upcoming.set_index("indicator")["verdict"].to_dict()
ui.findings(yearview.indicator_findings(progress, reported, verdicts, [number]))
serving = ui.kept(yearview.serving, progress, reported, number)
ui.table(
    serving.assign(link=[ui.link(f"progress?item={item}", item) for item in serving["item"]]),
    {
        "link": "項目",
        "title": "推進項目",
        "why": "どう関係するか",
        "stage": "年次計画",
        "marked": "実施状況",
        "against_text": "計画との比較",
    },
    caption=f"{names[number]}に関係する{len(serving)}項目({short_label(reported)})。どの項目が関係するかは当ダッシュボードの読み方です",
    raw=["link"],
    short=["link", "stage", "marked", "against_text"],
)
ui.findings(yearview.gaps(progress, reported))

ui.heading("性別・年代・地域の内訳")
part = shown.breakdown[shown.breakdown["indicator"] == number] if len(shown.breakdown) else shown.breakdown
if part.empty:
    ui.empty(
        f"{names[number]}の内訳は、回答を1行ずつ収めた{SURVEYS[plan.indicators.set_index('indicator')['survey'][number]]}のファイルを登録すると表示されます。"
    )
else:
    newest = part[part["fiscal_year"] == part["fiscal_year"].max()]
    known = shown.values_of(number)
    whole = known.loc[known["fiscal_year"] == part["fiscal_year"].max(), "value"].iloc[0]
    ui.chart(
        charts.breakdown_chart(newest, whole),
        f"{names[number]}の区分ごとの割合({short_label(newest['fiscal_year'].max())}年度)。下の表に同じ数があります。",
        key="breakdown",
        title=breakdown_title(newest),
        source=f"{short_label(newest['fiscal_year'].max())}年度。横線は95%区間。有効回答が10人に満たない区分は秘匿しています。{source}",
    )
    ui.table(
        readable.breakdown(newest),
        readable.BREAKDOWN,
        caption="区分ごとの割合",
        numeric=["value_text", "n", "interval_text"],
    )
    ui.download("内訳をCSVで保存", newest, "内訳.csv")

import streamlit as st

from kyodo import charts, titles, ui
from kyodo.findings import indicator_names, judged_by, lesson
from kyodo.ui import comparison, filters

shown = ui.brief()
indicators = shown.plan.indicators
names = shown.labels
asked = filters.asked("indicator", names)
lead = titles.trend_title(names[asked], shown.rows[asked]) if asked else shown.headline
ui.page("成果指標", lead, shown=shown)
full = ui.kept(indicator_names, indicators, short=False)
number = filters.one("成果指標を選ぶ", full, "indicator", empty="ひとつの指標を見る(番号または名称)", hidden=True)
if number:
    st.html(f'<p class="k-note">{ui.link("indicators", "すべての指標を比べる")}</p>')
    comparison.show_one(shown, number)
    st.stop()

comparison.show_all(shown)
ui.heading("目標までの推移")
comparison.show_trends(shown)
left, right = st.columns([3, 2], gap="medium")
with left:
    ui.heading("目標との差")
    ui.chart(
        ui.kept(charts.gap_chart, shown.targets, names),
        ui.kept(comparison.gaps_in_words, shown),
        key="gaps",
        title=ui.kept(titles.gap_title, shown.targets, indicators),
    )
with right, ui.together():
    ui.heading("到達率と改善幅率")
    ui.say(ui.kept(lesson, shown.upcoming, indicators))
    ui.note(judged_by(shown.cutoffs))

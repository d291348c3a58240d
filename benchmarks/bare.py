"""Plain Streamlit with its default settings: the pages of indicators and items with the same figures, tables and filters.

What depends on nothing that is chosen is made once, as here. Run by ``benchmarks/pages.py``.
"""

import streamlit as st

from kyodo import charts, items, readable
from kyodo.brief import build_brief
from kyodo.cycle import judge
from kyodo.findings import indicator_names
from kyodo.leads import count_sentence
from kyodo.plan import load_plan


@st.cache_resource
def made():
    """The plan, its brief, the figures and the table of the indicators."""
    plan = load_plan()
    brief = build_brief(plan, plan.values.rename(columns={"n": "n_effective"}).assign(n=None).iloc[:0])
    names = indicator_names(plan.indicators)
    trends = {each: charts.indicator_chart(brief.values_of(each), brief.indicator(each)) for each in names}
    return (
        plan,
        brief,
        trends,
        charts.gap_chart(brief.targets, names),
        readable.assessed(brief.targets, plan.indicators),
    )


plan, brief, trends, gaps, assessed = made()


def indicators() -> None:
    """The five charts, their gaps, the table."""
    st.title("成果指標")
    st.selectbox("成果指標を選ぶ", list(trends), index=None)
    st.dataframe(assessed)
    for number, figure in trends.items():
        st.plotly_chart(figure, key=f"trend{number}")
    st.plotly_chart(gaps)


def listed() -> None:
    """The filters, the counts, the list."""
    st.title("推進項目")
    text = st.text_input("言葉で探す")
    chosen = {
        "policy": st.multiselect("推進方針", plan.policies["policy"]),
        "department": st.multiselect("担当課", items.departments(brief.table)),
        "actor": st.multiselect("対象となる主体", plan.actors),
        "stage": st.multiselect("段階", plan.stage_names),
        "measure": st.multiselect("推進施策", list(plan.measure_names)),
        "kind": st.multiselect("新規・継続", plan.allowed("items", "kind")),
        "past": st.multiselect("前期の実施状況", list(judge.marked(plan))),
    }
    st.multiselect("実施状況(最新の報告)", list(judge.marked(plan)))
    year = st.selectbox("年度", plan.years, index=None)
    order = st.selectbox("並べ替え", list(items.ORDERS))
    st.selectbox("項目を開く", brief.table["item"], index=None)
    found = items.filter_items(brief.table, plan.item_schedule, q=[text], year=[year] * bool(year), **chosen)
    st.write(count_sentence(found, brief.table))
    st.dataframe(items.sort_items(found, order, plan))
    st.dataframe(items.by_actor(found, plan))
    st.dataframe(items.by_department(found))


pages = [
    st.Page(indicators, title="成果指標", url_path="indicators"),
    st.Page(listed, title="推進項目", url_path="items"),
]
st.navigation(pages, position="top").run()

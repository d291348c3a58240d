"""推進項目 in Panel: the same filters, count, list and counts, each bound to the rows found. Run by ``against_panel.py``."""

import panel as pn

from kyodo import items
from kyodo.brief import build_brief
from kyodo.cycle import judge
from kyodo.leads import count_sentence
from kyodo.plan import load_plan

pn.extension("tabulator")
plan = load_plan()
table = build_brief(plan, plan.values.rename(columns={"n": "n_effective"}).assign(n=None).iloc[:0]).table


def many(name, options):
    return pn.widgets.MultiChoice(name=name, options=list(options), width=150)


chosen = {
    "policy": many("推進方針", plan.policies["policy"]),
    "department": many("担当課", items.departments(table)),
    "actor": many("対象となる主体", plan.actors),
    "stage": many("段階", plan.stage_names),
    "measure": many("推進施策", plan.measure_names),
    "kind": many("新規・継続", plan.allowed("items", "kind")),
    "past": many("前期の実施状況", judge.marked(plan)),
}
text = pn.widgets.TextInput(name="言葉で探す")
others = [
    many("実施状況(最新の報告)", judge.marked(plan)),
    pn.widgets.Select(name="項目を開く", options=[None, *table["item"]]),
]
year = pn.widgets.Select(name="年度", options=[None, *plan.years])
order = pn.widgets.Select(name="並べ替え", options=list(items.ORDERS))


def narrowed(text, year, **by):
    return items.filter_items(table, plan.item_schedule, q=[text], year=[year] * bool(year), **by)


def listed(found, order):
    rows = items.sort_items(found, order, plan)
    return rows.map(lambda value: "・".join(value) if isinstance(value, (list, tuple)) else value)


found = pn.rx(pn.bind(narrowed, text, year, **chosen))
pn.Column(
    "# 推進項目",
    pn.FlexBox(text, *chosen.values(), year, order, *others),
    pn.pane.Markdown(pn.bind(lambda rows: count_sentence(rows, table), found)),
    pn.widgets.Tabulator(pn.bind(listed, found, order), show_index=False, disabled=True),
    pn.Row(
        pn.pane.DataFrame(pn.bind(lambda rows: items.by_actor(rows, plan), found)),
        pn.pane.DataFrame(pn.bind(items.by_department, found)),
    ),
).servable(title="推進項目")

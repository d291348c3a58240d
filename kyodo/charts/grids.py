"""Grids and flows of items: where they lie, when they act, what they come from, how the plan divides into them."""

import pandas as pd
import plotly.graph_objects as go

from kyodo.charts.frame import AXIS, empty, figure
from kyodo.fiscal import short_label
from kyodo.palette import BAD, CARD, FLOWS, INK, LINE, POLICIES, PRIMARY, STEPS
from kyodo.plan import STAGES, STATUSES

_STAGE_MARKS = {"検討": "検討", "一部実施": "一部", "検討・実施": "検・実", "実施": "実施", "": ""}
_FOLDED = {
    "地域コミュニティ": "地域<br>コミュニ<br>ティ",
    "市民活動団体": "市民活動<br>団体",
    "教育機関": "教育<br>機関",
}
_HOWS = {"": "", "explicit": "計画書に明記", "same_title": "同じ名称", "inferred": "内容からの推定"}


def actor_map(counts: pd.DataFrame) -> go.Figure:
    """Policies × actors, the number of items in each field; a field can be clicked."""
    if counts.empty:
        return empty("該当する項目がありません。")
    actors = list(counts.columns)
    heat = {
        "type": "heatmap",
        "x": actors,
        "y": list(counts.index),
        "z": counts.to_numpy().tolist(),
        "text": counts.to_numpy().tolist(),
        "texttemplate": "%{text}",
        "textfont": {"size": 15, "color": INK},
        "colorscale": [[0, CARD], [0.001, STEPS[0]], [1, STEPS[1]]],
        "zmin": 0,
        "zmax": max(int(counts.to_numpy().max()), 1),
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverinfo": "skip",
    }
    marks = {  # a heat map cannot be selected from; unseen marks on its fields can
        "type": "scatter",
        "mode": "markers",
        "x": [actor for _ in counts.index for actor in actors],
        "y": [policy for policy in counts.index for _ in actors],
        "marker": {"size": 30, "opacity": 0, "symbol": "square"},
        "text": counts.to_numpy().ravel().tolist(),
        "hovertemplate": "方針%{y} × %{x}<br>%{text}項目<extra></extra>",
    }
    return figure(
        [heat, marks],
        86 + 48 * len(counts),
        clickmode="event+select",
        xaxis={**AXIS, "side": "top", "showgrid": False, "type": "category", "tickangle": 0, "tickfont": {"size": 12},
               "tickvals": actors, "ticktext": [_FOLDED.get(actor, actor) for actor in actors]},
        yaxis={**AXIS, "autorange": "reversed", "showgrid": False, "type": "category"},
        margin={"l": 8, "r": 12, "t": 8, "b": 8},
    )  # fmt: skip


def timeline(items: pd.DataFrame, schedule: pd.DataFrame) -> go.Figure:
    """年次計画: one row per item, one field per year, its stage as word and shade."""
    if items.empty:
        return empty("該当する項目がありません。")
    stages = [*STAGES]
    grid = schedule[schedule["item"].isin(items["item"])].pivot(index="item", columns="fiscal_year", values="stage")
    grid = grid.reindex(items["item"])
    level = {"": None, **{stage: place for place, stage in enumerate(stages)}}
    years = [short_label(year) for year in grid.columns]
    heat = {
        "type": "heatmap",
        "x": years,
        "y": [f"{row['item']} {_cut(row['title'])}" for row in items.to_dict("records")],
        "z": [[level[stage] for stage in row] for row in grid.to_numpy()],
        "text": [[_STAGE_MARKS[stage] for stage in row] for row in grid.to_numpy()],
        "texttemplate": "%{text}",
        "textfont": {"size": 12},
        "zmin": -0.5,
        "zmax": len(stages) - 0.5,
        "colorscale": [
            [place / len(stages) + (0 if edge == 0 else 1 / len(stages)), STEPS[place]]
            for place in range(len(stages))
            for edge in (0, 1)
        ],
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "%{y}<br>%{x} %{text}<extra></extra>",
    }
    return figure(
        [heat],
        50 + 24 * len(items),
        xaxis={**AXIS, "side": "top", "showgrid": False, "tickangle": 0, "type": "category"},
        yaxis={**AXIS, "autorange": "reversed", "showgrid": False, "tickfont": {"size": 12}, "type": "category"},
        margin={"l": 8, "r": 12, "t": 8, "b": 8},
    )


def _cut(title: str, limit: int = 20) -> str:
    return title if len(title) <= limit else f"{title[: limit - 1]}…"


def flow_chart(flows: pd.DataFrame) -> go.Figure:
    """Former items from status over disposition to the new policies; the bands tell how each link is known."""
    names = list(dict.fromkeys([*flows["source"], *flows["target"]]))
    marks = {status: f"{mark}{status}" for status, mark in STATUSES.items()}
    totals = pd.concat([flows.groupby("source")["items"].sum(), flows.groupby("target")["items"].sum()], axis=1).max(
        axis=1
    )
    sankey = {
        "type": "sankey",
        "arrangement": "snap",
        "node": {
            "label": [f"{marks.get(name, name)} {int(totals[name])}" for name in names],
            "color": [BAD if name in ("廃止", "検討中") else PRIMARY for name in names],
            "pad": 26,
            "thickness": 16,
            "hovertemplate": "%{label}項目<extra></extra>",
        },
        "link": {
            "source": [names.index(name) for name in flows["source"]],
            "target": [names.index(name) for name in flows["target"]],
            "value": flows["items"].tolist(),
            "color": [FLOWS[how] for how in flows["how"]],
            "line": {"color": LINE, "width": 1},
            "customdata": [_HOWS[how] for how in flows["how"]],
            "hovertemplate": "%{source.label} → %{target.label}<br>%{value}項目 %{customdata}<extra></extra>",
        },
        "textfont": {"size": 14, "color": INK, "shadow": "auto"},
    }
    return figure([sankey], 460, margin={"l": 8, "r": 12, "t": 16, "b": 16})


def plan_tree(table: pd.DataFrame, plan_title: str) -> go.Figure:
    """The plan as one picture: policies → measures → items, each as large as its number of items."""
    ids, labels, parents = ["計画"], [plan_title], [""]
    for policy, of_policy in table.groupby("policy", sort=False):
        ids.append(policy)
        labels.append(f"{policy} {of_policy['policy_title'].iloc[0]}")
        parents.append("計画")
        for measure, of_measure in of_policy.groupby("measure", sort=False):
            ids.append(f"{policy}-{measure}")
            labels.append(f"({measure}) {of_measure['measure_title'].iloc[0]}")
            parents.append(policy)
            for row in of_measure.to_dict("records"):
                ids.append(row["item"])
                labels.append(f"{row['item']} {row['title']}{'【再掲】' if row['relisted_of'] else ''}")
                parents.append(f"{policy}-{measure}")
    leaf = set(table["item"])
    shade = dict(zip(table["policy"].unique(), POLICIES * 9, strict=False)) | {"計画": CARD}
    icicle = {
        "type": "icicle",
        "ids": ids,
        "labels": labels,
        "parents": parents,
        "values": [1 if each in leaf else 0 for each in ids],
        "branchvalues": "remainder",
        "tiling": {"orientation": "h", "pad": 1},
        "marker": {"colors": [shade[each.split("-")[0]] for each in ids], "line": {"color": LINE, "width": 0.5}},
        "textfont": {"color": INK, "size": 13},
        "pathbar": {"visible": False},
        "hovertemplate": "%{label}<extra></extra>",
        "sort": False,
    }
    return figure([icicle], 60 + 25 * len(table), margin={"l": 8, "r": 8, "t": 8, "b": 8})

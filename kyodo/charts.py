"""Frames into figures: the only module that knows plotly. A chart places numbers, it never computes one.

Every function takes what the brief or :mod:`kyodo.items` computed and returns a figure without a template,
titled by its page; an empty frame gives an empty figure with a sentence.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from kyodo.fiscal import short_label
from kyodo.palette import BAD, CARD, FONT_FAMILY, FOUR, GRID, INK, LINE, PRIMARY, QUIET, SERIES, STEPS
from kyodo.plan import STAGES, STATUSES
from kyodo.wording import number, percent, signed

CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]], "displayModeBar": "hover", "scrollZoom": False}
_AXIS = {"gridcolor": GRID, "zeroline": False, "linecolor": LINE, "automargin": True, "fixedrange": True}
NO_PLAN = "計画なし"
_STAGE_COLOURS = dict(zip((*STAGES, NO_PLAN), (*STEPS, "#FFFFFF"), strict=True))
_STAGE_MARKS = {"検討": "検討", "一部実施": "一部", "検討・実施": "検・実", "実施": "実施", "": "", NO_PLAN: ""}
_PATTERNS = ("", "/", ".", "x")


def _figure(data: Sequence[Mapping[str, Any]], height: int, **layout: Any) -> go.Figure:
    """A figure in the house's style; ``layout`` adds to it."""
    base = {
        "template": {},
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 8, "b": 44},
        "paper_bgcolor": CARD,
        "plot_bgcolor": CARD,
        "font": {"family": FONT_FAMILY, "size": 14, "color": INK},
        "showlegend": False,
        "dragmode": False,
        "hoverlabel": {"bgcolor": CARD, "font": {"family": FONT_FAMILY, "size": 14, "color": INK}},
        "separators": ".,",
    }
    return go.Figure({"data": list(data), "layout": {**base, **layout}})


def empty(sentence: str, height: int = 160) -> go.Figure:
    """A figure that says why there is nothing to draw."""
    note = {"text": sentence, "showarrow": False, "font": {"size": 14, "color": QUIET}}
    return _figure([], height, xaxis={"visible": False}, yaxis={"visible": False}, annotations=[note])


def _years(first: int, last: int, marked: Sequence[int]) -> dict[str, Any]:
    """An axis of fiscal years that names the years with a value; fewer of them where they would touch."""
    step = -(-len(marked) // 7)
    shown = sorted({*marked[::-1][::step], marked[0]}) if step > 1 else list(marked)
    return {
        **_AXIS,
        "tickvals": shown,
        "ticktext": [short_label(year) for year in shown],
        "range": [first - 1.1, last + 1.1],
        "showgrid": False,
        "tickangle": 0,
        "tickfont": {"size": 12},
    }


def _percents(values: Sequence[float]) -> dict[str, Any]:
    """An axis of percentages with room for the labels above and below."""
    low, high = min(values), max(values)
    room = max(high - low, 2) * 0.22
    return {**_AXIS, "ticksuffix": "%", "nticks": 5, "tickfont": {"size": 12}, "range": [low - room, high + room]}


def indicator_chart(known: pd.DataFrame, targets: pd.DataFrame, height: int = 260) -> go.Figure:
    """One indicator over the years: baseline, actuals with intervals, targets, the straight path, the projection.

    ``known`` and ``targets`` are one indicator's rows of the brief.
    """
    measured = known[known["kind"] != "target"].sort_values("fiscal_year")
    if measured.empty:
        return empty("値がまだありません。", height)
    years = sorted({int(year) for year in known["fiscal_year"]})
    reach = pd.concat([known["value"], known["low"], known["high"], targets["projection"]]).dropna()
    return _figure(
        [_path(known), *_projections(measured, targets), _measured(measured), _target_marks(targets)],
        height,
        xaxis=_years(years[0], years[-1], years),
        yaxis=_percents(reach.tolist()),
        margin={"l": 8, "r": 14, "t": 12, "b": 28},
    )


def _path(known: pd.DataFrame) -> dict[str, Any]:
    """The straight way from the baseline through the dated targets."""
    way = known[known["kind"] != "actual"].sort_values("fiscal_year")
    return {
        "type": "scatter",
        "name": "目標への道すじ",
        "mode": "lines",
        "x": way["fiscal_year"].tolist(),
        "y": way["value"].tolist(),
        "line": {"color": LINE, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }


def _projections(measured: pd.DataFrame, targets: pd.DataFrame) -> list[dict[str, Any]]:
    """このまま行くと: from the newest value to where the line points in the last target's year."""
    last, newest = targets.sort_values("target_year").tail(1), measured.iloc[-1]
    if last["projection"].isna().all() or int(last["target_year"].iloc[0]) <= int(newest["fiscal_year"]):
        return []
    year, value = int(last["target_year"].iloc[0]), float(last["projection"].iloc[0])
    return [
        {
            "type": "scatter",
            "name": "このまま行くと",
            "mode": "lines+text",
            "x": [int(newest["fiscal_year"]), year],
            "y": [float(newest["value"]), value],
            "text": ["", f"({percent(value)})"],
            "textposition": "bottom center",
            "textfont": {"size": 12, "color": QUIET},
            "cliponaxis": False,
            "line": {"color": SERIES[0], "width": 1.5, "dash": "dash"},
            "hovertemplate": f"このまま行くと {short_label(year)} {percent(value)}<extra></extra>",
        }
    ]


def _measured(measured: pd.DataFrame) -> dict[str, Any]:
    """Baseline and actuals with their 95 % intervals where n is known; first and last are labelled."""
    rows = measured.to_dict("records")
    labels = [
        percent(row["value"]) if place in (0, len(rows) - 1) or len(rows) <= 4 else "" for place, row in enumerate(rows)
    ]
    hover = [
        f"{short_label(row['fiscal_year'])} {'基準値' if row['kind'] == 'baseline' else '実績値'} {percent(row['value'])}"
        + (f"<br>95%区間 {percent(row['low'])}〜{percent(row['high'])}" if pd.notna(row["low"]) else "")
        for row in rows
    ]
    known_n = measured["low"].notna()
    return {
        "type": "scatter",
        "name": "基準値・実績値",
        "mode": "lines+markers+text",
        "x": measured["fiscal_year"].tolist(),
        "y": measured["value"].tolist(),
        "text": labels,
        "textposition": "bottom center",
        "textfont": {"size": 14, "color": SERIES[0]},
        "line": {"color": SERIES[0], "width": 2.5},
        "marker": {
            "size": 9,
            "color": [CARD if row["kind"] == "baseline" else SERIES[0] for row in rows],
            "line": {"color": SERIES[0], "width": 2},
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": (measured["high"] - measured["value"]).where(known_n, 0).tolist(),
            "arrayminus": (measured["value"] - measured["low"]).where(known_n, 0).tolist(),
            "color": SERIES[0],
            "thickness": 1.2,
            "width": 4,
        },
        "cliponaxis": False,
        "hovertext": hover,
        "hoverinfo": "text",
    }


def _target_marks(targets: pd.DataFrame) -> dict[str, Any]:
    """Targets as diamonds with their value: form as well as colour."""
    rows = targets.sort_values("target_year").to_dict("records")
    return {
        "type": "scatter",
        "name": "目標値",
        "mode": "markers+text",
        "x": [row["target_year"] for row in rows],
        "y": [row["target"] for row in rows],
        "text": [percent(row["target"]) for row in rows],
        "textposition": "top center",
        "textfont": {"size": 14, "color": "#B83B00"},
        "marker": {"symbol": "diamond", "size": 11, "color": SERIES[1], "line": {"color": CARD, "width": 1}},
        "cliponaxis": False,
        "hovertext": [f"{short_label(row['target_year'])} 目標値 {percent(row['target'])}" for row in rows],
        "hoverinfo": "text",
    }


def gap_chart(targets: pd.DataFrame, names: Mapping[int, str]) -> go.Figure:
    """Points still to go to each target, all indicators; a bar to the left of 0 is a target reached."""
    rows = targets[targets["gap"].notna()]
    if rows.empty:
        return empty("実績値がまだありません。")
    years = sorted(rows["target_year"].unique())
    colours = dict(zip(years, (FOUR[0], FOUR[3], FOUR[2], FOUR[1]) * len(years), strict=False))
    order = [names[indicator] for indicator in rows["indicator"].unique()]
    bars = [
        {
            "type": "bar",
            "name": f"{short_label(year)}目標まで",
            "orientation": "h",
            "y": [names[indicator] for indicator in group["indicator"]],
            "x": group["gap"].tolist(),
            "text": [f"{short_label(year)} {'達成' if gap <= 0 else f'あと{number(gap)}'}" for gap in group["gap"]],
            "textposition": "outside",
            "cliponaxis": False,
            "marker": {
                "color": colours[year],
                "pattern": {
                    "shape": _PATTERNS[place % 4],
                    "fillmode": "overlay",
                    "fgcolor": CARD,
                    "fgopacity": 0.7,
                    "size": 7,
                },
            },
            "hovertemplate": "%{y}<br>%{text}ポイント<extra></extra>",
        }
        for place, (year, group) in enumerate(rows.groupby("target_year"))
    ]
    room = max(rows["gap"].max(), 1) * 1.28
    return _figure(
        bars,
        70 + 56 * len(order),
        barmode="group",
        bargap=0.3,
        xaxis={**_AXIS, "range": [min(0, rows["gap"].min() * 1.3), room], "zeroline": True, "zerolinecolor": LINE,
               "title": {"text": "目標との差(ポイント)", "font": {"size": 13}}},
        yaxis={**_AXIS, "categoryorder": "array", "categoryarray": order[::-1], "showgrid": False},
    )  # fmt: skip


def stage_chart(stages: pd.DataFrame, titles: Mapping[str, str]) -> go.Figure:
    """Items by policy and stage of one year, stacked, each part labelled."""
    if stages.empty:
        return empty("該当する項目がありません。")
    return _stacked(stages, titles, [_STAGE_COLOURS[stage] for stage in stages.columns])


def status_chart(tally: pd.DataFrame, titles: Mapping[str, str]) -> go.Figure:
    """Former items by policy and status, stacked, each part labelled with its mark."""
    marked = tally.rename(columns={status: f"{mark}{status}" for status, mark in STATUSES.items()})
    return _stacked(marked, titles, list(reversed(STEPS)))


def _stacked(counts: pd.DataFrame, titles: Mapping[str, str], colours: Sequence[str]) -> go.Figure:
    rows = [f"{policy} {titles[policy]}" for policy in counts.index]
    bars = [
        {
            "type": "bar",
            "name": name,
            "orientation": "h",
            "y": rows,
            "x": counts[name].tolist(),
            "text": [f"{name} {count}" if count >= 4 else str(count) if count else "" for count in counts[name]],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "constraintext": "none",
            "textfont": {"color": _ink_on(colour), "size": 13},
            "marker": {"color": colour, "line": {"color": LINE, "width": 1}},
            "hovertemplate": f"%{{y}}<br>{name} %{{x}}項目<extra></extra>",
        }
        for name, colour in zip(counts.columns, colours, strict=False)
    ]
    return _figure(
        bars,
        80 + 44 * len(rows),
        barmode="stack",
        bargap=0.35,
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        xaxis={**_AXIS, "rangemode": "tozero", "ticksuffix": "", "title": {"text": "項目数", "font": {"size": 13}}},
        yaxis={**_AXIS, "autorange": "reversed", "showgrid": False, "ticklabelposition": "outside"},
    )


def _ink_on(colour: str) -> str:
    """Black or white, whichever is read better on that ground."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return INK if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.3 else CARD


def actor_map(counts: pd.DataFrame) -> go.Figure:
    """Policies × actors, the number of items in each field; a field can be clicked."""
    if counts.empty:
        return empty("該当する項目がありません。")
    scale = [[0, "#FFFFFF"], [0.001, STEPS[0]], [1, STEPS[2]]]
    heat = {
        "type": "heatmap",
        "x": list(counts.columns),
        "y": list(counts.index),
        "z": counts.to_numpy().tolist(),
        "text": counts.to_numpy().tolist(),
        "texttemplate": "%{text}",
        "textfont": {"size": 15, "color": INK},
        "colorscale": scale,
        "zmin": 0,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverinfo": "skip",
    }
    marks = {  # a heat map cannot be selected from; unseen marks on its fields can
        "type": "scatter",
        "mode": "markers",
        "x": [actor for _ in counts.index for actor in counts.columns],
        "y": [policy for policy in counts.index for _ in counts.columns],
        "marker": {"size": 30, "opacity": 0, "symbol": "square"},
        "text": counts.to_numpy().ravel().tolist(),
        "hovertemplate": "方針%{y} × %{x}<br>%{text}項目<extra></extra>",
    }
    return _figure(
        [heat, marks],
        70 + 46 * len(counts),
        clickmode="event+select",
        xaxis={**_AXIS, "side": "top", "showgrid": False, "type": "category", "tickangle": 0, "tickfont": {"size": 12}},
        yaxis={**_AXIS, "autorange": "reversed", "showgrid": False, "type": "category"},
    )


def department_chart(counts: pd.DataFrame) -> go.Figure:
    """Items per department, most first, each bar labelled."""
    if counts.empty:
        return empty("該当する項目がありません。")
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": counts["department"].tolist(),
        "x": counts["items"].tolist(),
        "text": counts["items"].tolist(),
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": FOUR[0]},
        "hovertemplate": "%{y} %{x}項目<extra></extra>",
    }
    return _figure(
        [bar],
        50 + 26 * len(counts),
        xaxis={
            **_AXIS,
            "range": [0, int(counts["items"].max()) * 1.12],
            "title": {"text": "項目数", "font": {"size": 13}},
        },
        yaxis={**_AXIS, "autorange": "reversed", "showgrid": False},
    )


def timeline(items: pd.DataFrame, schedule: pd.DataFrame) -> go.Figure:
    """年次計画: one row per item, one field per year, its stage as word and shade."""
    if items.empty:
        return empty("該当する項目がありません。")
    stages = [*STAGES]
    grid = schedule[schedule["item"].isin(items["item"])].pivot(index="item", columns="fiscal_year", values="stage")
    grid = grid.reindex(items["item"])
    level = {"": None, **{stage: place for place, stage in enumerate(stages)}}
    heat = {
        "type": "heatmap",
        "x": [short_label(year) for year in grid.columns],
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
    return _figure(
        [heat],
        50 + 24 * len(items),
        xaxis={**_AXIS, "side": "top", "showgrid": False},
        yaxis={**_AXIS, "autorange": "reversed", "showgrid": False, "tickfont": {"size": 12}},
    )


def _cut(title: str, limit: int = 20) -> str:
    return title if len(title) <= limit else f"{title[: limit - 1]}…"


def flow_chart(flows: pd.DataFrame) -> go.Figure:
    """Former items from status over disposition to the new policies; inferred links are lighter than explicit ones."""
    names = list(dict.fromkeys([*flows["source"], *flows["target"]]))
    marks = {status: f"{mark}{status}" for status, mark in STATUSES.items()}
    shades = {"": "rgba(0,17,143,0.35)", "explicit": "rgba(0,17,143,0.65)", "same_title": "rgba(0,17,143,0.40)",
              "inferred": "rgba(251,91,1,0.45)"}  # fmt: skip
    words = {"": "", "explicit": "計画書に明記", "same_title": "同じ名称", "inferred": "内容からの推定"}
    totals = pd.concat([flows.groupby("source")["items"].sum(), flows.groupby("target")["items"].sum()], axis=1).max(
        axis=1
    )
    sankey = {
        "type": "sankey",
        "arrangement": "snap",
        "node": {
            "label": [f"{marks.get(name, name)} {int(totals[name])}" for name in names],
            "color": [BAD if name in ("廃止", "検討中") else PRIMARY for name in names],
            "pad": 18,
            "thickness": 16,
            "hovertemplate": "%{label}項目<extra></extra>",
        },
        "link": {
            "source": [names.index(name) for name in flows["source"]],
            "target": [names.index(name) for name in flows["target"]],
            "value": flows["items"].tolist(),
            "color": [shades[how] for how in flows["how"]],
            "customdata": [words[how] for how in flows["how"]],
            "hovertemplate": "%{source.label} → %{target.label}<br>%{value}項目 %{customdata}<extra></extra>",
        },
        "textfont": {"size": 13, "color": INK, "shadow": "none"},
    }
    return _figure([sankey], 400)


def breakdown_chart(breakdown: pd.DataFrame, overall: float) -> go.Figure:
    """Shares by group with their 95 % intervals, and the overall share as a line; withheld groups are left out."""
    shown = breakdown[breakdown["value"].notna()]
    if shown.empty:
        return empty("表示できる区分がありません(回答が少ない区分は秘匿しています)。")
    points = {
        "type": "scatter",
        "mode": "markers+text",
        "x": shown["value"].tolist(),
        "y": (shown["group"] + " " + shown["category"]).tolist(),
        "text": [percent(value) for value in shown["value"]],
        "textposition": "top center",
        "marker": {"size": 10, "color": SERIES[0]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": (shown["high"] - shown["value"]).tolist(),
            "arrayminus": (shown["value"] - shown["low"]).tolist(),
            "color": SERIES[0],
            "thickness": 1.2,
        },
        "hovertemplate": "%{y} %{text}<extra></extra>",
    }
    line = {"type": "line", "x0": overall, "x1": overall, "yref": "paper", "y0": 0, "y1": 1,
            "line": {"color": LINE, "dash": "dot", "width": 1.5}}  # fmt: skip
    note = {
        "x": overall,
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "showarrow": False,
        "text": f"全体 {percent(overall)}",
    }
    return _figure(
        [points],
        80 + 40 * len(shown),
        shapes=[line],
        annotations=[note],
        margin={"l": 8, "r": 14, "t": 30, "b": 28},
        xaxis={**_AXIS, "ticksuffix": "%", "rangemode": "tozero"},
        yaxis={**_AXIS, "autorange": "reversed"},
    )


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
    shade = {"計画": CARD, "I": STEPS[0], "II": "#FDEDE3", "III": "#E3F4F7", "IV": "#F3EEDC"}
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
    return _figure([icicle], 90 + 24 * len(table))


def alt_of_indicator(name: str, known: pd.DataFrame, targets: pd.DataFrame) -> str:
    """The sentence read aloud in place of an indicator's chart."""
    measured = known[known["kind"] != "target"].sort_values("fiscal_year")
    values = "、".join(
        f"{short_label(row['fiscal_year'])} {percent(row['value'])}" for row in measured.to_dict("records")
    )
    aims = "、".join(
        f"{short_label(row['target_year'])}目標 {percent(row['target'])}(差 {signed(row['gap']) or '不明'}ポイント)"
        for row in targets.to_dict("records")
    )
    return f"{name}の推移。{values}。{aims}。"

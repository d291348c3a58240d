"""Charts that PowerPoint draws and edits itself. They carry the brief's numbers, unrounded, and show one decimal.

Marker shapes, dashes and patterns tell the series apart on a greyscale print; labels are bound to the values, so that
an edited number moves its label too.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import ceil, floor

import pandas as pd
from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.dml import MSO_LINE, MSO_PATTERN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.slide import Slide
from pptx.util import Pt

from kyodo.deck.pieces import describe, fill_xml
from kyodo.deck.stationery import FONT, Box, Stationery
from kyodo.fiscal import short_label
from kyodo.forecast import band
from kyodo.items import NO_PLAN
from kyodo.labels import NEXT_TO, Frame, Label, Place, placed
from kyodo.palette import CARD, GRID, INK, LINE, SERIES, STEPS, shades
from kyodo.rows import Row, grouped
from kyodo.wording import percent

_CROWDED = 12  # years whose names stand beside each other at the usual size
Ways = dict[str, dict[int, float]]  # series' title → fiscal year → value
Interval = tuple[
    int, float, float, float
]  # a point's place or fiscal year, its value, and where its interval begins and ends
PERCENT, RATIO, COUNT = '0.0"%"', '0.0%;"▲"0.0%', "0;;"


def _colour(text: str) -> RGBColor:
    return RGBColor.from_string(text[1:])


def _add(
    paper: Stationery, slide: Slide, box: Box, kind: XL_CHART_TYPE, data: CategoryChartData, name: str, said: str
) -> Chart:
    """A chart with our type, without title, its legend at the foot."""
    frame = slide.shapes.add_chart(kind, *paper.place(box), data)
    describe(frame, name, said)
    chart = frame.chart
    chart.has_title = False
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.font.size, chart.font.name = Pt(round(12 * paper.scale)), FONT
    chart.font.color.rgb = _colour(INK)
    chart.legend.font.size, chart.legend.font.name = Pt(round(12 * paper.scale)), FONT
    for latin in chart._chartSpace.iter(qn("a:latin")):
        for script in ("cs", "ea"):
            latin.addnext(parse_xml(f'<a:{script} {nsdecls("a")} typeface="{FONT}"/>'))
    for axis in chart._chartSpace.iter(qn("c:axId"), qn("c:crossAx")):
        axis.set("val", axis.get("val").lstrip("-"))  # python-pptx's are negative, which the standard forbids
    return chart


def _axes(chart: Chart, number_format: str, *, low: float | None = None, high: float | None = None) -> None:
    """A quiet grid, and numbers as people write them; no bar of error ends beyond ``high``."""
    values, names = chart.value_axis, chart.category_axis
    values.major_gridlines.format.line.color.rgb = _colour(GRID)
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = number_format, False
    values.format.line.fill.background()
    if low is not None:
        values.minimum_scale = low
    if high is not None:
        values.maximum_scale = high
    names.format.line.color.rgb = _colour(LINE)
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.has_major_gridlines = False


def indicator_chart(
    paper: Stationery, slide: Slide, box: Box, known: Sequence[Row], targets: Sequence[Row], *, name: str, said: str
) -> None:
    """One indicator over the years: baseline, actuals with error bars, the straight path, targets, the forecast."""
    found, ways = [row["fiscal_year"] for row in known], _ways(known, targets)
    years, intervals = range(min(found), max(found) + 1), _intervals(known, targets)
    data = CategoryChartData(number_format=PERCENT)
    data.categories = list(map(short_label, years))
    for title, points in ways.items():
        data.add_series(title, list(map(points.get, years)))
    chart = _add(paper, slide, box, XL_CHART_TYPE.LINE_MARKERS, data, name, said)
    chart._chartSpace.chart.find(qn("c:dispBlanksAs")).set("val", "span")
    low, high = _reach(known, targets)
    _axes(chart, '0"%"', low=low, high=high)
    if len(years) > _CROWDED:
        chart.category_axis.tick_labels.font.size = Pt(round(9 * paper.scale))
    drawn = dict(zip(ways, chart.plots[0].series, strict=True))
    for title, series in drawn.items():
        _style(series, **_STYLES[title])
    for row in known:
        if row["kind"] == "baseline":
            _hollow(drawn[_MEASURED].points[row["fiscal_year"] - years[0]])
    across, up = _plot(paper, box)
    frame = Frame((years[0] - 0.8, years[-1] + 0.8), (low, high), round(across * (1 + 0.6 / len(years))), up)
    for title, year, place in _labelled(ways, intervals[_MEASURED], frame, 16 * paper.scale):
        _label(drawn[title], year - years[0], _POSITIONS[place[:2]])
    for title in drawn.keys() & intervals.keys():
        _add_errors(drawn[title], intervals[title], years)


def _reach(known: Sequence[Row], targets: Sequence[Row]) -> tuple[float, float]:
    """Where the axis of values begins and ends: what there is to see with room for labels, not the way up from 0."""
    values = [row[name] for row in known for name in ("value", "low", "high")]
    values += [row[name] for row in targets for name in ("forecast_low", "forecast_high")]
    values = [value for value in values if pd.notna(value)]
    low, high = min(values), max(values)
    room = max(high - low, 5) * 0.3
    return max(0.0, 5 * floor((low - room) / 5)), 5 * ceil((high + room / 2) / 5)


def _plot(paper: Stationery, box: Box) -> tuple[int, int]:
    """About how many pixels (96 an inch) lie between the axes of a chart of that size."""
    _, _, across, down = paper.place(box)
    return round(96 * (across / 914400 - 0.7)), round(96 * (down / 914400 - 0.9))


def _labelled(ways: Ways, bars: Sequence[Interval], frame: Frame, size: float) -> Iterator[tuple[str, int, Place]]:
    """Where the values that are shown stand: (series, fiscal year, place)."""
    shown = _told(ways)
    rivals = grouped((year for _, year, _ in shown), (value for _, _, value in shown))
    labels = [
        Label("", percent(value), year, value, INK, size=size, above=_is_above(title, value, rivals[year]))
        for title, year, value in shown
    ]
    points = [*ways[_MEASURED].items(), *ways[_TARGET].items(), *_end(ways)]
    lines = [pair for way in ways.values() for pair in pairwise(sorted(way.items()))]
    lines += [((year, low), (year, high)) for year, _, low, high in bars]
    for (title, year, _), place in zip(shown, placed(labels, points, lines, frame, NEXT_TO), strict=True):
        yield title, year, place


def _told(ways: Ways) -> list[tuple[str, int, float]]:
    """The points that show their value: (series, fiscal year, value)."""
    measured, aims = sorted(ways[_MEASURED].items()), ways[_TARGET].items()
    at_target = {(year, percent(value)) for year, value in aims}
    ahead = [(year, value) for year, value in _end(ways) if (year, percent(value)) not in at_target]
    told = {_TARGET: aims, _MEASURED: measured if len(measured) <= _FEW else [measured[0], measured[-1]], _AHEAD: ahead}
    return [(title, *point) for title, points in told.items() for point in points]


def _end(ways: Ways) -> list[tuple[int, float]]:
    """The point a forecast ends in, if there is any."""
    return sorted(ways.get(_AHEAD, {}).items())[-1:]


def _is_above(title: str, value: float, of_its_year: Sequence[float]) -> bool:
    """Whether a label is looked a place for above its point: the highest of a year, and a target that is alone."""
    return title == _TARGET if len(of_its_year) == 1 else value == max(of_its_year)


_FEW = 6  # measured values that all show their number
_POSITIONS = {
    ("center", "top"): XL_LABEL_POSITION.ABOVE,
    ("center", "bottom"): XL_LABEL_POSITION.BELOW,
    ("left", "middle"): XL_LABEL_POSITION.RIGHT,
    ("right", "middle"): XL_LABEL_POSITION.LEFT,
}
_MEASURED, _TARGET, _PATH, _AHEAD = "基準値(○)・実績値(●)", "目標値(◆)", "目標への道すじ", "見込み(縦線は90%区間)"
_STYLES = {
    _MEASURED: {"colour": SERIES[0], "width": 2.25, "marker": XL_MARKER_STYLE.CIRCLE, "size": 8},
    _TARGET: {"colour": SERIES[1], "width": None, "marker": XL_MARKER_STYLE.DIAMOND, "size": 10},
    _PATH: {"colour": LINE, "width": 1.5, "marker": XL_MARKER_STYLE.NONE, "dash": MSO_LINE.ROUND_DOT},
    _AHEAD: {"colour": SERIES[0], "width": 1.5, "marker": XL_MARKER_STYLE.NONE, "dash": MSO_LINE.DASH},
}


def _ways(known: Sequence[Row], targets: Sequence[Row]) -> Ways:
    """Series title → fiscal year → value, as the brief has them."""
    kinds = {_MEASURED: ("baseline", "actual"), _TARGET: ("target",), _PATH: ("baseline", "target")}
    ways = {
        title: {row["fiscal_year"]: row["value"] for row in known if row["kind"] in shown}
        for title, shown in kinds.items()
    }
    found = band(known, targets)
    return ways | ({_AHEAD: {year: value for year, value, *_ in (found[0], found[-1])}} if found else {})


def _intervals(known: Sequence[Row], targets: Sequence[Row]) -> dict[str, list[Interval]]:
    """Series title → the intervals of its values, where they are known."""
    measured = [row for row in known if row["kind"] != "target" and pd.notna(row["low"])]
    bars = [(row["fiscal_year"], row["value"], row["low"], row["high"]) for row in measured]
    return {_MEASURED: bars, _AHEAD: band(known, targets)[-1:]}


def _style(series, *, colour: str, width: float | None, marker: XL_MARKER_STYLE, size: int = 5, dash=None) -> None:
    series.smooth = False
    series.marker.style, series.marker.size = marker, size
    if marker != XL_MARKER_STYLE.NONE:
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = _colour(colour)
        series.marker.format.line.color.rgb = _colour(colour)
    if width is None:
        series.format.line.fill.background()
        return
    series.format.line.color.rgb, series.format.line.width = _colour(colour), Pt(width)
    if dash is not None:
        series.format.line.dash_style = dash


def _hollow(point) -> None:
    """The baseline's ring, so that it is told from the actuals without colour."""
    point.marker.style, point.marker.size = XL_MARKER_STYLE.CIRCLE, 9
    point.marker.format.fill.solid()
    point.marker.format.fill.fore_color.rgb = _colour(CARD)
    point.marker.format.line.color.rgb = _colour(SERIES[0])


def _label(series, at: int, position: XL_LABEL_POSITION) -> None:
    """Show one point's value on white; the label follows the value when it is edited."""
    label = series.points[at].data_label
    label.position = position
    label._dLbl.find(qn("c:spPr")).append(parse_xml(fill_xml(CARD, namespace=True)))


def _add_errors(series, intervals: Sequence[Interval], years: range) -> None:
    """The intervals of values as bars."""
    if not intervals:
        return
    reach = {
        "plus": [(year, high - value) for year, value, _, high in intervals],
        "minus": [(year, value - low) for year, value, low, _ in intervals],
    }
    ends = "".join(
        f'<c:{side}><c:numLit><c:formatCode>General</c:formatCode><c:ptCount val="{len(years)}"/>'
        + "".join(f'<c:pt idx="{year - years[0]}"><c:v>{max(0.0, far)!r}</c:v></c:pt>' for year, far in each)
        + f"</c:numLit></c:{side}>"
        for side, each in reach.items()
    )
    bars = parse_xml(
        f'<c:errBars {nsdecls("c", "a")}><c:errDir val="y"/><c:errBarType val="both"/><c:errValType val="cust"/>'
        f'<c:noEndCap val="0"/>{ends}<c:spPr><a:ln w="12700"><a:solidFill><a:srgbClr val="{INK[1:]}"/></a:solidFill></a:ln>'
        f"</c:spPr></c:errBars>"
    )
    series._element.find(qn("c:cat")).addprevious(bars)


def ratio_chart(paper: Stationery, slide: Slide, box: Box, rows: pd.DataFrame, *, name: str, said: str) -> None:
    """到達率 and 改善幅率 of each indicator side by side (``rows`` of :func:`kyodo.readable.assessed`)."""
    data = CategoryChartData(number_format=RATIO)
    data.categories = rows["name"].tolist()
    for title, column in (("到達率", "attainment"), ("改善幅率", "improvement")):
        data.add_series(title, _numbers(rows[column]))
    chart = _add(paper, slide, box, XL_CHART_TYPE.COLUMN_CLUSTERED, data, name, said)
    _axes(chart, '0%;"▲"0%')
    _fill_series(chart, ((STEPS[1], None), (STEPS[3], None)))
    _show_values(chart, RATIO, XL_LABEL_POSITION.OUTSIDE_END)
    chart.plots[0].gap_width, chart.plots[0].overlap = 80, 0


def _numbers(series: pd.Series) -> list[float | None]:
    """Numbers with missing ones as None, which leaves a gap."""
    return [None if pd.isna(value) else float(value) for value in series]


def _fill_series(chart: Chart, fills: Sequence[tuple[str, MSO_PATTERN | None]]) -> None:
    """Fill the series; a pattern besides the shade where shades alone would be alike."""
    for series, (colour, pattern) in zip(chart.plots[0].series, fills, strict=False):
        fill = series.format.fill
        if pattern is None:
            fill.solid()
            fill.fore_color.rgb = _colour(colour)
        else:
            fill.patterned()
            fill.pattern, fill.fore_color.rgb, fill.back_color.rgb = pattern, _colour(colour), _colour(CARD)
        series.format.line.color.rgb, series.format.line.width = _colour(LINE), Pt(0.75)
        series.invert_if_negative = False


def _show_values(chart: Chart, number_format: str, position: XL_LABEL_POSITION) -> None:
    chart.plots[0].has_data_labels = True
    labels = chart.plots[0].data_labels
    labels.show_value, labels.position = True, position
    labels.number_format, labels.number_format_is_linked = number_format, False


def stage_chart(
    paper: Stationery, slide: Slide, box: Box, stages: pd.DataFrame, titles: Mapping[str, str], *, name: str, said: str
) -> None:
    """Items by policy and stage of one year, stacked; zeros carry no label."""
    fills = shades(stages.columns, NO_PLAN)
    data = CategoryChartData(number_format=COUNT)
    data.categories = [f"{policy} {titles[policy]}" for policy in stages.index]
    for stage in stages.columns:
        data.add_series(stage, [int(count) for count in stages[stage]])
    chart = _add(paper, slide, box, XL_CHART_TYPE.BAR_STACKED, data, name, said)
    _axes(chart, "0", low=0)
    chart.category_axis.reverse_order = True
    chart.value_axis.has_major_gridlines = False
    chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    _fill_series(chart, [(fill, None) for fill in fills.values()])
    chart.plots[0].gap_width, chart.plots[0].overlap = 60, 100
    for series, stage in zip(chart.plots[0].series, stages.columns, strict=True):
        labels = series.data_labels
        labels.show_value, labels.number_format, labels.number_format_is_linked = True, COUNT, False
        labels.font.color.rgb = _colour(CARD if fills[stage] in STEPS[2:] else INK)


def breakdown_chart(
    paper: Stationery, slide: Slide, box: Box, rows: pd.DataFrame, overall: float, *, name: str, said: str
) -> None:
    """Shares by group with their 95 % intervals under the overall share; withheld groups are left out."""
    shown = rows[rows["value"].notna()]
    data = CategoryChartData(number_format=PERCENT)
    data.categories = ["全体", *(shown["group"] + " " + shown["category"])]
    data.add_series("割合", [float(overall), *_numbers(shown["value"])])
    chart = _add(paper, slide, box, XL_CHART_TYPE.BAR_CLUSTERED, data, name, said)
    _axes(chart, '0"%"', low=0)
    most = max(overall, *shown["high"], *shown["value"])  # the lines' ends, too
    chart.value_axis.maximum_scale = 5 * ceil(most / 5) or 5
    chart.has_legend = False
    chart.category_axis.reverse_order = True
    chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE  # every bar has its value
    _fill_series(chart, ((STEPS[1], None),))
    _show_values(chart, PERCENT, XL_LABEL_POSITION.INSIDE_BASE)
    chart.plots[0].gap_width = 40
    places = range(len(shown) + 1)  # the first is 全体
    bars = list(zip(places[1:], shown["value"], shown["low"], shown["high"], strict=True))
    _add_errors(chart.plots[0].series[0], bars, places)

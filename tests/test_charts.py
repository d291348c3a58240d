"""Figures place numbers: every number is a label, no colour is alone, labels keep apart, an empty frame says so."""

import json
import re
from itertools import pairwise

import pandas as pd
import pytest
from given import ELEVEN_YEARS, NOW, ROOT, recorded
from hypothesis import given
from hypothesis import strategies as st

from kyodo import charts
from kyodo.brief import build_brief
from kyodo.charts.frame import contrast
from kyodo.findings import indicator_label
from kyodo.labels import Frame, Label, _box, _size, _touch, beside, placed
from kyodo.palette import CARD

SNAPSHOTS = ROOT / "tests" / "snapshots"


@pytest.fixture(scope="module")
def shown(plan):
    return build_brief(plan, recorded([]), as_of=NOW)


@pytest.fixture(scope="module")
def figures(shown, plan):
    """One of each figure, as plain data."""
    names = {number: indicator_label(plan.indicators, number) for number in plan.indicators["indicator"]}
    policies = plan.policies.set_index("policy")["title"].to_dict()
    groups = pd.DataFrame(
        [("性別", "男性", 40.0, 36.0, 44.0), ("性別", "女性", 45.0, 41.0, 49.0)],
        columns=["group", "category", "value", "low", "high"],
    )
    made = {
        f"indicator_{number}": charts.indicator_chart(
            shown.known[shown.known["indicator"] == number], shown.indicator(number)
        )
        for number in names
    }
    made |= {
        "gaps": charts.gap_chart(shown.targets, names),
        "stages": charts.stage_chart(shown.stages, policies),
        "groups": charts.breakdown_chart(groups, 42.5),
    }
    return {name: json.loads(figure.to_json()) for name, figure in made.items()}


@pytest.mark.parametrize("name", ["indicator_3", "gaps", "stages"])
def test_a_figure_is_drawn_as_last_agreed(name, figures):
    """To agree on a new drawing: look at it, delete the file, run again."""
    file = SNAPSHOTS / f"{name}.json"
    if not file.exists():
        file.write_text(
            json.dumps(figures[name], ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
        pytest.fail(f"{file.name} was missing and is written now: look at it and run again")
    assert figures[name] == json.loads(file.read_text(encoding="utf-8"))


def every_value(tree, key):
    if isinstance(tree, dict):
        for name, value in tree.items():
            if name == key:
                yield value
            yield from every_value(value, key)
    elif isinstance(tree, list):
        for each in tree:
            yield from every_value(each, key)


def test_every_bar_starts_at_zero_and_every_axis_is_fixed(figures):
    for name in ("stages", "gaps"):
        low, _ = figures[name]["layout"]["xaxis"]["range"]
        assert low <= 0, name
    assert all(fixed for figure in figures.values() for fixed in every_value(figure["layout"], "fixedrange"))


def test_a_bar_that_is_too_light_has_an_edge_and_its_number(figures):
    for name in ("stages", "gaps"):
        for bar in figures[name]["data"]:
            colour, edge = bar["marker"]["color"], bar["marker"].get("line", {}).get("color", CARD)
            assert max(contrast(colour, CARD), contrast(edge, CARD)) >= 3, name
            assert len(bar["text"]) == len(bar["x"])


def test_lines_and_points_stand_out_and_differ_in_form(figures):
    _, _, forecast, path, measured, aims = figures["indicator_1"]["data"]
    colours = [path["line"]["color"], forecast["line"]["color"], measured["line"]["color"], aims["marker"]["color"]]
    assert all(contrast(colour, CARD) >= 3 for colour in colours)
    assert [each["line"].get("dash", "solid") for each in (path, forecast, measured)] == ["dot", "dash", "solid"]
    assert aims["marker"]["symbol"] == "diamond"


@pytest.mark.parametrize("rows", [[], [(2, 2012, 15.0, 300)], [(2, 2012, 99.5, 40)], ELEVEN_YEARS])
def test_no_interval_and_no_band_ends_beyond_the_axis(plan, rows):
    brief = build_brief(plan, recorded(rows), as_of=NOW)
    for number in plan.indicators["indicator"]:
        figure = charts.indicator_chart(brief.values_of(number), brief.indicator(number))
        low, high = figure.layout.yaxis.range
        drawn = [value for trace in figure.data for value in trace.y]
        for trace in figure.data:
            if trace.error_y.array is not None:
                drawn += [value + up for value, up in zip(trace.y, trace.error_y.array, strict=True)]
                drawn += [value - down for value, down in zip(trace.y, trace.error_y.arrayminus, strict=True)]
        assert low < min(drawn)
        assert max(drawn) < high


def test_at_most_four_colours_carry_meaning_in_a_figure(figures):
    for name, figure in figures.items():
        found = set(re.findall(r"#[0-9A-Fa-f]{6}", json.dumps([trace.get("marker", {}) for trace in figure["data"]])))
        assert len(found - {CARD, "#767676"}) <= 4, name


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_the_numbers_of_an_indicator_are_written_at_their_points(number, figures, shown):
    words = " ".join(note["text"] for note in figures[f"indicator_{number}"]["layout"]["annotations"])
    row = shown.indicator(number).iloc[-1]
    assert f"H23 {row['actual']}%" in words
    assert f"H29目標<br>{row['target']}%" in words


def test_labels_of_near_points_do_not_touch():
    frame = Frame((0, 10), (0, 100), 270, 240)
    labels = [
        Label("H23", "22.1%", 5, 50, "#000000"),
        Label("H24目標", "23.0%", 5.4, 52, "#000000", above=True),
        Label("直線で延ばすと", "24.0%", 6, 54, "#000000"),
    ]
    places = placed(labels, [(each.x, each.y) for each in labels], [], frame)
    boxes = [_box(frame.pixels(each.x, each.y), _size(each), place) for each, place in zip(labels, places, strict=True)]
    assert not any(_touch(one, other) for place, one in enumerate(boxes) for other in boxes[place + 1 :])


@given(st.lists(st.floats(0, 100), min_size=1, max_size=4))
def test_labels_beside_the_last_year_keep_apart_and_in_the_order_of_their_points(values):
    frame = Frame((0, 10), (0, 100), 200, 240)
    labels = [Label("H29目標", f"{value:.1f}%", 10, value, "#000000") for value in values]
    places = [frame.pixels(10, value)[1] + up for value, up in zip(values, beside(labels, frame), strict=True)]
    assert all(after - before >= 2 * 1.3 * 13 - 1 for before, after in pairwise(sorted(places)))
    assert all(one[1] <= other[1] for one, other in pairwise(sorted(zip(values, places, strict=True))))


def test_years_that_would_touch_are_left_to_the_labels(figures):
    assert figures["indicator_1"]["layout"]["xaxis"]["ticktext"] == ["H18", "H23", "H29"]


def test_eleven_years_and_one_are_both_drawn(plan):
    rows = [(1, year, 37.0 + place, 900) for place, year in enumerate(range(2007, 2011))]
    many = build_brief(plan, recorded([*rows, *((1, year, 40.0, 900) for year in range(2012, 2018))]), as_of=NOW)
    figure = charts.indicator_chart(many.known[many.known["indicator"] == 1], many.indicator(1))
    assert len(figure.data[1].x) == 12
    assert len(figure.layout.xaxis.tickvals) <= 8
    known = many.known[(many.known["indicator"] == 1) & (many.known["kind"] != "actual")]
    alone = charts.indicator_chart(known, many.indicator(1).assign(projection=float("nan")))
    assert len(alone.data[1].x) == 1


def test_an_empty_frame_is_a_sentence_not_an_empty_axis(shown):
    for figure in (
        charts.gap_chart(shown.targets.assign(gap=float("nan")), {}),
        charts.stage_chart(shown.stages.iloc[:0], {}),
    ):
        assert figure.layout.annotations[0].text.endswith("。")
        assert not figure.data

"""Colours that everyone can read: contrast measured, also as people with colour blindness see them."""

import re
import tomllib
from itertools import pairwise

import pytest
from coloraide import Color
from given import ROOT

from kyodo import palette
from kyodo.charts.frame import contrast, ink_on

TEXT, MARK = 4.5, 3.0
GROUNDS = (palette.CARD, palette.GROUND)
SEEN = ("protan", "deutan", "tritan")


def as_seen(colour, deficiency):
    return Color(colour).filter(deficiency, 1).convert("srgb").clip().to_string(hex=True)


@pytest.mark.parametrize(
    "colour", [palette.INK, palette.QUIET, palette.GOOD, palette.BAD, palette.CAUTION, palette.AIM_INK]
)
@pytest.mark.parametrize("ground", [*GROUNDS, palette.HEAD, palette.PAST])
def test_text_is_read_on_every_ground(colour, ground):
    assert contrast(colour, ground) >= TEXT


@pytest.mark.parametrize("deficiency", SEEN)
@pytest.mark.parametrize(
    "colour", [palette.INK, palette.QUIET, palette.GOOD, palette.BAD, palette.CAUTION, palette.AIM_INK]
)
def test_text_is_read_by_people_with_colour_blindness(colour, deficiency):
    assert contrast(as_seen(colour, deficiency), palette.CARD) >= TEXT


@pytest.mark.parametrize("colour", [*palette.SERIES, *palette.FOUR, palette.LINE, palette.PRIMARY])
def test_marks_stand_out_from_the_card(colour):
    assert contrast(colour, palette.CARD) >= MARK


@pytest.mark.parametrize("step", palette.STEPS)
def test_a_word_on_a_step_is_read(step):
    assert contrast(ink_on(step), step) >= TEXT


def test_the_steps_are_ordered_in_grey_print_too():
    lightness = [Color(step).convert("lab-d65")["lightness"] for step in palette.STEPS]
    assert all(before - after > 15 for before, after in pairwise(lightness))


@pytest.mark.parametrize("deficiency", SEEN)
@pytest.mark.parametrize(
    "colours", [palette.SERIES, palette.FOUR[:1] + palette.FOUR[3:], (palette.GOOD, palette.BAD), palette.STEPS]
)
def test_colours_side_by_side_stay_apart_for_everyone(colours, deficiency):
    seen = [as_seen(colour, deficiency) for colour in colours]
    pairs = [(one, other) for place, one in enumerate(seen) for other in seen[place + 1 :]]
    assert min(Color(one).delta_e(other, method="2000") for one, other in pairs) > 12


def test_the_theme_says_the_palette():
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]
    assert theme["primaryColor"] == theme["linkColor"] == palette.PRIMARY
    assert (theme["backgroundColor"], theme["textColor"], theme["borderColor"]) == (
        palette.GROUND,
        palette.INK,
        palette.LINE,
    )
    assert contrast(theme["borderColor"], theme["secondaryBackgroundColor"]) >= MARK
    assert palette.FONTS[0] in theme["font"]


@pytest.mark.parametrize("share", [0, 0.25, 0.5, 1])
def test_a_shade_behind_a_count_or_stage_leaves_it_readable(share):
    """The darkest shade of the style sheet is that of a stage: 0.38 of the tint."""
    shade = Color.layer([Color("rgb(52 96 251)").set("alpha", 0.38 * share), Color(palette.CARD)], space="srgb")
    shown = shade.to_string(hex=True)
    assert min(contrast(palette.INK, shown), contrast(palette.PRIMARY, shown)) >= TEXT


def test_the_style_sheet_uses_only_colours_of_the_palette():
    from kyodo.ui.style import CSS

    known = {value.lower() for value in vars(palette).values() if isinstance(value, str) and value.startswith("#")}
    assert {colour.lower() for colour in re.findall(r"#[0-9A-Fa-f]{6}\b", CSS)} <= known


def test_verdicts_have_a_word_and_a_symbol_besides_their_colour():
    from kyodo.verdicts import VERDICTS

    assert len(set(VERDICTS.values())) == len(VERDICTS)
    assert set(palette.VERDICT_COLOURS) == set(VERDICTS)
    assert all(contrast(colour, palette.CARD) >= TEXT for colour in palette.VERDICT_COLOURS.values())

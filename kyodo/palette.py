"""Colours and type in one place, after the Digital Agency's design tokens; screens, charts and slides share them.

Good and bad are blue and red, never green and red, and no meaning is carried by colour alone.
"""

from collections.abc import Iterable

GROUND, CARD, GRID, LINE = "#F8F8FB", "#FFFFFF", "#E6E6E6", "#767676"
HEAD, PAST, PAST_LINE = "#F1F1F4", "#FFF8E5", "#B78F00"  # a table's head, the notice of a past moment
INK, QUIET = "#1A1A1C", "#595959"
PRIMARY = GOOD = "#0017C1"
BAD = "#CE0000"
CAUTION = "#8A5A00"
SERIES = ("#000060", "#FB5B01", "#00A3BF")
FOUR = ("#008BF2", "#620000", "#B78F00", "#000071")
AIM_INK = "#B83B00"  # the second of SERIES, dark enough for text
BAND = "rgba(0,0,96,0.12)"  # what a forecast may be, under the lines of what was
STEPS = ("#E8F1FE", "#9DB7F9", "#3460FB", "#00118F")  # light to dark, for ordered things


def shades(names: Iterable[str], none: str = "") -> dict[str, str]:
    """Ordered things → light to dark, the darkest for all after the third; ``none`` (nothing planned) is blank.

    >>> shades(["検討", "実施", "計画なし"], "計画なし")
    {'検討': '#E8F1FE', '実施': '#9DB7F9', '計画なし': '#FFFFFF'}
    """
    return {name: CARD if name == none else STEPS[min(place, 3)] for place, name in enumerate(names)}


FONTS = ("BIZ UDPGothic", "BIZ UDPゴシック", "Noto Sans CJK JP", "Yu Gothic", "sans-serif")
FONT_FAMILY = ", ".join(f'"{font}"' if " " in font or not font.isascii() else font for font in FONTS)

VERDICT_COLOURS = {
    "達成": GOOD, "到達": GOOD, "順調": GOOD, "やや遅れ": CAUTION, "遅れ": BAD, "横ばい": QUIET, "後退": BAD, "未達成": BAD,
    "未調査": QUIET,
}  # fmt: skip

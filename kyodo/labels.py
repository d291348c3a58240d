"""Where a label stands: beside its point, on no other label, point or line, and inside the picture.

What draws charts draws labels where it is told, so that two near values are written over each other. Here every label
tries the places around its point, on the narrowest picture it may be drawn in, and takes the one that hides least
(:func:`placed`); labels of the last year may stand in a margin beside their points instead (:func:`beside`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot

Place = tuple[str, str, int]  # where a label stands from its point: horizontal, vertical, pixels further off
GAP = 8  # pixels between a point and its label
_ON_TEXT, _ON_POINT, _ON_LINE, _OUTSIDE = 400, 60, 3, 25
_FURTHER, _ASTRAY = 1, 40  # a pixel away from its point; nearer to the point of another
NEXT_TO: tuple[Place, ...] = (
    ("center", "bottom", 0),
    ("center", "top", 0),
    ("left", "middle", 0),
    ("right", "middle", 0),
)
AROUND: tuple[Place, ...] = (  # best first; "left": the text begins at its point, "top": it stands above it
    *NEXT_TO,
    *((across, up, 0) for across, up in (
        ("left", "bottom"), ("right", "bottom"), ("left", "top"), ("right", "top"),
    )),
    *((across, up, further) for further in (16, 32) for up in ("bottom", "top") for across in ("center", "left", "right")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """What a point is and its value; ``above`` says on which side of it the label is looked for first.

    ``size`` is the type's in pixels.
    """

    name: str
    value: str
    x: float
    y: float
    colour: str
    size: float = 14
    above: bool = False
    bold: bool = False

    @property
    def text(self) -> str:
        """The label on one line."""
        return f"{self.name} {self.value}".strip()


@dataclass(frozen=True, slots=True)
class Frame:
    """The narrowest picture: the data's ranges and its size in pixels."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: int
    height: int

    def pixels(self, x: float, y: float) -> tuple[float, float]:
        """A point of the data in pixels, counted from the lower left."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return across * self.width, up * self.height


Box = tuple[float, float, float, float]  # left, bottom, right, top
Point = tuple[float, float]


def margin(labels: Iterable[Label]) -> int:
    """The pixels :func:`beside` needs to the right of the last year."""
    return round(
        max((_wide(part, each.size) + 2 * GAP for each in labels for part in (each.name, each.value)), default=10)
    )


def beside(labels: Sequence[Label], frame: Frame) -> list[float]:
    """How many pixels up each label (name over value, to the right of its point) moves so that none touch."""
    own = [frame.pixels(label.x, label.y)[1] for label in labels]
    rows = sorted(range(len(labels)), key=own.__getitem__)
    at = [own[row] for row in rows]
    needed = [2.9 * labels[row].size for row in rows]
    for _ in range(
        50
    ):  # two neighbours that touch share the way they must give; what is left after 50 rounds is < 1 px
        for low in range(len(at) - 1):
            short = (needed[low] + needed[low + 1]) / 2 - (at[low + 1] - at[low])
            if short > 0:
                at[low], at[low + 1] = at[low] - short / 2, at[low + 1] + short / 2
    moved = dict(zip(rows, at, strict=True))
    return [moved[row] - here for row, here in enumerate(own)]


def placed(
    labels: Sequence[Label],
    points: Iterable[Point],
    lines: Iterable[tuple[Point, Point]],
    frame: Frame,
    places: Sequence[Place] = AROUND,
) -> list[Place]:
    """Where each label stands; earlier labels choose first. ``points`` and ``lines`` are in data values."""
    marks = [frame.pixels(*point) for point in points]
    traces = [_between(frame.pixels(*start), frame.pixels(*end)) for start, end in lines]
    spots = [spot for trace in traces for spot in trace]
    taken: list[Box] = []
    chosen = []
    for label in labels:
        at = frame.pixels(label.x, label.y)
        size = _size(label)
        choices = [(_box(at, size, place), place) for place in _preferred(places, label)]
        box, place = min(
            choices, key=lambda choice: _cost(choice[0], taken, marks, spots, frame) + _away(choice, at, marks)
        )
        taken.append(box)
        chosen.append(place)
    return chosen


def _preferred(places: Sequence[Place], label: Label) -> list[Place]:
    return sorted(places, key=lambda place: (place[2], place[1] == ("bottom" if label.above else "top")))


def _size(label: Label) -> tuple[float, float]:
    """About how wide and high a text is drawn: a Japanese sign is a square, a Latin one a bit over half."""
    return _wide(label.text, label.size) + 4, label.size * 1.3


def _wide(text: str, size: int) -> float:
    return sum(size * (1.0 if ord(sign) > 0x2000 else 0.62) for sign in text)


def _box(at: Point, size: tuple[float, float], place: Place) -> Box:
    width, height = size
    left = at[0] + {"left": GAP, "center": -width / 2, "right": -GAP - width}[place[0]]
    off = GAP + place[2]
    lower = {"top": off, "middle": -height / 2, "bottom": -off - height}[place[1]]
    return left, at[1] + lower, left + width, at[1] + lower + height


def _cost(box: Box, taken: Sequence[Box], marks: Sequence[Point], spots: Sequence[Point], frame: Frame) -> float:
    """How much a label would hide there."""
    left, bottom, right, top = box
    beyond = GAP - left  # the names of the values stand to the left
    outside = max(0, beyond) + max(0, right - frame.width) + max(0, -bottom) + max(0, top - frame.height)
    return (
        _ON_TEXT * sum(_touch(box, other) for other in taken)
        + _ON_POINT * sum(_inside(mark, box, 5) for mark in marks)
        + _ON_LINE * sum(_inside(spot, box, 0) for spot in spots)
        + _OUTSIDE * outside
    )


def _away(choice: tuple[Box, Place], at: Point, marks: Sequence[Point]) -> float:
    """How much a label there would be taken for that of another point."""
    box, place = choice
    own = _distance(at, box)
    return _FURTHER * place[2] + _ASTRAY * any(_distance(mark, box) < own for mark in marks)


def _distance(point: Point, box: Box) -> float:
    left, bottom, right, top = box
    return hypot(max(left - point[0], 0, point[0] - right), max(bottom - point[1], 0, point[1] - top))


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _inside(point: Point, box: Box, around: float) -> bool:
    return box[0] - around < point[0] < box[2] + around and box[1] - around < point[1] < box[3] + around


def _between(start: Point, end: Point) -> list[Point]:
    """Spots on a line about five pixels apart."""
    parts = max(1, round(max(abs(end[0] - start[0]), abs(end[1] - start[1])) / 5))
    shares = [part / parts for part in range(parts + 1)]
    return [(start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])) for share in shares]

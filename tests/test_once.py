"""What is kept for all readers: the same things give the same object, anything else is made anew."""

import pandas as pd
import pytest

from kyodo.ui import once as room
from kyodo.ui.once import kept


@pytest.fixture(autouse=True)
def nothing_kept():
    room._made.clear()


def counted(made):
    def make(*given, **named):
        made.append((given, named))
        return object()

    return make


def test_equal_values_and_the_same_frame_are_recognised():
    made, frame = [], pd.DataFrame({"a": [1]})
    make = counted(made)
    assert kept(make, frame, ["I", "II"], year=2014) is kept(make, frame, ["I", "II"], year=2014)
    assert kept(make, {"I": "x"}) is kept(make, {"I": "x"})
    assert len(made) == 2


def test_anything_else_is_made_anew():
    frame = pd.DataFrame({"a": [1]})
    make, other = counted([]), counted([])
    results = [
        kept(make, frame), kept(other, frame), kept(make, frame.copy()), kept(make, frame, "I"), kept(make, frame, ["I"]),
        kept(make, frame, year=1), kept(make, frame, year=1.0), kept(make, frame, year=True), kept(make, {"I": "x"}), kept(make, {"I": "y"}),
    ]  # fmt: skip
    assert len({id(each) for each in results}) == len(results)


def test_a_frame_that_is_gone_gives_its_identity_to_no_other():
    made = []
    make = counted(made)
    for value in range(2 * room.MOST):
        kept(make, pd.DataFrame({"a": [value]}))
    assert len(made) == 2 * room.MOST


def test_the_longest_unused_makes_room():
    made, first = [], pd.DataFrame()
    make = counted(made)
    kept(make, first)
    for value in range(room.MOST - 1):
        kept(make, value)
    kept(make, first)
    kept(make, "one more")
    assert len(room._made) == room.MOST
    kept(make, first)
    assert len(made) == room.MOST + 1


def test_an_error_is_not_kept():
    asked = []

    def fails_once():
        asked.append(1)
        if len(asked) == 1:
            raise ValueError
        return "made"

    with pytest.raises(ValueError):
        kept(fails_once)
    assert kept(fails_once) == "made"

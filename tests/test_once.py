"""What is kept for all readers: the same things give the same object, anything else is made anew."""

import pandas as pd
import pytest

from kyodo.ui import once as room
from kyodo.ui.once import kept


@pytest.fixture(autouse=True)
def nothing_kept():
    room.forget()


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


def test_a_frame_that_is_gone_gives_its_identity_to_no_other(monkeypatch):
    monkeypatch.setattr(room, "MOST", 20_000)
    made = []
    make = counted(made)
    for value in range(500):
        kept(make, pd.DataFrame({"a": [value]}))
    assert len(made) == 500


def test_no_more_bytes_are_kept_than_allowed_and_the_longest_unused_makes_room(monkeypatch):
    monkeypatch.setattr(room, "MOST", 10_000)
    made = []

    def text(letter):
        made.append(letter)
        return letter * 3_000

    for letter in "abacadaea":
        kept(text, letter)
        assert room.held() == sum(each.size for each in room._made.values()) <= 10_000
    assert made == list("abcde")  # a was used again each time and stayed
    kept(text, "b")
    assert made == list("abcdeb")


def test_what_is_larger_than_all_the_room_is_made_and_not_kept(monkeypatch):
    monkeypatch.setattr(room, "MOST", 10_000)
    assert len(kept(str.upper, "a" * 20_000)) == 20_000
    assert room.held() == 0 and not room._made


def test_the_frame_a_result_was_made_of_counts_too():
    frame = pd.DataFrame({"a": range(10_000)})
    kept(len, frame)
    assert room.held() >= frame.memory_usage(deep=True).sum()


def test_only_what_is_made_of_something_kept_is_kept_again():
    made = []
    make = counted(made)
    frame = kept(pd.DataFrame, {"a": 1}, index=(0,))
    assert room.again(make, frame) is room.again(make, frame)
    assert room.again(make, frame.copy()) is not room.again(make, frame.copy())
    assert len(made) == 3
    room.forget()
    assert room.again(make, frame) is not room.again(make, frame)


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

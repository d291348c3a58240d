"""What is kept for all readers: the same things give the same object, anything else is made anew."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from kyodo.agenda import Listing, Slide
from kyodo.ui import once as room
from kyodo.ui.once import kept

LONG = pd.DataFrame({"a": ["x" * 1_000] * 100})


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
    monkeypatch.setattr(room, "MOST", 10_000)
    made = []
    make = counted(made)
    for value in range(1_000):
        kept(make, pd.DataFrame({"a": [value]}))
    assert len(made) == 1_000


def test_what_is_made_of_a_frame_or_a_brief_lives_no_longer_than_it():
    class Brief:
        def first(self):
            return "x" * 1_000

    frame, brief = pd.DataFrame({"a": [1]}), Brief()
    listed = kept(pd.DataFrame.assign, frame, b=2)
    kept(len, listed)
    kept(brief.first)
    kept(isinstance, brief, Brief)
    assert len(room._made) == 4
    del brief
    assert len(room._made) == 2
    del frame
    assert len(room._made) == 1  # the list itself is still somebody's
    del listed
    assert not room._made
    assert room._held == 0


def test_what_is_kept_is_bounded_by_its_bytes_and_the_longest_unused_makes_room(monkeypatch):
    monkeypatch.setattr(room, "MOST", 100_000)
    made, first = [], pd.DataFrame()
    make = counted(made)
    kept(make, first)
    for value in range(100):
        kept(make, "x" * 10_000, value)
        kept(make, first)  # used all the time
        assert room._held == sum(size for _, size, _ in room._made.values()) <= room.MOST
    assert len(made) == 101
    kept(make, "x" * 10_000, 0)
    assert len(made) == 102


@pytest.mark.parametrize(
    "large",
    [pd.DataFrame({"a": ["x" * 1_000] * 100}), "x" * 100_000, [["x" * 1_000]] * 100, {"a": b"x" * 100_000},
     go.Figure(go.Scatter(x=list(range(20_000)))), (Slide("values", "", "", listings=(Listing(LONG, (), ""),)),)],
    ids=["frame", "text", "lists", "mapping", "figure", "slides"],
)  # fmt: skip
def test_what_is_larger_than_all_the_room_is_given_but_not_kept(large, monkeypatch):
    monkeypatch.setattr(room, "MOST", 50_000)
    assert kept(lambda: large) is large
    assert not room._made
    assert room._held == 0


def test_links_are_made_anew_at_another_address_and_another_moment():
    def page():
        import streamlit as st

        from kyodo.ui.once import kept_here
        from kyodo.ui.pieces import link_here

        st.text(kept_here(link_here, "5"))

    at = AppTest.from_function(page).run()
    plain = at.text[0].value
    at.query_params["policy"] = "I"
    filtered = at.run().text[0].value
    at.session_state["as_of_kept"] = "3"
    assert len({plain, filtered, at.run().text[0].value}) == 3


def test_readers_who_ask_for_the_same_at_once_wait_for_one_making_and_for_no_other():
    begun, go, made = threading.Event(), threading.Event(), []

    def slow(name):
        made.append(name)
        begun.set()
        assert go.wait(20)
        return name

    with ThreadPoolExecutor(3) as pool:
        same = [pool.submit(kept, slow, "one") for _ in range(2)]
        assert begun.wait(20)
        assert pool.submit(kept, str, "another").result(20) == "another"
        go.set()
        assert [each.result(20) for each in same] == ["one", "one"]
    assert made == ["one"]
    assert not room._making


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

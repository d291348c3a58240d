"""What came of a button is told once, and not lost to the run that the field left at the same moment begins."""

import pytest
from streamlit.testing.v1 import AppTest

from kyodo.ui import signing


@pytest.mark.parametrize(("seconds", "again"), [(0.1, ["no name"]), (2.0, [])])
def test_a_refusal_is_told_until_it_can_have_been_read(seconds, again, monkeypatch):
    def script():
        import streamlit as st

        from kyodo.ui import signing

        if "begun" not in st.session_state:
            st.session_state["begun"] = True
            signing.refuse("no name")
        signing.say_refusal()

    moments = iter([0.0, seconds, 9.0, 10.0])
    monkeypatch.setattr(signing, "monotonic", lambda: next(moments))
    at = AppTest.from_function(script).run()
    assert [each.value for each in at.error] == ["no name"]
    assert [each.value for each in at.run().error] == again
    assert not at.run().error


def test_what_was_taken_stands_in_the_place_of_what_was_refused_before():
    def script():
        from kyodo.ui import signing

        signing.refuse("no name")
        signing.attempt(lambda: 7, lambda number: f"kept {number}")
        signing.say_refusal()
        signing.say_now()

    at = AppTest.from_function(script).run()
    assert not at.error
    assert [each.value for each in at.success] == ["kept 7"]

"""What is only read is one element of the page, however many pieces it is made of."""

import pytest
from streamlit.testing.v1 import AppTest


def shown(script):
    """The HTML elements a script sends, in order."""
    at = AppTest.from_function(script).run()
    assert not at.exception
    return [each.proto.body for each in at.get("html")]


def test_pieces_together_are_one_element_in_the_order_they_were_put():
    def script():
        from kyodo import ui

        ui.put("<p>before</p>")
        with ui.together():
            ui.put("<p>one</p>")
            with ui.beside():
                ui.put("<p>two</p>")
                ui.put("<p>three</p>")
        ui.put("<p>after</p>")

    inner = '<div class="k-beside"><p>two</p><p>three</p></div>'
    assert shown(script) == ["<p>before</p>", f'<div class="k-flow"><p>one</p>{inner}</div>', "<p>after</p>"]


def test_a_stretch_of_nothing_is_nothing():
    def script():
        from kyodo import ui

        with ui.together(), ui.beside():
            pass

    assert shown(script) == []


@pytest.mark.parametrize("text", ["<script>", "A & B"])
def test_a_heading_is_words_alone(text):
    def script(text):
        from kyodo import ui

        ui.heading(text)

    at = AppTest.from_function(script, kwargs={"text": text}).run()
    (made,) = [each.proto.body for each in at.get("html")]
    assert made in {"<h2>&lt;script&gt;</h2>", "<h2>A &amp; B</h2>"}

"""What the pages share on screen: the state they show, the pieces they show it with, one style sheet."""

from kyodo.ui.pieces import (
    cards,
    chart,
    download,
    empty,
    findings,
    heading,
    note,
    problems,
    table,
    verdict_mark,
)
from kyodo.ui.state import brief, changed_brief, now, plan, record, show_state_of
from kyodo.ui.style import page

__all__ = [
    "brief",
    "cards",
    "changed_brief",
    "chart",
    "download",
    "empty",
    "findings",
    "heading",
    "note",
    "now",
    "page",
    "plan",
    "problems",
    "record",
    "show_state_of",
    "table",
    "verdict_mark",
]

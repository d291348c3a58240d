"""What the pages share on screen: the state they show, the pieces they show it with, one style sheet."""

from kyodo.ui.cards import cards
from kyodo.ui.flow import beside, put, together
from kyodo.ui.moments import look_at
from kyodo.ui.once import kept
from kyodo.ui.pieces import (
    chart,
    download,
    empty,
    facts,
    findings,
    heading,
    link,
    link_here,
    links,
    list_and_row,
    note,
    open_data,
    opening,
    planned_in,
    problems,
    read_only,
    save,
    say,
    sentence,
    tabs,
    verdict_mark,
    view,
    warn,
)
from kyodo.ui.state import brief, brief_at, changed_brief, entry, file_names, history, now, plan, record, snapshots
from kyodo.ui.style import navigation, page
from kyodo.ui.tables import bar, count, counts, table
from kyodo.ui.text import said

__all__ = [
    "bar", "beside", "brief", "brief_at", "cards", "changed_brief", "chart", "count", "counts",
    "download", "empty", "entry", "facts", "file_names", "findings", "heading", "history", "kept", "link",
    "link_here", "links", "list_and_row", "look_at", "navigation", "note", "now", "open_data", "opening",
    "page", "plan", "planned_in", "problems", "put", "read_only", "record", "said", "save", "say",
    "sentence", "snapshots", "table", "tabs", "together", "verdict_mark", "view", "warn",
]  # fmt: skip

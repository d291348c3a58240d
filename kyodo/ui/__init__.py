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
    list_and_row,
    note,
    open_data,
    opening,
    planned_in,
    read_only,
    save,
    say,
    sentence,
    verdict_mark,
    view,
    warn,
)
from kyodo.ui.state import brief, changed_brief, entry, file_names, history, now, plan, record, snapshots
from kyodo.ui.style import navigation, page
from kyodo.ui.tables import counts, table

__all__ = [
    "beside", "brief", "cards", "changed_brief", "chart", "counts",
    "download", "empty", "entry", "facts", "file_names", "findings", "heading", "history", "kept", "link",
    "link_here", "list_and_row", "look_at", "navigation", "note", "now", "open_data", "opening",
    "page", "plan", "planned_in", "put", "read_only", "record", "save", "say",
    "sentence", "snapshots", "table", "together", "verdict_mark", "view", "warn",
]  # fmt: skip

"""Slides for a committee: the agenda's findings as a PowerPoint file with native, editable charts and tables.

>>> from kyodo.deck import Meeting, build_deck
>>> data = build_deck(brief, meeting=Meeting(number=3, document="資料1"))  # doctest: +SKIP
"""

from kyodo.agenda import Choice, Meeting
from kyodo.deck.build import build_deck
from kyodo.deck.summary import build_summary

__all__ = ["Choice", "Meeting", "build_deck", "build_summary"]

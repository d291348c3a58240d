"""What a meeting looks at, slide by slide: which findings, in which order, on which pages.

The screen of a meeting and its handout place the same slides, so that "page 7" is the same page on both. Twelve slides
say what there is to decide; how it is counted and judged, and every list, stand in the annex behind them.
"""

from kyodo.agenda.annex import beside_a_chart, halves, overall
from kyodo.agenda.choice import Asked, Choice, chosen, cover_facts, mark, moment, source
from kyodo.agenda.listing import Field, Listing, Slide
from kyodo.agenda.meeting import Meeting, file_stem, parse_day
from kyodo.agenda.order import PARTS, agenda, foot
from kyodo.agenda.year import opinions_counted

__all__ = [
    "PARTS", "Asked", "Choice", "Field", "Listing", "Meeting", "Slide", "agenda", "beside_a_chart", "chosen", "cover_facts", "file_stem",
    "foot", "halves", "mark", "moment", "opinions_counted", "overall", "parse_day", "source",
]  # fmt: skip

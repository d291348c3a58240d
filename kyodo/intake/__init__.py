"""A survey file's bytes into values, or into the reasons why not: nothing uncertain is ever taken for a number.

``read_upload`` reads in this process, ``read_isolated`` in a child process with limits of memory and processor time. Both
forms are told apart by the file itself: the summary (one row an indicator) and the raw form (one row a respondent).
Whatever needs a guess is a problem that the clerk can answer: a sheet, columns, a mapping, a doubt confirmed.

One direction: bytes → grids (``text``, ``book``, ``grids``) → the table that is meant (``sheets``) → roles →
values (``summary``) or shares (``raw``, ``tally``) → ``checks``, ``doubts`` → :class:`Reading`. A new word (a kind of total row, a
heading, an answer) is a row in ``vocabulary.csv``, a sentence one in ``messages.csv``, a file format a signature in
``grids`` and a function that gives grids, an indicator the plan's tables alone.
"""

from kyodo.intake.grid import Cell, Grid
from kyodo.intake.grids import MAX_UPLOAD, Grids, read_grids
from kyodo.intake.headers import COLUMNS
from kyodo.intake.isolation import StoppedError, run_isolated, warm_up
from kyodo.intake.reading import ColumnSummary, Reading, Understood
from kyodo.intake.upload import read_isolated, read_upload
from kyodo.intake.words import CODES, RULE_NAME

__all__ = [
    "CODES",
    "COLUMNS",
    "MAX_UPLOAD",
    "RULE_NAME",
    "Cell",
    "ColumnSummary",
    "Grid",
    "Grids",
    "Reading",
    "StoppedError",
    "Understood",
    "read_grids",
    "read_isolated",
    "read_upload",
    "run_isolated",
    "warm_up",
]

"""Which meeting the papers are for, and what their files are called."""

import datetime as dt
from dataclasses import dataclass

from kyodo import fiscal
from kyodo.brief import Brief
from kyodo.fiscal import fiscal_year_of, short_label


@dataclass(frozen=True, slots=True)
class Meeting:
    """Which meeting the slides are for.

    ``number`` is the 回 (blank: none), ``document`` the 資料番号, ``wanted`` what its secretariat asks it to decide
    besides what follows from the record.
    """

    committee: str = "協働のまちづくり推進委員会"
    number: int | None = None
    date: dt.date | None = None
    document: str = ""
    wanted: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """``第3回協働のまちづくり推進委員会``."""
        return f"第{self.number}回{self.committee}" if self.number else self.committee

    @property
    def date_text(self) -> str:
        """``2014年5月12日(H26年度)``; blank without a date."""
        if self.date is None:
            return ""
        day = self.date
        return f"{day.year}年{day.month}月{day.day}日({short_label(fiscal_year_of(day))}年度)"


def file_stem(meeting: Meeting, brief: Brief) -> str:
    """The papers' file name without its ending, in the plan's era: ``第3回協働のまちづくり推進委員会_H24調査まで``."""
    return f"{meeting.title}_{short_label(brief.survey_years[-1])}調査まで"


def parse_day(text: str) -> dt.date:
    """A meeting's day (:func:`kyodo.fiscal.parse_day`).

    Raises:
        ValueError: with a Japanese message, where it is no day.
    """
    try:
        return fiscal.parse_day(text)
    except ValueError:
        raise ValueError(f"開催日「{text}」を読み取れません。2014-05-12 のように書いてください。") from None

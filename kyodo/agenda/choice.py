"""What of the brief is shown, and the facts every page repeats: moment, source, a verdict as symbol and word."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TypedDict

import pandas as pd

from kyodo import surveys
from kyodo.agenda.meeting import Meeting
from kyodo.brief import Brief
from kyodo.fiscal import in_japan
from kyodo.verdicts import VERDICTS


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the brief is shown; None stands for all of it. ``parts`` are keys of :data:`kyodo.agenda.PARTS`."""

    indicators: tuple[int, ...] | None = None
    policies: tuple[str, ...] | None = None
    parts: tuple[str, ...] | None = None

    def shows(self, part: str) -> bool:
        """Whether a part is wanted."""
        return self.parts is None or part in self.parts


class Asked(TypedDict, total=False):
    """What the papers of a meeting are asked for besides the brief.

    ``before`` is the brief of the meeting before, ``since`` that moment's name; without them the changes are those
    since the plan's printed values.
    """

    meeting: Meeting | None
    choice: Choice | None
    before: Brief | None
    since: str


def chosen(brief: Brief, choice: Choice) -> Brief:
    """The brief narrowed to the indicators and policies chosen, with the sentences that follow from what is left."""
    if choice.indicators is None and choice.policies is None:
        return brief
    indicators, policies = choice.indicators, choice.policies
    plan = replace(brief.plan, indicators=_only(brief.plan.indicators, "indicator", indicators))
    shown = replace(
        brief,
        plan=plan,
        known=_only(brief.known, "indicator", indicators),
        targets=_only(brief.targets, "indicator", indicators),
        breakdown=_only(brief.breakdown, "indicator", indicators),
        table=_only(brief.table, "policy", policies),
        stages=brief.stages if policies is None else brief.stages[brief.stages.index.isin(policies)],
    )
    vars(shown)["progress"] = replace(brief.progress, plan=plan)  # judged already: the items' years are the same
    return shown


def _only(frame: pd.DataFrame, column: str, values: Collection | None) -> pd.DataFrame:
    return frame if values is None or frame.empty else frame[frame[column].isin(values)]


def source(brief: Brief) -> str:
    """The line at the foot of every slide, sheet and image: when it was measured and where it comes from."""
    return surveys.source_sentence(brief.survey_years, brief.revision, bool(brief.known["registered"].any()))


def moment(brief: Brief) -> str:
    """更新日: when the data last changed."""
    if brief.changed_at is None:
        return "更新日: 登録はまだありません(計画書の値のみ)"
    at = in_japan(brief.changed_at)
    return f"更新日: {at.year}年{at.month}月{at.day}日(登録番号{brief.revision}まで)"


def cover_facts(brief: Brief, meeting: Meeting) -> list[str]:
    """What a cover says under its title: which meeting, when, the 資料番号, the data's moment and source, 更新日."""
    facts = (meeting.title, meeting.date_text, meeting.document, source(brief), moment(brief))
    return [text for text in facts if text]


def mark(verdict: str) -> str:
    """A verdict as symbol and word."""
    return f"{VERDICTS[verdict]} {verdict}" if verdict else "判定なし"

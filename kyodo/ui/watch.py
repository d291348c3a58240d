"""概要: what a manager must know besides the indicators, each as a sentence with its link."""

import datetime as dt

import pandas as pd

from kyodo import yearview
from kyodo.brief import Brief
from kyodo.changes import changed_verdicts, since_sentence
from kyodo.findings import Finding
from kyodo.leads import stage_sentence
from kyodo.ui.once import kept
from kyodo.ui.state import brief_at, snapshots


def facts(shown: Brief) -> list[Finding]:
    """The year's progress, who has not answered, what the committee waits for, what is missing, what changed, what is planned."""
    missing = list(shown.missing) or [Finding(shown.complete.partition("。")[0] + "。")]
    planned = Finding(stage_sentence(shown.stages, shown.stage_year), f"items?year={shown.stage_year}")
    last = [] if shown.stage_year == shown.plan.years[-1] else [shown.planned]
    begun = [] if shown.progress.years else [Finding("進行管理の回答はまだありません。", "progress")]
    who = Finding("どの課に尋ねるかは「宛先」にあります。", "addressees")
    return [*kept(yearview.facts, shown.progress), *begun, who, *missing, _changed(shown), planned, *last]


def verdicts_of(number: int, at: dt.datetime) -> pd.DataFrame:
    """The verdicts an entry of the record changed (:func:`kyodo.changes.changed_verdicts`), both judged at its moment."""
    before, after = brief_at(number - 1, at), brief_at(number, at)
    return kept(_only_changed, kept(changed_verdicts, before.targets, after.targets, after.plan.indicators))


def _only_changed(verdicts: pd.DataFrame) -> pd.DataFrame:
    return verdicts[verdicts["verdict_before"] != verdicts["verdict_after"]]


def _changed(shown: Brief) -> Finding:
    """What changed since the newest named moment before; since the plan was printed, where none has a name."""
    named = snapshots()
    named = named[named["revision"] <= shown.revision]
    if named.empty:
        before, since, link = shown.printed, "計画書の印刷値", "history"
    else:
        row = named.sort_values("at").iloc[-1]
        before, since = brief_at(int(row["revision"]), row["at"].to_pydatetime()).targets, f"前回({row['name']})"
        link = f"meeting?since={row['name']}"
    changed = kept(changed_verdicts, before, shown.targets, shown.plan.indicators)
    return Finding(kept(since_sentence, changed, since), link)

"""What another state of the data would change: which verdicts, which actuals, in words.

A result is never announced as changed by another year's survey, since it does not change (:mod:`kyodo.verdicts`).
"""

from collections.abc import Mapping

import pandas as pd

from kyodo.findings import indicator_names
from kyodo.fiscal import short_label

_COMPARED = ("state", "actual_year", "actual", "actual_n", "verdict", "tested", "against_target")


def changed_verdicts(before: pd.DataFrame, after: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """One row per indicator and target whose state, actual or verdict differs between two assessed frames.

    Columns: indicator, target_year, the compared ones with ``_before`` and ``_after``, text
    (「③のH24目標の判定: やや遅れ → 達成」).
    """
    keys = ["indicator", "target_year"]
    columns = [*keys, *_COMPARED]
    both = before[columns].merge(after[columns], on=keys, suffixes=("_before", "_after"))
    same = pd.concat([_equal(both[f"{name}_before"], both[f"{name}_after"]) for name in _COMPARED], axis=1).all(axis=1)
    changed = both[~same].reset_index(drop=True)
    labels = indicator_names(indicators)
    return changed.assign(
        text=[
            f"{labels[row['indicator']]}の{short_label(row['target_year'])}目標の判定: {verdict_change(row)}"
            for row in changed.to_dict("records")
        ]
    )


def _equal(left: pd.Series, right: pd.Series) -> pd.Series:
    return (left == right).fillna(False).astype(bool) | (left.isna() & right.isna())


def verdict_change(row: Mapping) -> str:
    """What becomes of one verdict: 「やや遅れ → 達成」, 「やや遅れのまま」; why, where a target's year was passed over."""
    before, after = row["verdict_before"] or "判定なし", row["verdict_after"] or "判定なし"
    if before == after:
        return f"{after}のまま"
    if row["state_after"] == "unmeasured":
        year = short_label(row["target_year"])
        return f"見通し({before})を終え、未調査({year}の調査が未登録のまま、後の年度の調査があるため)"
    return f"{before} → {after}"


def verdicts_changed(changed: pd.DataFrame) -> int:
    """How many verdicts differ; a target passed over for want of its survey gets none, which is no change of one."""
    anew = changed["verdict_before"] != changed["verdict_after"]
    return int((anew & (changed["state_after"] != "unmeasured")).sum())


def since_sentence(changed: pd.DataFrame, since: str) -> str:
    """How many verdicts or values changed since ``since`` (``changed`` of :func:`changed_verdicts`)."""
    if changed.empty:
        return f"{since}から変わった実績値・判定はありません。"
    return f"{since}から{changed['indicator'].nunique()}指標の実績値が変わり、判定が変わったのは{verdicts_changed(changed)}件です。"

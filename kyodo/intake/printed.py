"""The plan's printed values: a file may add the number of answers to them, it may not change them."""

from collections.abc import Iterable

from kyodo.fiscal import label
from kyodo.intake.codes import Findings
from kyodo.plan import Plan
from kyodo.wording import round_half_up


def check_printed(
    plan: Plan, values: Iterable[tuple[int, int, float, int | None, int | None]], column: str, findings: Findings
) -> None:
    """Compare (indicator, fiscal year, percent, n, row) with baseline and actuals: told where equal, refused where not."""
    frame = plan.values.loc[plan.values["kind"] != "target"]
    printed = {
        (int(i), int(y)): float(v)
        for i, y, v in zip(frame["indicator"], frame["fiscal_year"], frame["value"], strict=True)
    }
    for indicator, year, value, n, row in values:
        known = printed.get((indicator, year))
        if known is None:
            continue
        if round_half_up(value) == known:
            added = "(回答者数が加わります)" if n is not None else ""
            findings.tell(
                "printed",
                f"{label(year)}の指標{indicator}は計画書の値{known}%と一致しています{added}。",
                row=row,
                column=column,
            )
        else:
            text = (
                f"{label(year)}の指標{indicator}は計画書に印刷された値{known}%が登録済みで、"
                f"ファイルの値{round_half_up(value, 2):g}%と異なります。年度を確かめてください。"
            )
            findings.refuse("conflict", text, row=row, column=column)

"""How an item stands beside its plan, without asking twice; the rule in words is in docs/progress.md.

Ranks, and which status is as planned at which stage, are data (``stages.csv``, ``choices.csv``).
"""

from functools import lru_cache

import pandas as pd

from kyodo.plan import Plan

AS_PLANNED, AHEAD, LATE, UNPLANNED, UNANSWERED = "計画どおり", "先", "遅れ", "予定なし", "未回答"
AGAINST = (AS_PLANNED, AHEAD, LATE, UNPLANNED, UNANSWERED)
NOT_OUT, OUT, ANSWERED, CONFIRMED, REPORTED = "未配布", "配布済", "回答", "確認済", "報告済"
STATES = (NOT_OUT, OUT, ANSWERED, CONFIRMED, REPORTED)
FINDINGS = {
    "unproven": "実施済だが、目安に達したこと、または根拠が書かれていない",
    "fell_back": "前の年度は実施済だったのに、戻っている",
    "same_issue": "課題が3年続けて同じ",
    "dropped": "廃止なのに、次年度へ向けた取組が書かれている",
}
DONE = "実施済"


@lru_cache(maxsize=64)
def choices(plan: Plan, name: str) -> pd.DataFrame:
    """The choices of one list: choice, mark, rank, read_as. Made once a plan; not to be changed."""
    rows = plan.choices[plan.choices["list"] == name]
    return rows.drop(columns="list").reset_index(drop=True)


@lru_cache(maxsize=64)
def marked(plan: Plan, name: str = "status") -> dict[str, str]:
    """Choice → mark and word, as on sheets and screens (◎実施済). Made once a plan; not to be changed."""
    rows = choices(plan, name)
    return dict(zip(rows["choice"], rows["mark"] + rows["choice"], strict=True))


def add_against_plan(rows: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Rows with stage and status (blank: none) with ``against_plan``.

    As planned is what ``stages.csv`` lists for the stage; below the lowest of those is late, above it ahead.
    """
    rank = choices(plan, "status").set_index("choice")["rank"].astype("float64")
    listed = plan.stages.assign(status=plan.stages["as_planned"].str.split()).explode("status")
    limits = listed.assign(rank=listed["status"].map(rank)).groupby("stage")["rank"].agg(["min", "max"])
    reached = rows["status"].map(rank)
    against = pd.Series(AS_PLANNED, index=rows.index, dtype="str")
    against = against.mask(reached > rows["stage"].map(limits["max"]), AHEAD)
    against = against.mask(reached < rows["stage"].map(limits["min"]), LATE)
    against = against.mask(rows["stage"].eq(""), UNPLANNED)
    return rows.assign(against_plan=against.mask(rows["status"].eq(""), UNANSWERED))


def rule(plan: Plan) -> pd.DataFrame:
    """The rule as a table to show: the planned stage down, the reported status (symbol and word) across."""
    words = marked(plan)
    pairs = pd.DataFrame(
        [(stage, status) for stage in [*plan.stages["stage"], ""] for status in words], columns=["stage", "status"]
    )
    judged = add_against_plan(pairs, plan).assign(status=pairs["status"].map(words))
    table = judged.pivot(index="stage", columns="status", values="against_plan")
    return table.reindex(index=[*plan.stages["stage"], ""], columns=list(words.values())).rename(
        index={"": UNPLANNED_STAGE}
    )


UNPLANNED_STAGE = "(予定なし)"


def add_state(rows: pd.DataFrame, marks: pd.DataFrame, closings: pd.DataFrame) -> pd.DataFrame:
    """Rows of item × year with ``number`` (of the entry that answered, missing for none) and ``note`` with their state.

    New columns: state, meeting (it was reported to), sent_back (the reason, until it is answered again), correction
    (why it changed after its year was closed). ``marks`` and ``closings`` are the record's. The newest entry decides.
    """
    rows = rows.reset_index(drop=True)
    at = {name: _newest(rows, marks, name) for name in ("handed_out", "confirmed", "sent_back", "reported")}
    answered = rows["number"].astype("float64").fillna(0.0)
    back = at["sent_back"]["number"] > answered
    back &= at["sent_back"]["number"] > at["confirmed"]["number"]
    confirmed = at["confirmed"]["number"] > answered
    reported = confirmed & (at["reported"]["number"] > at["confirmed"]["number"])
    state = pd.Series(NOT_OUT, index=rows.index, dtype="str")
    state = state.mask(at["handed_out"]["number"] > 0, OUT)
    state = state.mask(answered > 0, ANSWERED).mask(confirmed, CONFIRMED).mask(reported, REPORTED).mask(back, OUT)
    closed = rows["fiscal_year"].map(closings.set_index("fiscal_year")["number"]).astype("float64")
    corrected = (answered > closed) & rows["note"].str.contains("訂正: ")
    return rows.assign(
        state=state,
        meeting=at["reported"]["meeting"].where(reported).astype("Int64"),
        sent_back=at["sent_back"]["text"].where(back, ""),
        correction=rows["note"].str.extract("訂正: (.*)")[0].where(corrected, "").fillna(""),
    )


def _newest(rows: pd.DataFrame, marks: pd.DataFrame, name: str) -> pd.DataFrame:
    """One kind of mark beside the rows: number (0 for none), meeting, text."""
    own = marks.loc[marks["mark"] == name, ["item", "fiscal_year", "number", "meeting", "text"]]
    if own.empty:
        return pd.DataFrame({"number": 0.0, "meeting": pd.Series(dtype="Int64"), "text": ""}, index=rows.index)
    found = rows[["item", "fiscal_year"]].merge(own, on=["item", "fiscal_year"], how="left")
    return found.assign(number=found["number"].astype("float64").fillna(0.0), text=found["text"].fillna(""))


def add_state_text(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with ``state_text``: the state, and the meeting it was reported to (報告済(第3回))."""
    told = [
        f"{state}(第{meeting}回)" if state == REPORTED and pd.notna(meeting) else state
        for state, meeting in zip(rows["state"], rows["meeting"], strict=True)
    ]
    return rows.assign(state_text=pd.Series(told, index=rows.index, dtype="str"))


def findings(rows: pd.DataFrame) -> pd.DataFrame:
    """What is worth a second look: item, fiscal_year, code (of :data:`FINDINGS`), text.

    ``rows`` are all items × years with status, criterion_met, evidence, issue, next_step, disposition, criterion (blank
    or a reason where the plan prints none, see ``has_criterion``).
    """
    rows = rows.sort_values(["item", "fiscal_year"], kind="stable")
    item = rows.groupby("item", sort=False)
    met = rows["criterion_met"].eq("はい") | ~rows["has_criterion"]
    issue = rows["issue"].str.replace(r"\s", "", regex=True)
    same = issue.ne("")
    for back in (1, 2):
        same &= issue.eq(issue.groupby(rows["item"], sort=False).shift(back))
        same &= rows["fiscal_year"].eq(item["fiscal_year"].shift(back) + back)
    hits = {
        "unproven": rows["status"].eq(DONE) & ~(met & rows["evidence"].ne("")),
        "fell_back": item["status"].shift(1).eq(DONE) & rows["status"].ne("") & rows["status"].ne(DONE),
        "same_issue": same,
        "dropped": rows["disposition"].eq("廃止") & rows["next_step"].ne(""),
    }
    found = [
        rows.loc[hit.fillna(False), ["item", "fiscal_year"]].assign(code=code, text=FINDINGS[code])
        for code, hit in hits.items()
    ]
    return pd.concat(found, ignore_index=True).sort_values(["fiscal_year", "code"], kind="stable", ignore_index=True)

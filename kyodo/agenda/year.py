"""The slides on what was done: the items' year, the late ones, what the committee said before, what it is to decide."""

from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter

import pandas as pd

from kyodo import leads
from kyodo.agenda.choice import mark
from kyodo.agenda.listing import Field, Listing, Slide, counted, paged
from kyodo.agenda.meeting import Meeting
from kyodo.agenda.results import names_by_verdict
from kyodo.aims import until_next
from kyodo.brief import Brief
from kyodo.cycle import judge, tallies
from kyodo.cycle.year import UNDONE
from kyodo.fiscal import short_label
from kyodo.items import with_total
from kyodo.rows import grouped
from kyodo.wording import listed, one_line

_NAMED = 8  # keys of items in a sentence; the list has all
_CALLING = ("未達成", "後退", "遅れ", "横ばい")  # verdicts on which a committee is asked for a decision


def doubts(brief: Brief) -> pd.DataFrame:
    """What in the newest year's answers is worth a second look: item, title, section, text."""
    rows, found = brief.newest, brief.progress.findings
    return found.merge(rows[["item", "fiscal_year", "title", "section"]], on=["item", "fiscal_year"])


def keys(rows: pd.DataFrame) -> str:
    """The items' keys, the first ones named: 「I-2-3・II-1-4」, 「…ほか3」."""
    return listed(rows["item"], _NAMED, joined="・")


def progress(brief: Brief) -> list[Slide]:
    """The newest year in one: by policy as the plan printed the former phase, and beside the indicators."""
    rows = brief.newest
    if rows.empty:
        return []
    title = f"{tallies.sentence(rows, brief.progress.latest)}。"
    found = doubts(brief)
    told = [f"確かめたい記入が{len(found)}件あります(付録)。"] if len(found) else []
    slide = Slide("progress", title, "".join([title, *told]), told=tuple(told))
    return [replace(slide, listings=(_by_policy(brief, rows), _by_indicator(brief, rows)))]


def _by_policy(brief: Brief, rows: pd.DataFrame) -> Listing:
    statuses = brief.progress.statuses
    counts = tallies.by_policy(rows, statuses)
    against = pd.crosstab(rows["policy"], rows["against_plan"]).reindex(columns=list(judge.AGAINST[:-1]), fill_value=0)
    shown = with_total(pd.concat([counts, against], axis=1), brief.plan.policies).astype("str")
    marks = judge.marked(brief.plan)
    fields = [Field("title", "推進方針", 16)]
    fields += [Field(name, marks.get(name, name), 5, True) for name in counts]
    fields += map(counted, against)
    titles = (shown["policy"] + " " + shown["title"]).str.strip()
    return Listing(shown.assign(title=titles), tuple(fields), "推進方針ごとの項目数")


def _by_indicator(brief: Brief, rows: pd.DataFrame) -> Listing:
    served = tallies.by_indicator(rows, brief.progress.links)
    served = served[served["indicator"].isin(brief.plan.indicators["indicator"])]
    verdicts = dict(zip(brief.upcoming["indicator"], brief.upcoming["verdict"], strict=True))
    names = [brief.labels[number] for number in served["indicator"]]
    verdict = served["indicator"].map(verdicts)
    fields = (
        Field("name", "成果指標", 14), Field("mark", "次の目標の判定", 8), Field("items", "関係する項目", 6.5, True),
        *(Field(name, name, 5, True) for name in judge.AGAINST),
    )  # fmt: skip
    return Listing(
        served.astype("str").assign(name=names, verdict=verdict, mark=verdict.map(mark)),
        fields,
        "関係する項目の進み具合",
    )


def late_ones(brief: Brief) -> list[Slide]:
    """The items behind their plan; from the second page on they stand in the annex."""
    rows = brief.late
    if rows.empty:
        return []
    year = short_label(brief.progress.latest)
    title = f"{year}に計画より遅れているのは{len(rows)}項目です。"
    shown = rows.assign(next_text=[one_line(text, 40) for text in rows["next_step"]])
    fields = (
        Field("item", "番号", 5.1), Field("title", "推進項目", 13), Field("section", "回答した課", 7), Field("stage", "計画", 5),
        Field("marked", "実施状況", 6), Field("next_text", "次年度へ向けた取組", 19),
    )  # fmt: skip
    return _first_presented(
        paged(Slide("late", title, title), Listing(shown, fields, f"{year}に計画より遅れている項目"))
    )


def _first_presented(slides: list[Slide]) -> list[Slide]:
    """The first page is presented, the others are in the annex."""
    return [replace(slide, annex=slide.page > 1) for slide in slides]


def opinions(brief: Brief, meeting: Meeting) -> list[Slide]:
    """「前回の指摘と対応」: what was said before this meeting and is open, or was said at the last one."""
    rows = brief.progress.said_before(meeting.number)
    if rows.empty:
        return []
    title = f"前回までの指摘と対応: {opinions_counted(rows)}。"
    shown = rows.assign(
        said=[
            ("" if kind in ("", "意見") else f"【{kind}】") + one_line(text, 90)
            for kind, text in zip(rows["kind"], rows["text"], strict=True)
        ],
        done=[one_line(text, 70) or "―" for text in rows["response"]],
    )
    fields = (
        Field("meeting_text", "会議", 3.6), Field("about_text", "対象", 9), Field("said", "指摘・決定", 17), Field("done", "対応", 13),
        Field("due", "期限", 7), Field("state_text", "状態", 3),
    )  # fmt: skip
    return _first_presented(paged(Slide("opinions", title, title), Listing(shown, fields, "前回の指摘と対応")))


def opinions_counted(rows: pd.DataFrame) -> str:
    """「5件のうち対応済1・対応中2・未対応2」."""
    states = rows["state_text"].value_counts()
    order = [name for name in ("対応済", "対応中", UNDONE) if name in states]
    order += [name for name in states.index if name not in order]
    return f"{len(rows)}件のうち{'・'.join(f'{name}{states[name]}' for name in order)}"


def wanted(brief: Brief, meeting: Meeting) -> pd.DataFrame:
    """What the meeting is asked to decide, and what it rests on: number, wanted, fact."""
    asked = [(text, "") for text in meeting.wanted]
    asked += [*_on_indicators(brief), *_on_items(brief), *_on_opinions(brief, meeting), *_on_surveys(brief)]
    rows = pd.DataFrame(asked, columns=["wanted", "fact"], dtype="str")
    return rows.assign(number=[str(place) for place in range(1, len(rows) + 1)])


def _on_indicators(brief: Brief) -> Iterator[tuple[str, str]]:
    for row in brief.remarks[brief.remarks["heading"] == "今後の方向"].to_dict("records"):
        if row["indicator"] in brief.labels and row["text"]:
            name = brief.labels[row["indicator"]]
            yield f"{name}の今後の方向(案)を了承するか", one_line(row["text"], 80)
    coming = (until_next(rows)[-1] for rows in brief.rows.values())
    calling = [row for row in coming if row["verdict"] in _CALLING]
    cases = grouped(((row["target_year"], row["state"] == "closed") for row in calling), calling)
    for (year, closed), rows in sorted(cases.items(), key=itemgetter(0)):
        which = "に届かなかった" if closed else "に届かないおそれのある"
        yield (
            f"{short_label(year)}目標{which}{len(rows)}指標の取組を、どこから見直すか",
            f"{names_by_verdict(rows, brief.labels)}。",
        )


def _on_items(brief: Brief) -> Iterator[tuple[str, str]]:
    rows = brief.newest
    if rows.empty:
        if len(brief.planned_short):
            yield "計画の最終年度に実施に至らない項目を、そのままとするか", brief.planned.text
        return
    year = short_label(brief.progress.latest)
    yield f"{year}年度の進行管理の報告を了承するか", f"{tallies.sentence(rows, brief.progress.latest)}。"
    if len(behind := brief.late):
        yield f"計画より遅れている{len(behind)}項目を、次年度どう進めるか", f"{keys(behind)}。"
    for word in ("統合", "廃止"):
        if len(given := rows[rows["disposition"] == word]):
            yield f"担当課が{word}とした{len(given)}項目を認めるか", f"{keys(given)}。"


def _on_opinions(brief: Brief, meeting: Meeting) -> Iterator[tuple[str, str]]:
    rows = brief.progress.said_before(meeting.number)
    unanswered = rows[rows["is_open"] & rows["response"].eq("")]
    if len(unanswered):
        about = "、".join(unanswered["about_text"].drop_duplicates())
        yield f"対応方針の決まっていない指摘{len(unanswered)}件を、どの課がいつまでに答えるか", f"{about}。"


def _on_surveys(brief: Brief) -> Iterator[tuple[str, str]]:
    if brief.missing:
        yield "未登録の調査を、いつまでに集計して報告するか", "".join(finding.text for finding in brief.missing)


def decisions(rows: pd.DataFrame) -> list[Slide]:
    """What the meeting is asked to decide (``rows`` of :func:`wanted`); left out where nothing is."""
    if rows.empty:
        return []
    title = f"ご審議いただきたいことは{len(rows)}件です。"
    fields = (
        Field("number", "", 1.6),
        Field("wanted", "ご審議いただきたいこと", 19),
        Field("fact", "もとになる事実", 21),
    )
    spoken = title + "".join(f"{row['number']}、{row['wanted']}。" for row in rows.to_dict("records"))
    return _first_presented(paged(Slide("decisions", title, spoken), Listing(rows, fields, "ご審議いただきたいこと")))


def done(brief: Brief) -> str:
    """What was done, in a sentence: the newest year's answers and who is late; before the first, what is planned."""
    rows, behind = brief.newest, brief.late
    if rows.empty:
        return leads.stage_sentence(brief.stages, brief.stage_year)
    named = f"遅れは {keys(behind)}。" if len(behind) else ""
    return f"{tallies.sentence(rows, brief.progress.latest)}。{named}"

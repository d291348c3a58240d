"""The order of the slides: a cover, what there is to decide, and behind it the annex."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import Unpack

import pandas as pd

from kyodo.agenda import annex, results, year
from kyodo.agenda.choice import Asked, Choice, chosen, source
from kyodo.agenda.listing import Field, Listing, Slide
from kyodo.agenda.meeting import Meeting
from kyodo.brief import Brief

PARTS = {  # in their order
    "conclusion": "まとめ", "overview": "成果指標の一覧", "indicators": "成果指標ごと", "progress": "推進項目の進み具合",
    "late": "計画より遅れている項目", "opinions": "前回の指摘と対応", "decisions": "ご審議いただきたいこと", "breakdown": "区分ごとの内訳",
    "policies": "推進方針ごとの項目", "doubts": "確かめたい記入", "items": "推進項目の一覧", "figures": "判定に使った数",
    "values": "成果指標の値", "changes": "前回からの変更点", "criteria": "判定のしかた", "terms": "用語・計算・出典",
}  # fmt: skip
_MAKERS: dict[str, Callable[[Brief], Iterable[Slide]]] = {
    "overview": results.overview, "indicators": results.indicators, "progress": year.progress, "late": year.late_ones,
    "breakdown": annex.breakdowns, "policies": annex.policies, "doubts": annex.doubts, "items": annex.items,
    "figures": annex.figures, "values": annex.values, "criteria": annex.criteria, "terms": annex.terms,
}  # fmt: skip
MAIN = ("cover", "conclusion", "overview", "indicators", "progress", "late", "opinions", "decisions")


def agenda(brief: Brief, **asked: Unpack[Asked]) -> tuple[Slide, ...]:
    """The slides of a meeting, the cover first. What changed is compared on the whole brief and narrowed then.

    What the record has nothing of is left out.
    """
    choice, meeting = asked.get("choice") or Choice(), asked.get("meeting") or Meeting()
    shown = chosen(brief, choice)
    changed = annex.since_before(brief, choice, asked.get("before"), asked.get("since", ""))
    wanted = year.wanted(shown, meeting)
    makers = _MAKERS | {
        "opinions": partial(year.opinions, meeting=meeting),
        "decisions": lambda _: year.decisions(wanted),
        "changes": partial(annex.changed, told=changed, choice=choice),
    }
    made = chain.from_iterable(makers[part](shown) for part in filter(choice.shows, PARTS) if part in makers)
    made = (replace(each, annex=each.annex or _behind(each.part, shown)) for each in made)
    slides = sorted(made, key=attrgetter("annex"))
    first = [_cover(shown)]
    if choice.shows("conclusion"):
        told = changed[0] if changed else ""
        first.append(_conclusion(shown, meeting, told, wanted, [*first, None, *slides]))
    return (*first, *slides)


def foot(slide: Slide, meeting: Meeting, brief: Brief) -> str:
    """The line at a slide's foot: whether it is of the annex, the 資料番号, moment and source."""
    return "  ".join(text for text in ("付録" if slide.annex else "", meeting.document, source(brief)) if text)


def _behind(part: str, brief: Brief) -> bool:
    """Whether a part stands in the annex; what is planned is presented until there is something done."""
    return part not in MAIN and not (part == "policies" and brief.newest.empty)


def _cover(brief: Brief) -> Slide:
    title = brief.plan.title
    return Slide("cover", title, f"{title}の成果指標と推進項目の進み具合を報告します。{brief.headline}")


def _conclusion(
    brief: Brief, meeting: Meeting, changed: str, wanted: pd.DataFrame, slides: list[Slide | None]
) -> Slide:
    """Results, outlook, what was done, what was said before, what is to decide; and where the criteria stand."""
    said = brief.progress.said_before(meeting.number)
    rows = results.results_and_outlook(brief)
    rows += [("取組", year.done(brief))]
    rows += [("前回の指摘", f"{year.opinions_counted(said)}。")] if len(said) else []
    rows += [("変化", changed)] if changed else []
    rows += [("ご審議", "\n".join(wanted["number"] + " " + wanted["wanted"]))] if len(wanted) else []
    fields = (Field("head", "区分", 5), Field("text", "要点", 40))
    return Slide(
        "conclusion",
        brief.headline,
        "".join(text for _, text in rows),
        listings=(Listing(pd.DataFrame(rows, columns=["head", "text"], dtype="str"), fields, "要点"),),
        told=_where_criteria(slides),
    )


def _where_criteria(slides: list[Slide | None]) -> tuple[str, ...]:
    """On which page the rules of the verdicts stand."""
    pages = [place for place, slide in enumerate(slides, start=1) if slide and slide.part == "criteria"]
    return (f"判定のしかたは{pages[0]}枚目(付録)にあります。",) if pages else ()

"""The order of the slides: a cover, what there is to decide, and behind it the annex."""

from dataclasses import replace
from itertools import chain

import pandas as pd

from kyodo.agenda import annex, results, year
from kyodo.agenda.choice import Choice, chosen, source
from kyodo.agenda.listing import Field, Listing, Slide
from kyodo.agenda.meeting import Meeting
from kyodo.brief import Brief

PARTS = {
    "conclusion": "まとめ",
    "overview": "成果指標の一覧",
    "indicators": "成果指標ごと",
    "progress": "推進項目の進み具合",
    "late": "計画より遅れている項目",
    "opinions": "前回の指摘と対応",
    "decisions": "ご審議いただきたいこと",
    "breakdown": "区分ごとの内訳",
    "policies": "推進方針ごとの項目",
    "doubts": "確かめたい記入",
    "items": "推進項目の一覧",
    "figures": "判定に使った数",
    "values": "成果指標の値",
    "changes": "前回からの変更点",
    "criteria": "判定のしかた",
    "terms": "用語・計算・出典",
}
MAIN = ("cover", "conclusion", "overview", "indicators", "progress", "late", "opinions", "decisions")


def agenda(
    brief: Brief,
    *,
    meeting: Meeting | None = None,
    choice: Choice | None = None,
    before: Brief | None = None,
    since: str = "",
) -> tuple[Slide, ...]:
    """The slides of a meeting, the cover first. What changed is compared on the whole brief and narrowed then.

    ``before`` is the brief of the meeting before, ``since`` that moment's name; without them the changes are those
    since the plan's printed values. What the record has nothing of is left out.
    """
    choice, meeting = choice or Choice(), meeting or Meeting()
    shown = chosen(brief, choice)
    changed, asked = annex.since_before(brief, choice, before, since), year.wanted(shown, meeting)
    makers = {
        "overview": lambda: results.overview(shown),
        "indicators": lambda: results.indicators(shown),
        "progress": lambda: year.progress(shown),
        "late": lambda: year.late_ones(shown),
        "opinions": lambda: year.opinions(shown, meeting),
        "decisions": lambda: year.decisions(asked),
        "breakdown": lambda: annex.breakdowns(shown),
        "policies": lambda: annex.policies(shown),
        "doubts": lambda: annex.doubts(shown),
        "items": lambda: annex.items(shown),
        "figures": lambda: annex.figures(shown),
        "values": lambda: annex.values(shown),
        "changes": lambda: annex.changed(shown, changed, choice),
        "criteria": lambda: annex.criteria(shown),
        "terms": lambda: annex.terms(shown),
    }
    made = list(chain.from_iterable(make() for part, make in makers.items() if choice.shows(part)))
    made = [replace(each, annex=each.annex or _behind(each.part, shown)) for each in made]
    slides = [*(each for each in made if not each.annex), *(each for each in made if each.annex)]
    first = [_cover(shown)]
    if choice.shows("conclusion"):
        told = changed[0] if changed else ""
        first.append(_conclusion(shown, meeting, told, asked, [*first, None, *slides]))
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


def _conclusion(brief: Brief, meeting: Meeting, changed: str, asked: pd.DataFrame, slides: list[Slide | None]) -> Slide:
    """Results, outlook, what was done, what was said before, what is to decide; and where the criteria stand."""
    said = brief.progress.said_before(meeting.number)
    rows = results.results_and_outlook(brief)
    rows += [("取組", year.done(brief))]
    rows += [("前回の指摘", f"{year.opinions_counted(said)}。")] if len(said) else []
    rows += [("変化", changed)] if changed else []
    rows += [("ご審議", "\n".join(asked["number"] + " " + asked["wanted"]))] if len(asked) else []
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

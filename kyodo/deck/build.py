"""The agenda's slides placed on paper: what stands where."""

import io
from collections.abc import Callable
from functools import partial
from math import ceil

import pandas as pd
from pptx.slide import Slide as Page

from kyodo import agenda, findings, readable
from kyodo.agenda import Choice, Field, Listing, Meeting, Slide
from kyodo.brief import REMARKS, Brief
from kyodo.deck import native
from kyodo.deck.pieces import add_notes, add_table, add_text, add_title, paragraph_xml, run_xml, table_height, write
from kyodo.deck.stationery import HEIGHT, WIDTH, Box, Stationery, add_foot, city_paper, own_paper
from kyodo.findings import indicator_label
from kyodo.fiscal import in_japan
from kyodo.palette import INK, QUIET
from kyodo.wording import number, width

_MOST_YEARS = 12  # columns of values that can be read on one slide: the first and the newest ones
_LEFT, _RIGHT, _GAP = 7.35, 4.93, 0.15  # the two columns of an indicator's slide
_TALL = HEIGHT - 0.45  # their height; the rules are below
_WRITTEN = 2.3  # of it the boxes to write in


def build_deck(
    brief: Brief,
    *,
    meeting: Meeting | None = None,
    choice: Choice | None = None,
    template: bytes | None = None,
    before: Brief | None = None,
    since: str = "",
) -> bytes:
    """The slides of a meeting as a .pptx file.

    ``template`` is a city's own .pptx; ``before`` the brief of the meeting before, ``since`` its name.

    Raises:
        KyodoError: where the template cannot be used.
    """
    choice, meeting = choice or Choice(), meeting or Meeting()
    paper = own_paper() if template is None else city_paper(template)
    shown = agenda.chosen(brief, choice)
    foot = f"{meeting.document}  {agenda.source(brief)}".strip()
    for slide in agenda.agenda(brief, choice=choice, before=before, since=since):
        page = paper.slide(cover=slide.part == "cover")
        if slide.part == "cover":
            _cover(paper, page, shown, meeting)
        else:
            add_title(paper, page, slide.heading)
            _DRAW.get(slide.part, _listing)(paper, page, shown, slide)
            add_foot(paper, page, foot)
        add_notes(page, slide.spoken)
    _describe(paper, brief, meeting)
    out = io.BytesIO()
    paper.deck.save(out)
    return out.getvalue()


def _describe(paper: Stationery, brief: Brief, meeting: Meeting) -> None:
    """The file's own properties; nobody is named as its author."""
    facts = paper.deck.core_properties
    facts.title = f"{meeting.title} {brief.plan.title}".strip()
    facts.subject, facts.language = agenda.source(brief), "ja-JP"
    facts.author = facts.last_modified_by = facts.keywords = facts.comments = facts.category = ""
    facts.revision = 1
    if brief.as_of is not None:
        facts.created = facts.modified = in_japan(brief.as_of).replace(tzinfo=None, microsecond=0)


def _cover(paper: Stationery, page: Page, brief: Brief, meeting: Meeting) -> None:
    title = page.shapes.title
    lines = (brief.plan.title, "成果指標と推進項目の進み具合")
    write(title, [paragraph_xml(run_xml(line, 32, bold=True), 32, namespace=True) for line in lines])
    facts = [meeting.title, meeting.date_text, meeting.document]
    facts += [agenda.source(brief), f"更新日: {agenda.moment(brief)}"]
    lines = [paragraph_xml(run_xml(text, 18), 18, namespace=True) for text in facts if text]
    below = [each for each in page.placeholders if each != title]
    if below:
        write(below[0], lines)
    else:
        box = Box(0, 0.5, WIDTH, 2.5)
        add_text(
            paper, page, box, [(text, False, INK) for text in facts if text], name="会議と時点", sizes=(18, 16, 14)
        )


def _criteria(paper: Stationery, page: Page, brief: Brief, slide: Slide) -> None:
    rules, terms = slide.listings
    left = Box(0, 0, 6.1, 4.6)
    add_table(paper, page, left, rules, name="判定の規則", said=slide.spoken, size=13)
    add_table(
        paper,
        page,
        Box(6.3, 0, 6.13, 4.6),
        terms,
        name="言葉と計算",
        said="判定に使う数の意味と計算のしかた。",
        size=12,
    )
    note = "規則は上から順に当てはめ、最初に当てはまったものを判定とします。回答者数が分からない実績値の判定には「誤差未検定」と記します。"
    add_text(paper, page, Box(0, 4.9, WIDTH, 0.6), [(note, False, QUIET)], name="規則の読み方")


def _overview(paper: Stationery, page: Page, brief: Brief, slide: Slide) -> None:
    listing = slide.listings[0]
    used = add_table(paper, page, Box(0, 0, WIDTH, 2), listing, name="成果指標の一覧", said=slide.title)
    lesson = findings.lesson(brief.upcoming, brief.plan.indicators)
    add_text(
        paper,
        page,
        Box(0, used + 0.08, WIDTH, 0.5),
        [(lesson, False, INK)],
        name="到達率と改善幅率の読み方",
        sizes=(13, 12, 11),
    )
    chart = Box(0, used + 0.6, WIDTH, HEIGHT - used - 1.05)
    said = "到達率と改善幅率。" + "、".join(
        f"{row['name']} {row['attainment_text'] or '不明'}と{row['improvement_text'] or '不明'}"
        for row in listing.rows.to_dict("records")
    )
    if len(listing.rows):
        native.ratio_chart(paper, page, chart, listing.rows, name="到達率と改善幅率の図", said=said)
    _add_rules(paper, page, brief)


def _add_rules(paper: Stationery, page: Page, brief: Brief, more: str = "") -> None:
    """The rules of the verdicts, wherever one is shown, and ``more`` that the reader must know."""
    box, text = Box(0, HEIGHT - 0.4, WIDTH, 0.4), findings.judged_by(brief.cutoffs) + more
    add_text(paper, page, box, [(text, False, QUIET)], name="判定の基準", sizes=(10, 9))


def _indicator(paper: Stationery, page: Page, brief: Brief, slide: Slide) -> None:
    indicator = slide.indicator
    known, targets = brief.values_of(indicator), brief.indicator(indicator)
    name = indicator_label(brief.plan.indicators, indicator)
    said = findings.trend_sentence(name, known, targets)
    values = _values(known)
    used = table_height(paper, Box(0, 0, _LEFT, 1), values, size=11)
    chart = Box(0, 0, _LEFT, _TALL - used - 0.1)
    native.indicator_chart(paper, page, chart, known, targets, name=f"{name}の推移", said=said)
    add_table(paper, page, Box(0, _TALL - used, _LEFT, used), values, name=f"{name}の値", said=said, size=11)
    _add_judgement(paper, page, brief, slide, targets)
    _add_remarks(paper, page, brief, indicator)
    _add_rules(paper, page, brief, "図の縦の目盛りは0から始まらないことがあります。")


def _values(known: pd.DataFrame) -> Listing:
    """Years across, what was measured and aimed at down."""
    rows = readable.measured(known).sort_values(["fiscal_year", "kind"])
    years = list(dict.fromkeys(rows["year"]))
    if len(years) > _MOST_YEARS:
        years = [years[0], *years[1 - _MOST_YEARS :]]
    parts = {
        "実績(%)": (rows[rows["kind"] != "target"], "value"),
        "目標(%)": (rows[rows["kind"] == "target"], "value"),
        "95%上限": (rows[rows["kind"] != "target"], "high"),
        "95%下限": (rows[rows["kind"] != "target"], "low"),
        "回答者数": (rows[rows["kind"] != "target"], "n"),
    }
    table = pd.DataFrame(
        [
            {"head": title}
            | dict(zip(each["year"], each[column].map(partial(number, digits=0 if column == "n" else 1)), strict=True))
            for title, (each, column) in parts.items()
        ]
    )
    known_n = table[years].fillna("").ne("").any(axis=1)
    fields = (Field("head", "年度", 6.6), *(Field(year, year, 3.3, True) for year in years))
    return Listing(table[known_n], fields)


def _add_judgement(paper: Stationery, page: Page, brief: Brief, slide: Slide, targets: pd.DataFrame) -> None:
    """Distances, paces, the verdict and what it rests on, in the right column."""
    rows = readable.assessed(targets, brief.plan.indicators)
    rows = rows.assign(mark=rows["verdict"].map(agenda.mark))
    at = _LEFT + _GAP
    used = add_table(
        paper,
        page,
        Box(at, 0, _RIGHT, 1),
        Listing(rows, agenda.DISTANCE),
        name="目標との差と判定",
        said=slide.spoken,
        size=12,
    )
    said = "これまでの歩みと必要な歩み(ポイント/年)、ペース比、直線で延ばしたときの値。"
    used += 0.1 + add_table(
        paper, page, Box(at, used + 0.1, _RIGHT, 1), Listing(rows, agenda.PACE), name="歩み", said=said, size=12
    )
    box = Box(at, used + 0.06, _RIGHT, _TALL - _WRITTEN - used - 0.1)
    add_text(paper, page, box, _basis(brief, targets), name="判定の根拠", sizes=(12, 11, 10, 9))


def _basis(brief: Brief, targets: pd.DataFrame) -> list[tuple[str, bool, str]]:
    """The results and the outlook in words, and whether the change is tested."""
    told = findings.slide_sentence(targets, brief.plan.indicators)
    return [(told, False, INK), *((text, False, INK) for text in agenda.tested(targets))]


def _add_remarks(paper: Stationery, page: Page, brief: Brief, indicator: int) -> None:
    """要因, 課題 and 今後の方向 in boxes, as entered or empty to write in; who says more gets more room."""
    entered = brief.remark(indicator)
    texts = {heading: entered.get(heading, "") for heading in REMARKS}
    shares = [2 + ceil(width(text) / 30) for text in texts.values()]
    top, room = _TALL - _WRITTEN, _WRITTEN - 0.06 * (len(REMARKS) - 1)
    for (heading, text), share in zip(texts.items(), shares, strict=True):
        high = room * share / sum(shares)
        runs = [(f"{heading} " if text else heading, True, INK), *([(text, False, INK)] if text else [])]
        box = Box(_LEFT + _GAP, top, _RIGHT, high)
        add_text(paper, page, box, runs, name=heading, sizes=(12, 11, 10, 9, 8), framed=True)
        top += high + 0.06


def _breakdown(paper: Stationery, page: Page, brief: Brief, slide: Slide) -> None:
    listing = slide.listings[0]
    rows = listing.rows
    known = brief.known
    overall = known[(known["indicator"] == slide.indicator) & (known["fiscal_year"] == rows["fiscal_year"].iloc[0])]
    add_table(paper, page, Box(6.6, 0, WIDTH - 6.6, 4), listing, name="区分ごとの割合", said=slide.title, size=12)
    measured = overall.loc[overall["kind"] != "target", "value"].iloc[0]
    native.breakdown_chart(
        paper, page, Box(0, 0, 6.4, HEIGHT - 0.5), rows, measured, name="区分ごとの割合の図", said=slide.title
    )
    note = "線は95%区間。有効回答が10人に満たない区分と、それを差し引きで求められる区分は秘匿しています。"
    add_text(
        paper, page, Box(0, HEIGHT - 0.4, WIDTH, 0.35), [(note, False, QUIET)], name="区分の読み方", sizes=(11, 10)
    )


def _policies(paper: Stationery, page: Page, brief: Brief, slide: Slide) -> None:
    used = add_table(paper, page, Box(0, 0, WIDTH, 2), slide.listings[0], name="推進方針ごとの項目数", said=slide.title)
    titles = brief.plan.policies.set_index("policy")["title"].to_dict()
    if len(brief.stages):
        box = Box(0, used + 0.15, WIDTH, HEIGHT - used - 0.6)
        native.stage_chart(paper, page, box, brief.stages, titles, name="推進方針ごとの段階の図", said=slide.title)
    note = "再掲の項目は数えていません。→は前の段階が続くものとして読み替えています。"
    add_text(paper, page, Box(0, HEIGHT - 0.4, WIDTH, 0.35), [(note, False, QUIET)], name="数え方", sizes=(11, 10))


def _listing(paper: Stationery, page: Page, brief: Brief, slide: Slide) -> None:
    """A slide that is one table; a finding without rows stands alone."""
    for listing in slide.listings:
        if len(listing.rows):
            add_table(paper, page, Box(0, 0, WIDTH, HEIGHT), listing, name=agenda.PARTS[slide.part], said=slide.heading)


_DRAW: dict[str, Callable[[Stationery, Page, Brief, Slide], None]] = {
    "criteria": _criteria,
    "overview": _overview,
    "indicators": _indicator,
    "breakdown": _breakdown,
    "policies": _policies,
}

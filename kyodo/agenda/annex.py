"""The annex: every list whole, every number, how it is judged, what the words mean and what changed."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from kyodo import changes, findings, groups, leads, readable
from kyodo.agenda import year
from kyodo.agenda.choice import Choice, chosen, mark
from kyodo.agenda.listing import LINES, Field, Listing, Slide, counted, paged
from kyodo.brief import Brief
from kyodo.cycle import judge
from kyodo.fiscal import short_label
from kyodo.wording import people, percent

_MOST_YEARS = 8  # columns of values that can be read on one slide: the first and the newest ones


def figures(brief: Brief) -> list[Slide]:
    """Every number a verdict rests on, one line per indicator and target."""
    rows = brief.texts
    aims = [f"{short_label(year)} {aim}" for year, aim in zip(rows["target_year"], rows["target_text"], strict=True)]
    rows = rows.assign(mark=rows["verdict"].map(mark), aim=aims)
    fields = (
        Field("name", "成果指標", 9), Field("aim", "目標", 6.8, True), Field("actual_text", "実績値", 7.5, True),
        Field("gap_text", "差", 4.4, True), Field("attainment_text", "到達率", 4.7, True), Field("improvement_text", "改善幅率", 4.7, True),
        Field("pace_so_far_text", "これまでの歩み", 4.6, True), Field("pace_needed_text", "必要な歩み", 4.2, True),
        Field("pace_text", "ペース比", 4.7, True), Field("mark", "判定", 6),
    )  # fmt: skip
    title = "判定に使った数(歩みはポイント/年)"
    shown = rows[["verdict", *(field.name for field in fields)]]
    return paged(Slide("figures", title, title), Listing(shown, fields, "判定に使った数"))


def values(brief: Brief) -> list[Slide]:
    """What was measured, years across, with the number of answers where it is known."""
    years = [*brief.survey_years]
    cut = len(years) > _MOST_YEARS
    years = [years[0], *years[1 - _MOST_YEARS :]] if cut else years
    rows = [line for number in brief.labels for line in _lines(brief, number)]
    shown = pd.DataFrame(rows, columns=["name", "what", *years]).rename(columns=str).fillna("")
    fields = (
        Field("name", "成果指標", 12), Field("what", "", 4.5), *(Field(str(each), short_label(each), 5, True) for each in years),
    )  # fmt: skip
    title = "成果指標の値と回答者数" + (f"(最初の年度と新しい{_MOST_YEARS - 1}年度)" if cut else "")
    return paged(Slide("values", title, title), Listing(shown, fields, "成果指標の値と回答者数"))


def _lines(brief: Brief, number: int) -> Iterator[dict]:
    mine = [row for row in brief.values[number] if row["kind"] != "target"]
    for what, column, write in (("値", "value", percent), ("回答者数", "n", people)):
        if any(pd.notna(row[column]) for row in mine):
            yield {"name": brief.labels[number] if what == "値" else "", "what": what} | {
                row["fiscal_year"]: write(row[column]) for row in mine
            }


def breakdowns(brief: Brief) -> Iterator[Slide]:
    """The newest breakdown of each indicator: whole groups, each sorted, as many on a slide as it holds."""
    if brief.breakdown.empty:
        return
    fields = (
        Field("group", "区分", 3.2), Field("category", "内訳", 7), Field("shown", "値", 4.6, True), Field("n", "回答者数", 4.2, True),
        Field("interval_text", "95%区間", 10, True),
    )  # fmt: skip
    for indicator, rows in brief.breakdown.groupby("indicator", sort=True):
        newest = groups.ranked(rows[rows["fiscal_year"] == rows["fiscal_year"].max()])
        title = groups.breakdown_sentence(newest, brief.plan.indicators)
        slide = Slide("breakdown", title, title, indicator=int(indicator))
        shown = readable.breakdown(newest)
        shown = shown.assign(shown=shown["value_text"].mask(shown["withheld"], shown["withheld_text"]))
        listing = Listing(shown, fields, "区分ごとの割合")
        yield from paged(slide, listing, _room(newest), together="group")


def _room(rows: pd.DataFrame) -> float:
    """Lines a slide holds: of one column beside a chart, or of two where a single group needs them."""
    largest = int(rows.groupby("group").size().max())
    return 1.3 * (2 * (LINES - 3) if largest > LINES - 4 else LINES - 4)


def beside_a_chart(listing: Listing) -> bool:
    """Whether a breakdown's list leaves room for its chart, or takes the slide in two columns."""
    return len(listing.rows) < LINES - 3


def halves(listing: Listing) -> tuple[Listing, Listing]:
    """A list in two columns beside each other, the first one as long or longer."""
    middle = -(-len(listing.rows) // 2)
    return replace(listing, rows=listing.rows.iloc[:middle]), replace(listing, rows=listing.rows.iloc[middle:])


def overall(brief: Brief, slide: Slide) -> float:
    """The share of all who answered in a breakdown's year."""
    known, rows = brief.values_of(slide.indicator), slide.listings[0].rows
    mine = known[(known["fiscal_year"] == rows["fiscal_year"].iloc[0]) & (known["kind"] != "target")]
    return float(mine["value"].iloc[0])


def policies(brief: Brief) -> list[Slide]:
    """The items by policy and stage of the year's schedule."""
    title = leads.stage_sentence(brief.stages, brief.stage_year)
    rows = brief.stages.reset_index().assign(title=lambda frame: frame["policy"].map(brief.plan.policy_names))
    fields = (Field("title", "推進方針", 13), *map(counted, brief.stages.columns))
    named = f"{brief.planned.text}({year.keys(brief.planned_short)})" if len(brief.planned_short) else ""
    told = (f"{named}再掲の項目は数えていません。→は前の段階が続くものとして読み替えています。",)
    return paged(Slide("policies", title, title, told=told), Listing(rows, fields, "推進方針ごとの項目数"))


def doubts(brief: Brief) -> list[Slide]:
    """What in the answers is worth a second look."""
    if brief.newest.empty or (rows := year.doubts(brief)).empty:
        return []
    title = f"{short_label(brief.progress.latest)}の進行管理で、確かめたい記入が{len(rows)}件あります。"
    fields = (
        Field("item", "番号", 5.1), Field("title", "推進項目", 14), Field("section", "回答した課", 8), Field("text", "確かめたいこと", 26),
    )  # fmt: skip
    return paged(Slide("doubts", title, title), Listing(rows, fields, "確かめたい記入"))


def items(brief: Brief) -> list[Slide]:
    """Every item with its schedule and, once there is an answer, how the newest year stands beside it."""
    title, latest = leads.items_sentence(brief.table), brief.progress.latest
    rows = brief.table.assign(
        shown=brief.table["title"]
        + brief.table["relisted_of"].map(lambda origin: f"【再掲 {origin}】" if origin else ""),
        stage=brief.table["item"].map(readable.stages(brief.plan.item_schedule)),
    )
    fields = [
        Field("item", "番号", 5.1), Field("shown", "推進項目", 16), Field("kind", "種別", 2.5), Field("departments", "担当課", 11),
        Field("stage", f"年次計画({short_label(brief.plan.years[0])}〜{short_label(brief.plan.years[-1])})", 11.5),
    ]  # fmt: skip
    if latest:
        answers = brief.newest.set_index("item")
        marks = judge.marked(brief.plan, "against_plan")
        rows = rows.assign(
            marked=rows["item"].map(answers["marked"]).fillna(""),
            against=rows["item"].map(answers["against_plan"].map(marks)).fillna(""),
        )
        fields += [Field("marked", f"{short_label(latest)}の状況", 6), Field("against", "計画との比較", 6.4)]
    return paged(Slide("items", title, title), Listing(rows, tuple(fields), "推進項目の一覧"))


def changed(brief: Brief, told: tuple[str, pd.DataFrame] | None, choice: Choice) -> list[Slide]:
    """What changed since the meeting before (:func:`since_before`); nothing where nothing did, unless it is asked for."""
    if told is None or (told[1].empty and not _asked(choice)):
        return []
    title, found = told
    if found.empty:
        return [Slide("changes", title, title)]
    fields = (
        Field("name", "成果指標", 12), Field("target_label", "目標", 5), Field("before_text", "以前の実績値", 8, True),
        Field("after_text", "今の実績値", 8, True), Field("verdict_text", "判定", 14),
    )  # fmt: skip
    spoken = f"{title}{'。'.join(found['text'])}。"
    listing = Listing(readable.changed(found, brief.plan.indicators), fields, "前回からの変更点")
    return paged(Slide("changes", title, spoken), listing)


def _asked(choice: Choice) -> bool:
    return choice.parts is not None and "changes" in choice.parts


def since_before(brief: Brief, choice: Choice, before: Brief | None, since: str) -> tuple[str, pd.DataFrame] | None:
    """The sentence of what changed and its rows; None where nothing was registered and nobody asks."""
    if before is None:
        if not (_asked(choice) or brief.known["registered"].any()):
            return None
        targets, name = brief.printed, "計画書の値"
    else:
        targets, name = before.targets, f"前回({since})" if since else "前回"
    shown = chosen(brief, choice)
    found = changes.changed_verdicts(targets, shown.targets, shown.plan.indicators)
    return changes.since_sentence(found, name), found


def criteria(brief: Brief) -> list[Slide]:
    """The rules of the verdicts, with the cut-offs in force."""
    fields = (Field("mark", "判定", 6), Field("when", "判定の規則(上から順に当てはめ、最初に当てはまったもの)", 36))
    title = "判定のしかた: 結果は目標の年度の調査で決まり、見通しは最新の調査から判定します。"
    note = "回答者数が分からない実績値の判定には「誤差未検定」と記します。"
    slide = Slide("criteria", title, findings.judged_by(brief.cutoffs), told=(note,))
    return paged(slide, Listing(readable.rules(brief.cutoffs), fields, "判定の規則"))


def terms(brief: Brief) -> list[Slide]:
    """What the words mean, how it is calculated, where it comes from."""
    fields = (
        Field("term", "言葉", 8), Field("meaning", "意味", 23), Field("formula", "計算", 12), Field("source", "出典", 12),
    )  # fmt: skip
    title = "この資料の言葉、計算のしかた、出典"
    return paged(
        Slide("terms", title, "言葉と計算のしかたの一覧です。"), Listing(brief.plan.terms, fields, "用語・計算・出典")
    )

"""The slides say what the brief says, in charts, tables, sentences and notes, and can be edited and read aloud."""

import dataclasses
import datetime as dt
import functools
import io
import re
import shutil
import subprocess
from itertools import pairwise

import pandas as pd
import pytest
from given import ELEVEN_YEARS, GOOD, NOW, breakdown, recorded, summary_csv
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Inches

from kyodo import findings, groups, readable, titles
from kyodo.agenda import PARTS, Choice, Meeting, agenda, parse_day
from kyodo.brief import brief_of, build_brief
from kyodo.deck import build_deck as build
from kyodo.deck.stationery import FONT
from kyodo.errors import KyodoError
from kyodo.fiscal import short_label
from kyodo.intake import read_upload
from kyodo.record import Record
from kyodo.workbook import build_workbook as workbook

build_deck, build_workbook = map(functools.cache, (build, workbook))  # the same brief, the same papers: made once
MEETING = Meeting(number=3, date=dt.date(2014, 5, 12), document="資料1")
VALUES = recorded([(number, 2013, value, 1000) for number, value in GOOD.items()])


@pytest.fixture(scope="module")
def printed(plan):
    """The brief of the plan as printed: no number of answers is known."""
    return build_brief(plan, recorded([]), as_of=NOW)


@pytest.fixture(scope="module")
def filled(plan):
    """The brief with one registered survey, its numbers of answers and a breakdown."""
    return build_brief(plan, VALUES, as_of=NOW, revision=1, changed_at=NOW, breakdown=breakdown())


@functools.cache  # read only
def opened(data):
    return Presentation(io.BytesIO(data))


def texts(slide):
    """Every text on a slide, cells of tables included, without the breaks of its lines."""
    for shape in slide.shapes:
        if shape.has_text_frame:
            yield shape.text_frame.text.replace("\v", "")
        if shape.has_table:
            yield from (cell.text.replace("\v", "") for row in shape.table.rows for cell in row.cells)


def all_texts(data):
    return [list(texts(slide)) for slide in opened(data).slides]


def charts(slide):
    return [shape.chart for shape in slide.shapes if shape.has_chart]


def points(chart, series):
    """Category → value of one series as the chart keeps it, blanks left out."""
    found = next(each for each in chart.plots[0].series if each.name.startswith(series))
    return {
        name: value for name, value in zip(chart.plots[0].categories, found.values, strict=True) if value is not None
    }


def slide_of(deck, brief, indicator):
    return titled(deck, titles.trend_title(brief.labels[indicator], brief.rows[indicator]))


def titled(deck, title):
    return next(slide for slide in deck.slides if title_of(slide) == title)


def title_of(slide):
    return slide.shapes.title.text_frame.text.replace("\v", "")


def table_of(slide, name):
    """A slide's table as a frame, read back."""
    rows = next(shape.table for shape in slide.shapes if shape.has_table and shape.name == name).rows
    cells = [[cell.text.replace("\v", "") for cell in row.cells] for row in rows]
    return pd.DataFrame(cells[1:], columns=cells[0])


@pytest.mark.parametrize("state", ["printed", "filled"])
def test_a_chart_keeps_the_unrounded_values_of_the_brief(state, request):
    brief = request.getfixturevalue(state)
    deck = opened(build_deck(brief, meeting=MEETING))
    for indicator in range(1, 6):
        chart = charts(slide_of(deck, brief, indicator))[0]
        known = brief.known[brief.known["indicator"] == indicator]
        by_kind = {
            kind: dict(zip(rows["fiscal_year"].map(short_label), rows["value"], strict=True))
            for kind, rows in known.groupby("kind")
        }
        assert points(chart, "基準値") == by_kind["baseline"] | by_kind["actual"]
        assert points(chart, "目標値") == by_kind["target"]
        assert points(chart, "目標への道すじ") == by_kind["baseline"] | by_kind["target"]
        last = brief.indicator(indicator).iloc[-1]
        assert points(chart, "見込み")[short_label(last["target_year"])] == last["forecast"]


def test_of_two_values_of_a_year_the_higher_is_never_labelled_below_the_lower(filled):
    height = {"t": 1, "r": 0, "l": 0, "b": -1}
    deck = opened(build_deck(filled, meeting=MEETING))
    for indicator in range(1, 6):
        found = {}
        for series in charts(slide_of(deck, filled, indicator))[0].plots[0].series:
            for label in series._element.iter(qn("c:dLbl")):
                place = int(label.find(qn("c:idx")).get("val"))
                found.setdefault(place, []).append(
                    (series.values[place], height[label.find(qn("c:dLblPos")).get("val")])
                )
        assert all(low[1] <= high[1] for labels in found.values() for low, high in pairwise(sorted(labels)))
        assert len(found) >= 5


def test_error_bars_stand_where_the_number_of_answers_is_known_and_only_there(printed, filled):
    def measured(brief):
        chart = charts(slide_of(opened(build_deck(brief, meeting=MEETING)), brief, 1))[0]
        return chart.plots[0].series[0]._element

    assert not list(measured(printed).iter(qn("c:errBars")))
    bars = next(measured(filled).iter(qn("c:errBars")))
    row = filled.known.query("indicator == 1 and fiscal_year == 2013 and kind == 'actual'").iloc[0]
    for side, length in (("plus", row["high"] - row["value"]), ("minus", row["value"] - row["low"])):
        kept = [(int(each.get("idx")), float(each[0].text)) for each in bars.find(qn(f"c:{side}")).iter(qn("c:pt"))]
        assert kept == [(2013 - 2006, length)]


def test_the_overview_shows_both_ratios_of_every_indicator_unrounded(filled):
    deck = opened(build_deck(filled, choice=Choice(parts=("overview",))))
    chart = charts(deck.slides[1])[0]
    assert list(points(chart, "到達率").values()) == filled.upcoming["attainment"].tolist()
    assert list(points(chart, "改善幅率").values()) == filled.upcoming["improvement"].tolist()


def test_items_by_policy_and_the_breakdown_are_the_briefs(filled):
    deck = opened(build_deck(filled, choice=Choice(parts=("policies", "breakdown"))))
    stages, shares = (charts(slide)[0] for slide in list(deck.slides)[1:])
    shown = groups.ranked(filled.breakdown)
    shown = shown[shown["value"].notna()]
    assert shown["value"].is_monotonic_decreasing
    overall = filled.known.query("indicator == 1 and fiscal_year == 2013 and kind == 'actual'")["value"].iloc[0]
    assert list(points(shares, "割合").values()) == [overall, *shown["value"]]
    for stage in filled.stages.columns:
        assert list(points(stages, stage).values()) == filled.stages[stage].tolist()


def words_of(brief):
    """Every number of the brief as it is written."""
    targets, known = readable.assessed(brief.targets, brief.plan.indicators), readable.measured(brief.known)
    columns = [*targets.filter(like="_text").columns]
    sentences = [findings.judged_by(brief.cutoffs), findings.lesson(brief.upcoming, brief.plan.indicators)]
    for row in brief.targets.to_dict("records"):
        sentences += [findings.fact(row), findings.distance(row), findings.significance_sentence(row)]
        sentences += [findings.needed_sentence(row), findings.forecast_sentence(row)]
    cells = [*targets[columns].to_numpy().ravel(), *known[["value_text", "n_text", "interval_text"]].to_numpy().ravel()]
    if len(brief.breakdown):
        parts = readable.breakdown(brief.breakdown)
        cells += [*parts["value_text"], *parts["interval_text"]]
        sentences += [groups.breakdown_title(rows) for _, rows in brief.breakdown.groupby(["indicator", "fiscal_year"])]
    return set(NUMBER.findall(" ".join(map(str, [*cells, *sentences]))))


NUMBER = re.compile(r"[▲+±]?\d[\d,]*\.\d+")


@pytest.mark.parametrize("state", ["printed", "filled"])
def test_no_slide_shows_a_number_the_brief_does_not_have(state, request):
    brief = request.getfixturevalue(state)
    known = words_of(brief)
    for slide in all_texts(build_deck(brief, meeting=MEETING)):
        assert set(NUMBER.findall(" ".join(slide))) <= known


@pytest.mark.parametrize("state", ["printed", "filled"])
def test_every_distance_and_verdict_stands_on_its_slide_and_every_number_in_the_annex(state, request):
    brief = request.getfixturevalue(state)
    deck = opened(build_deck(brief, meeting=MEETING))
    figures = table_of(titled(deck, "判定に使った数(歩みはポイント/年)"), "判定に使った数")
    rows = readable.assessed(brief.targets, brief.plan.indicators)
    assert len(figures) == len(rows) == 10
    for place, row in enumerate(rows.to_dict("records")):
        shown = list(texts(slide_of(deck, brief, row["indicator"])))
        assert {row["target_text"], row["gap_text"]} <= set(shown)
        assert any(row["verdict"] in text for text in shown)
        listed = figures.iloc[place]
        assert listed["成果指標"] == row["name"]
        assert listed["目標"] == f"{short_label(row['target_year'])} {row['target_text']}"
        for title, column in FIGURES.items():
            assert listed[title] == row[f"{column}_text"]
        assert row["verdict"] in listed["判定"]


FIGURES = {
    "実績値": "actual", "差": "gap", "到達率": "attainment", "改善幅率": "improvement", "これまでの歩み": "pace_so_far", "必要な歩み": "pace_needed",
    "ペース比": "pace",
}  # fmt: skip


def test_no_pace_is_shown_for_a_result(plan):
    rows = [(number, 2012, value, 1000) for number, value in GOOD.items()]
    brief = build_brief(plan, recorded(rows), as_of=NOW)
    closed = brief.targets[brief.targets["state"] == "closed"]
    assert len(closed) == 5
    assert closed[["pace", "pace_needed", "projection"]].isna().all(axis=None)
    deck = opened(build_deck(brief, choice=Choice(parts=("figures",))))
    figures = table_of(deck.slides[1], "判定に使った数")
    past = figures[figures["目標"].str.startswith("H24")]
    assert len(past) == 5
    assert (past[["必要な歩み", "ペース比"]] == "").all(axis=None)


def test_the_sentence_has_the_numbers_of_the_table_beside_it(filled):
    deck = opened(build_deck(filled, meeting=MEETING))
    for row in readable.assessed(filled.upcoming, filled.plan.indicators).to_dict("records"):
        slide = slide_of(deck, filled, row["indicator"])
        cells = " ".join(text for text in texts(slide) if text != title_of(slide))
        numbers = {each.strip("▲+±") for each in NUMBER.findall(title_of(slide))}
        assert numbers
        assert numbers - {each.strip("▲+±") for each in NUMBER.findall(cells)} == set()


@pytest.mark.parametrize("state", ["printed", "filled"])
def test_findings_stand_before_formulas_and_the_conclusion_says_where_these_are(state, request):
    deck = opened(build_deck(request.getfixturevalue(state), meeting=MEETING))
    heads = [title_of(slide) for slide in deck.slides]
    criteria = next(place for place, head in enumerate(heads, start=1) if head.startswith("判定のしかた"))
    feet = [slide.shapes[-2].text_frame.text for slide in deck.slides]
    assert [foot.startswith("付録") for foot in feet] == sorted(foot.startswith("付録") for foot in feet)
    assert feet[criteria - 1].startswith("付録")
    assert f"判定のしかたは{criteria}枚目(付録)にあります。" in list(texts(deck.slides[1]))
    assert sum(not foot.startswith("付録") for foot in feet) <= 12


@pytest.mark.slow
def test_after_an_undo_the_slides_are_what_they_were_and_a_past_moment_keeps_its_own(plan, database):
    record = Record(database)
    slides = lambda **at: all_texts(build_deck(brief_of(plan, record, now=NOW, **at), meeting=MEETING))  # noqa: E731 - said once
    before = slides()
    number = record.submit(read_upload(summary_csv(GOOD), "調査.csv", today=NOW.date()), by="山田", at=NOW)
    after = slides()
    record.undo(number, by="山田", at=NOW + dt.timedelta(days=1))
    assert after != before
    undone = [[text for text in slide if "時点:" not in text and "更新日" not in text] for slide in slides()]
    assert (
        undone[1:] == [[text for text in slide if "時点:" not in text and "更新日" not in text] for slide in before][1:]
    )
    assert slides(as_of=number) == after


def test_changes_since_the_last_meeting_are_named_or_said_to_be_none(printed, filled):
    only = Choice(parts=("changes",))
    assert "計画書の値から変わった実績値・判定はありません。" in all_texts(build_deck(printed, choice=only))[1]
    assert not any(
        "計画書の値から" in text for texts in all_texts(build_deck(printed, meeting=MEETING)) for text in texts
    )
    first = all_texts(build_deck(filled, choice=only))[1]
    assert {"37.2%(H23)", "39.6%(H25)"} <= set(first)
    assert any(text.startswith("計画書の値から") for text in first)
    same = all_texts(build_deck(filled, choice=only, before=filled, since="第2回委員会時点"))[1]
    assert "前回(第2回委員会時点)から変わった実績値・判定はありません。" in same
    changed = all_texts(build_deck(filled, choice=only, before=printed))[1]
    assert "見通し(横ばい)を終え、未調査(H24の調査が未登録のまま、後の年度の調査があるため)" in changed
    assert {"37.2%(H23)", "39.6%(H25)"} <= set(changed)


def test_a_choice_narrows_every_part(printed):
    choice = Choice(indicators=(3,), policies=("IV",), parts=("overview", "indicators", "policies", "items"))
    slides = all_texts(build_deck(printed, choice=choice))
    everything = " ".join(text for slide in slides for text in slide)
    assert "③まちづくり・市民参画" in everything
    assert "①地域活動への参加" not in everything
    assert "IV-1-1" in everything
    assert "I-1-1" not in [text for slide in slides for text in slide]
    outlook = "H29目標の見通し(H23調査時点): やや遅れ1。"
    assert slides[1][0] == f"H24の調査は未登録。H23調査の時点では、H24目標に対し、やや遅れ1。{outlook}"


CHOICES = [
    *(Choice(indicators=(number,)) for number in range(1, 6)),
    *(Choice(policies=(policy,)) for policy in ("I", "II", "III", "IV")),
    *(Choice(indicators=(2,), policies=("II",), parts=(part,)) for part in PARTS),
    Choice(indicators=(1, 3), policies=("I", "IV")),
]


QUICK = range(9, len(CHOICES))  # every part, and several indicators and policies


@pytest.mark.parametrize(
    "choice",
    [pytest.param(each, id=str(n), marks=[pytest.mark.slow] * (n not in QUICK)) for n, each in enumerate(CHOICES)],
)
def test_any_choice_of_a_registered_record_gives_its_slides_and_its_workbook(filled, choice):
    slides = agenda(filled, choice=choice)
    assert len(opened(build(filled, choice=choice)).slides) == len(slides)
    assert build_workbook(filled, choice=dataclasses.replace(choice, parts=None))  # it has no parts to choose
    numbers = choice.indicators or range(1, 6)
    assert {slide.indicator for slide in slides} - {None} <= set(numbers)


def test_every_slide_can_be_read_aloud_and_spoken_to(filled):
    deck = opened(build_deck(filled, meeting=MEETING, before=filled))
    for place, slide in enumerate(deck.slides):
        assert slide.shapes[0] == slide.shapes.title, "the title is read first"
        assert slide.shapes.title.text_frame.text
        assert slide.notes_slide.notes_text_frame.text
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table:
                assert shape.element.find(f".//{qn('p:cNvPr')}").get("descr")
        if place:
            assert 'type="slidenum"' in slide.shapes[-1].element.xml, "the page number is read last"


def test_every_run_of_text_has_the_font_for_every_script(filled):
    for slide in opened(build_deck(filled, meeting=MEETING)).slides:
        for properties in slide.shapes._spTree.iter(qn("a:rPr")):
            assert [properties.find(qn(f"a:{script}")).get("typeface") for script in ("latin", "ea", "cs")] == [
                FONT
            ] * 3
        for chart in charts(slide):
            kept = chart._chartSpace.find(f"{qn('c:txPr')}//{qn('a:defRPr')}")
            assert [kept.find(qn(f"a:{script}")).get("typeface") for script in ("latin", "ea", "cs")] == [FONT] * 3


def test_series_differ_without_colour(filled):
    chart = charts(slide_of(opened(build_deck(filled, meeting=MEETING)), filled, 2))[0]
    looks = {
        series.name: (str(series.marker.style), str(series.format.line.dash_style), str(series.format.line.fill.type))
        for series in chart.plots[0].series
    }
    assert len(set(looks.values())) == len(looks)


def test_the_file_names_no_author_and_the_briefs_moment(filled):
    facts = opened(build_deck(filled, meeting=MEETING)).core_properties
    assert (facts.author, facts.last_modified_by) == ("", "")
    assert "第3回協働のまちづくり推進委員会" in facts.title
    assert facts.created == NOW.replace(tzinfo=None)


def test_the_cover_names_meeting_day_document_and_when_the_data_is_of(filled):
    cover = " ".join(all_texts(build_deck(filled, meeting=MEETING))[0])
    for text in (
        "第3回協働のまちづくり推進委員会",
        "2014年5月12日(H26年度)",
        "資料1",
        "H18・H23・H25年度調査",
        "更新日: 2014年5月1日",
    ):
        assert text in cover


@pytest.mark.parametrize("text", ["2014-05-12", "2014/5/12", "２０１４年５月１２日"])
def test_a_day_is_read_in_its_usual_spellings(text):
    assert parse_day(text) == dt.date(2014, 5, 12)


@pytest.mark.parametrize("text", ["5月12日", "2014-02-30", "明日"])
def test_what_is_no_day_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match="開催日"):
        parse_day(text)


def city_template():
    """A template of 4:3 paper with a slide of its own and the default layouts."""
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "様式の見本"
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def test_a_citys_template_lends_its_paper_and_layouts_but_not_its_slides(printed):
    deck = opened(build_deck(printed, template=city_template()))
    assert (deck.slide_width, deck.slide_height) == (Inches(10), Inches(7.5))
    assert [deck.slides[0].slide_layout.name, deck.slides[1].slide_layout.name] == ["Title Slide", "Title Only"]
    assert "様式の見本" not in " ".join(text for slide in deck.slides for text in texts(slide))
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width + 9
            assert shape.top + shape.height <= deck.slide_height + 9


@pytest.mark.parametrize("template", [b"", b"PK\x03\x04 not a zip", summary_csv(GOOD)])
def test_what_is_no_template_is_refused_in_a_sentence(printed, template):
    with pytest.raises(KyodoError, match=r"様式のファイルを PowerPoint"):
        build_deck(printed, template=template)


def test_a_long_text_or_a_strange_character_stays_text(printed):
    strange = "髙﨑①～" + "とても長い名前の推進項目" * 6 + "\x07<&>"
    table = printed.table.assign(title=[strange, *printed.table["title"].iloc[1:]])
    brief = dataclasses.replace(printed, table=table)
    shown = [text for slide in all_texts(build_deck(brief, choice=Choice(parts=("items",)))) for text in slide]
    assert strange.replace("\x07", "") in shown


def test_what_was_entered_stands_on_its_slide_and_nothing_else_does(printed):
    remarks = pd.DataFrame([[2, "課題", "担い手の高齢化"]], columns=["indicator", "heading", "text"])
    deck = opened(build_deck(dataclasses.replace(printed, remarks=remarks)))
    boxes = [shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.name.startswith("要因")]
    assert boxes == ["課題 担い手の高齢化"]
    assert "課題 担い手の高齢化" in list(texts(slide_of(deck, printed, 2)))


def test_tables_are_cut_into_pages_that_fit(plan):
    brief = build_brief(plan, recorded(ELEVEN_YEARS), as_of=NOW)
    long = pd.concat([brief.table] * 8, ignore_index=True)
    slides = agenda(dataclasses.replace(brief, table=long), choice=Choice(parts=("items",)))
    assert sum(len(slide.listings[0].rows) for slide in slides[1:]) == len(long)
    assert [slide.page for slide in slides[1:]] == list(range(1, len(slides)))
    deck = opened(build_deck(dataclasses.replace(brief, table=long), choice=Choice(parts=("items",))))
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.top + shape.height <= deck.slide_height


@pytest.mark.slow
@pytest.mark.parametrize("state", ["printed", "filled"])
def test_the_file_is_what_the_standard_allows(state, request, tmp_path):
    audit = pytest.importorskip("openxml_audit", reason="openxml-audit is not installed")
    file = tmp_path / "slides.pptx"
    file.write_bytes(build_deck(request.getfixturevalue(state), meeting=MEETING))
    assert [str(error) for error in audit.OpenXmlValidator().validate(str(file)).errors] == []


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftotext")),
    reason="LibreOffice and poppler-utils are not installed",
)
def test_libreoffice_draws_every_slide_on_one_page_with_every_character(filled, tmp_path):
    from kyodo.pdf import to_pdf

    strange = filled.table.assign(title=["髙﨑①～の項目", *filled.table["title"].iloc[1:]])
    data = build_deck(dataclasses.replace(filled, table=strange), meeting=MEETING)
    file = tmp_path / "slides.pdf"
    file.write_bytes(to_pdf(data))
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    assert text.count("\f") == len(opened(data).slides)
    assert "髙﨑①～の項目" in text.replace(" ", "")

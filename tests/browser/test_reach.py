"""Every page for everyone: language, outline, landmarks, axe, words, widths, and no request to anywhere else."""

import re
from itertools import pairwise

import pytest
from looking import NAMES as LABELS
from looking import PAGES, SIZES, at_rest, axe, axe_source, latin_words, text_faults, too_wide, visit, whole
from years import answers

BAD = "指標番号,指標名,年度,値(%),回答者数\r\n1,地域活動に参加している市民の割合,H25,137.2,1760\r\n9,x,H25,12,10\r\n".encode(
    "cp932"
)
GOOD = "指標番号,指標名,年度,値(%),回答者数\r\n3,まちづくりや市民参画の活動に参加している市民の割合,H26,23.4,1500\r\n".encode(
    "cp932"
)
# Findings inside Streamlit's own widgets: {rule: (pattern of the element, reason)}. None is left: the one there was, the
# uploader's presentation-role-conflict, is mended in kyodo/ui/words.py.
STREAMLITS_OWN: dict[str, tuple[str, str]] = {}
# File formats, names of people and methods in the table of terms, and the plan's tables by name in データの定義.
CHANGED_BY_DATA = ["/", "/indicators", "/history", "/register"]
NAMES = ["Excel", "Healthy People", "US Healthy People", "Wilson", "Newcombe", "Kish", "PowerPoint", "JSON", "Shift"]


@pytest.fixture(scope="module")
def rules():
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed (requirements-dev.txt)")
    return axe_source()


def check(page, rules, url, allowed=NAMES):
    """All laws of a page at rest."""
    host = url.split("/")[2]
    assert page.evaluate("document.documentElement.lang") == "ja"
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    assert page.locator("main, [role=main], section.stMain").count() >= 1
    assert not latin_words(page, allowed)
    ours = {
        rule: [each for each in elements if not re.search(STREAMLITS_OWN.get(rule, ("(?!)",))[0], each)]
        for rule, elements in axe(page, rules).items()
    }
    assert {rule: elements for rule, elements in ours.items() if elements} == {}
    assert page.locator('[data-testid="stException"]').count() == 0
    assert page.seen.hosts <= {host, ""}
    assert page.seen.errors == []


def names_of_tables(path):
    from kyodo.plan import load_plan

    if not path.startswith("/about"):
        return []
    names = {name for key, table in load_plan().package.tables.items() for name in (key, *(f["name"] for f in table.descriptor["schema"]["fields"]))}  # fmt: skip
    return [*(word for name in names for word in name.split("_")), "citizen", "staff"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_an_empty_record_is_for_everyone(path, server, new_page, rules):
    page = visit(new_page(), server.url + path)
    check(page, rules, server.url, [*NAMES, *names_of_tables(path)])
    assert page.title() == f"{LABELS[path]} | 協働推進ダッシュボード"


@pytest.mark.parametrize("path", CHANGED_BY_DATA)
def test_a_page_of_a_full_record_is_for_everyone(path, filled, new_page, rules):
    page = visit(new_page(), filled.url + path)
    check(page, rules, filled.url, [*NAMES, *names_of_tables(path)])


@pytest.mark.parametrize(
    "path",
    [
        "/?as_of=2",
        "/indicators?as_of=2&indicator=3",
        "/indicators?indicator=1",
        "/about?part=words",
        "/about?part=data",
        "/items?item=I-2-4",
        "/items?q=存在しない言葉",
        "/meeting?slide=2",
    ],
)
def test_a_view_by_its_address_is_for_everyone(path, filled, new_page, rules):
    check(visit(new_page(), filled.url + path), rules, filled.url, [*NAMES, *names_of_tables(path)])


def test_problems_preview_and_mapping_are_for_everyone(server, new_page, rules):
    page = visit(new_page(), server.url + "/register")
    chooser = page.locator('[data-testid="stFileUploaderDropzoneInput"]')
    chooser.set_input_files({"name": "直す.csv", "mimeType": "text/csv", "buffer": BAD})
    page.get_by_text("件の問題があるため登録できません").wait_for()
    check(at_rest(page), rules, server.url)
    page.get_by_role("button", name="直す.csvを外す").click()
    page.get_by_role("button", name="様式をExcelで保存").wait_for()  # nothing is chosen any more
    chooser.set_input_files({"name": "良い.csv", "mimeType": "text/csv", "buffer": GOOD})
    page.get_by_text("③ 登録する").wait_for()
    check(at_rest(page), rules, server.url)
    page.get_by_role("button", name="良い.csvを外す").click()
    page.get_by_role("button", name="様式をExcelで保存").wait_for()  # nothing is chosen any more
    chooser.set_input_files({"name": "回答.csv", "mimeType": "text/csv", "buffer": answers(60)})
    page.get_by_label("重み(ウェイト)の列").first.wait_for()
    check(at_rest(page), rules, server.url)


def test_a_page_that_is_not_there_is_said_in_japanese(server, new_page):
    page = new_page()
    answer = page.goto(server.url + "/nowhere")
    assert answer.status == 404
    page.get_by_text("指定されたページはありません。").wait_for()
    page.get_by_role("link", name="概要へ").click()
    assert at_rest(page).locator("h1").inner_text() == "概要"


@pytest.mark.parametrize(
    ("state", "path"), [*(("server", path) for path in PAGES), *(("filled", path) for path in CHANGED_BY_DATA)]
)
def test_nothing_is_cut_or_overlaps_at_any_width(state, path, new_page, request):
    running = request.getfixturevalue(state)
    faults = {}
    page = visit(new_page(*SIZES[0]), running.url + path)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
        whole(page)
        found = text_faults(page)
        if too_wide(page) > 1:
            found.append(f"{too_wide(page)} pixels wider than the window")
        if found:
            faults[width] = found
    assert faults == {}


def test_the_words_of_closed_lists_are_japanese(server, new_page):
    page = visit(new_page(), server.url + "/items")
    field = page.get_by_role("combobox", name="担当課")
    field.fill("ないはずの課")
    page.get_by_text("該当する候補がありません").wait_for()
    field.fill("")
    page.keyboard.press("Escape")
    search = page.get_by_role("textbox", name="言葉で探す")
    search.fill("交付金")
    page.get_by_text("Enterキーで反映").wait_for()
    assert page.locator('[data-testid="stMainMenu"]:visible, [data-testid="stAppDeployButton"]:visible').count() == 0

"""The ways people go: the clerk's year, the manager's links, back and reload, two tabs, the keyboard alone."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from given import GOOD, summary_csv
from looking import PAGES, at_rest, visit
from playwright.sync_api import expect

FILE = {
    "name": "平成25年度調査.csv",
    "mimeType": "text/csv",
    "buffer": summary_csv(GOOD).decode("utf-8-sig").encode("cp932"),
}
BEFORE, AFTER = "H29目標に対し、順調1・やや遅れ2・遅れ1・横ばい1。", "H29目標に対し、順調3・やや遅れ1・横ばい1。"


def lead(page):
    return page.locator("p.k-lead").first


def go(page, title):
    page.get_by_role("link", name=title, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    return at_rest(page)


def asked(page):
    return parse_qs(urlsplit(page.url).query)


def test_the_clerks_year_from_the_file_to_the_undo_of_the_undo(fresh, new_page):
    page = visit(new_page(), fresh.url + "/")
    expect(lead(page)).to_contain_text(BEFORE)
    go(page, "調査データの登録")
    page.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(FILE)
    expect(page.get_by_role("table").filter(has_text="判定の変化").last).to_contain_text("やや遅れ → 順調")
    expect(page.locator("dl.k-list")).to_contain_text("Shift_JIS")
    register = page.get_by_role("button", name="登録する", exact=True)
    expect(register).to_be_disabled()
    page.get_by_label("登録者の氏名(必須)").fill("総務課 山田")
    page.keyboard.press("Enter")
    page.get_by_text("H24年度が未登録のまま").click()
    expect(register).to_be_enabled()
    register.click()
    expect(page.get_by_text("登録しました(登録番号1)")).to_be_visible()
    go(page, "概要")
    expect(lead(page)).to_contain_text(AFTER)
    expect(page.locator("dl.k-facts")).to_contain_text("登録番号1")
    changed = lead(page).inner_text()
    go(page, "履歴")
    for number in (1, 2):
        page.get_by_label("取り消す人の氏名(必須)").fill("総務課 佐藤")
        page.keyboard.press("Enter")
        page.get_by_role("button", name=f"登録番号{number}を元に戻す").click()
        expect(page.get_by_text(f"登録番号{number}を取り消しました")).to_be_visible()
        go(page, "概要")
        expect(lead(page)).to_contain_text(BEFORE if number == 1 else changed)
        go(page, "履歴")
    assert page.get_by_role("table").first.locator("tbody tr").count() == 3
    assert page.seen.errors == []


def test_a_survey_is_registered_by_keyboard_alone(fresh, new_page):
    page = new_page()
    page.on("filechooser", lambda _: None)  # from here on: a listener added at the last moment may come too late
    visit(page, fresh.url + "/register")

    def tab_to(name, most=40):
        for _ in range(most):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "(e => (e.getAttribute('aria-label') || '') + ' ' + (e.labels?.[0]?.innerText || '') + ' ' + e.innerText)(document.activeElement)"
            )
            if name in focused and len(focused) < 80:  # not the page's body, which holds every word
                outline = page.evaluate(
                    "(e => { const s = getComputedStyle(e), p = getComputedStyle(e.parentElement), q = getComputedStyle(e.parentElement.parentElement);"
                    " return [s, p, q].some(x => x.outlineStyle !== 'none' || x.boxShadow !== 'none') || s.borderColor !== p.borderColor })(document.activeElement)"
                )
                assert outline, f"{name}: no visible focus"
                return
        pytest.fail(f"{name} is not reached by the Tab key")

    tab_to("本文へ移動", 1)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "stMain"
    tab_to("ファイルを選ぶ")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(FILE)
    expect(page.get_by_role("heading", name="③ 登録する")).to_be_visible()
    at_rest(page)
    tab_to("登録者の氏名(必須)")
    page.keyboard.type("山田")
    page.keyboard.press("Enter")
    at_rest(page)
    tab_to("H24年度が未登録", 6)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="登録する", exact=True)).to_be_enabled()
    at_rest(page)
    tab_to("登録する", 6)
    page.keyboard.press("Enter")
    expect(page.get_by_text("登録しました(登録番号1)")).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_a_deep_link_is_right_on_a_server_nobody_asked_before(path, fresh, new_page):
    page = visit(new_page(), fresh.url + path)
    expect(page.get_by_role("heading", level=1)).to_have_text(PAGES[path])
    assert page.get_by_role("link", name="概要", exact=True).count()  # the shell is around it
    assert urlsplit(page.url).path == path
    assert page.seen.errors == []


def test_a_view_is_a_link_and_a_link_is_a_view(server, new_page):
    page = visit(new_page(), server.url + "/items?policy=I&kind=新規")
    found = lead_of_items(page)
    text = found.inner_text()
    assert "44項目のうち44項目" not in text
    page.get_by_role("combobox", name="担当課").fill("協働推進課")
    page.get_by_role("option", name="協働推進課", exact=True).click()
    expect(found).not_to_have_text(text)
    assert asked(page) == {"policy": ["I"], "kind": ["新規"], "department": ["協働推進課"]}
    narrowed = found.inner_text()
    page.reload()
    expect(lead_of_items(at_rest(page))).to_have_text(narrowed)
    other = visit(new_page(), page.url)
    expect(lead_of_items(other)).to_have_text(narrowed)
    page.get_by_role("button", name="協働推進課を外す").click()
    expect(lead_of_items(page)).to_have_text(text)
    assert "department" not in asked(page)


def lead_of_items(page):
    return page.locator("p.k-lead[role=status]")


def test_the_back_button_goes_back_to_the_page_and_to_its_view(server, new_page):
    page = visit(new_page(), server.url + "/items?policy=II")
    view = lead_of_items(page).inner_text()
    go(page, "成果指標")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("推進項目")
    expect(lead_of_items(at_rest(page))).to_have_text(view)
    page.goto(server.url + "/items?policy=III")
    at_rest(page)
    expect(lead_of_items(page)).not_to_have_text(view)
    page.go_back()
    expect(lead_of_items(at_rest(page))).to_have_text(view)


def test_a_card_leads_to_the_grounds_of_its_verdict(server, new_page):
    page = visit(new_page(), server.url + "/")
    page.get_by_role("link", name="③まちづくりや市民参画の活動に参加している市民の割合").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("成果指標")
    expect(at_rest(page).get_by_text("基準値からの変化+3.3ポイントは、誤差未検定")).to_be_visible()
    assert asked(page) == {"indicator": ["3"]}  # H24 is the first target: a filter at its default needs no word


def test_an_item_opens_by_its_number_and_by_the_former_items_link(server, new_page):
    page = visit(new_page(), server.url + "/past")
    page.get_by_role("link", name="I-2-4").first.click()
    expect(page.get_by_role("heading", name="I-2-4 市民活動促進事業交付金による支援")).to_be_visible()
    page = visit(page, server.url + "/items?policy=I")
    page.get_by_role("link", name="I-1-2", exact=True).click()
    expect(page.get_by_role("heading", level=3, name="I-1-2")).to_be_visible()
    assert asked(page) == {"policy": ["I"], "item": ["I-1-2"]}


def test_a_click_on_the_heat_map_filters(server, new_page):
    page = visit(new_page(), server.url + "/items")
    plot = page.locator(".st-key-figure_actor_map .js-plotly-plot")
    plot.scroll_into_view_if_needed()
    at = plot.evaluate("p => { const l = p._fullLayout, r = p.getBoundingClientRect();"
                       " return [r.left + l.xaxis._offset + l.xaxis.d2p('行政'), r.top + l.yaxis._offset + l.yaxis.d2p('IV')]; }")  # fmt: skip
    page.mouse.move(*at)
    page.mouse.click(*at)
    expect(lead_of_items(page)).to_have_text(re.compile("44項目のうち5項目"))
    assert asked(page) == {"policy": ["IV"], "actor": ["行政"]}


def test_a_registration_in_one_tab_shows_in_the_other(fresh, new_page):
    watching, working = visit(new_page(), fresh.url + "/"), visit(new_page(), fresh.url + "/register")
    working.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(FILE)
    working.get_by_label("登録者の氏名(必須)").fill("山田")
    working.keyboard.press("Enter")
    working.get_by_text("H24年度が未登録のまま").click()
    working.get_by_role("button", name="登録する", exact=True).click()
    expect(working.get_by_text("登録しました")).to_be_visible()
    expect(lead(watching)).to_contain_text(BEFORE)
    go(watching, "成果指標")
    go(watching, "概要")
    expect(lead(watching)).to_contain_text(AFTER)


def test_a_past_moment_is_shown_as_such_and_left_again(filled, new_page):
    page = visit(new_page(), filled.url + "/history")
    page.get_by_role("button", name="この登録の時点で画面を見る").click()
    expect(page.get_by_text("過去の時点(登録番号11)を表示しています。")).to_be_visible()
    go(page, "概要")
    expect(page.get_by_text("過去の時点(登録番号11)を表示しています。")).to_be_visible()
    page.get_by_role("button", name="最新の状態に戻る").click()
    expect(page.get_by_text("過去の時点")).to_have_count(0)
    assert "as_of" not in asked(page)


def test_on_a_phone_the_pages_are_reached_through_the_menu(server, new_page):
    page = visit(new_page(390, 844), server.url + "/")
    page.get_by_role("button", name="メニューを開く").click()
    page.get_by_role("link", name="推進項目", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("推進項目")

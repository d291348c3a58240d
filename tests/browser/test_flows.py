"""The ways people go: the clerk's year, the manager's links, back and reload, two tabs, the keyboard alone."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from given import GOOD, ROOT, summary_csv
from looking import PAGES, at_rest, go_by_navigation, visit
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
    return go_by_navigation(page, next(path for path, known in PAGES.items() if known == title))


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
    page.get_by_role("link", name="担当課 協働推進課 を外す").click()
    expect(lead_of_items(page)).to_have_text(text)
    assert asked(page) == {"policy": ["I"], "kind": ["新規"]}
    page.get_by_role("link", name="すべて解除").click()
    expect(lead_of_items(page)).to_have_text("44項目のうち44項目(ほかに再掲2)")
    assert asked(page) == {}


def lead_of_items(page):
    return page.locator(".k-chips p[role=status]")


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


def test_a_card_leads_to_its_indicator_without_loading_the_program_anew(server, new_page):
    page = visit(new_page(), server.url + "/")
    page.evaluate("window.stays = true")
    page.get_by_role("link", name="③まちづくり・市民参画", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("成果指標")
    expect(at_rest(page).get_by_text("基準値からの変化+3.3ポイントは、誤差未検定").first).to_be_visible()
    assert asked(page) == {"indicator": ["3"]}
    assert page.evaluate("window.stays")
    page.get_by_role("link", name="すべての指標を比べる").click()
    expect(page.get_by_role("heading", name="目標までの推移")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="判定の根拠")).to_be_visible()


def test_what_is_typed_is_what_is_chosen(server, new_page):
    page = visit(new_page(), server.url + "/items")
    page.get_by_role("combobox", name="推進方針").fill("II")
    page.get_by_role("option", name=re.compile("^II ")).wait_for()
    page.keyboard.press("Enter")
    expect(lead_of_items(page)).to_have_text("44項目のうち14項目")
    assert asked(page) == {"policy": ["II"]}


def test_an_item_opens_by_its_number_and_by_the_former_items_link(server, new_page):
    page = visit(new_page(), server.url + "/past")
    page.get_by_role("link", name="I-2-4").first.click()
    expect(page.get_by_role("heading", name="I-2-4 市民活動促進事業交付金による支援")).to_be_visible()
    page = visit(page, server.url + "/items?policy=I")
    page.get_by_role("link", name="I-1-2", exact=True).click()
    expect(page.get_by_role("heading", level=2, name="I-1-2")).to_be_visible()
    assert asked(page) == {"policy": ["I"], "item": ["I-1-2"]}


def test_a_count_filters_to_what_it_counts_and_keeps_what_was_chosen(server, new_page):
    page = visit(new_page(), server.url + "/items?kind=新規&kind=継続")
    table = page.get_by_role("table").filter(has_text="欄を選ぶと絞り込みます")
    table.get_by_role("row", name=re.compile("^IV ")).get_by_role("link").last.click()
    expect(lead_of_items(page)).to_have_text(re.compile("44項目のうち5項目"))
    assert asked(page) == {"policy": ["IV"], "actor": ["行政"], "kind": ["新規", "継続"]}


def test_a_registration_in_one_tab_shows_in_the_other(fresh, new_page):
    watching, working = visit(new_page(), fresh.url + "/"), visit(new_page(), fresh.url + "/register")
    expect(lead(watching)).to_contain_text(BEFORE)
    working.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(FILE)
    working.get_by_label("登録者の氏名(必須)").fill("山田")
    working.keyboard.press("Enter")
    working.get_by_text("H24年度が未登録のまま").click()
    working.get_by_role("button", name="登録する", exact=True).click()
    expect(working.get_by_text("登録しました")).to_be_visible()
    expect(lead(watching)).to_contain_text(AFTER)  # by itself


def test_a_past_moment_is_shown_as_such_and_left_again(filled, new_page):
    page = visit(new_page(), filled.url + "/history")
    page.get_by_role("button", name="この登録の時点で画面を見る").click()
    expect(page.get_by_text("過去の時点(登録番号11)を表示しています。")).to_be_visible()
    go(page, "概要")
    expect(page.get_by_text("過去の時点(登録番号11)を表示しています。")).to_be_visible()
    page.get_by_role("button", name="最新の状態に戻る").click()
    expect(page.get_by_text("過去の時点")).to_have_count(0)
    assert "as_of" not in asked(page)


def test_on_a_phone_the_pages_are_reached_through_the_menu_and_filters_are_a_sheet(server, new_page):
    page = visit(new_page(390, 844), server.url + "/")
    page.get_by_role("button", name="メニューを開く").click()
    page.get_by_role("link", name="推進項目", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("推進項目")
    at_rest(page)
    field = page.get_by_role("textbox", name="言葉で探す")
    expect(field).not_to_be_visible()
    page.get_by_role("button", name="絞り込み・並べ替え").click()
    expect(field).to_be_focused()
    field.fill("交付金")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(field).not_to_be_visible()
    expect(page.get_by_role("button", name="絞り込み・並べ替え")).to_be_focused()
    expect(page.get_by_role("link", name="言葉 交付金 を外す")).to_be_visible()


SIXTY = next((ROOT / "tests" / "intake" / "offices").glob("D25_*.csv"))  # 60 questions, of which some matter


class Counting:
    """Clicks of a clerk who registers a list of answers; words are typed and entered."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def click(self, place):
        place.click()
        self.clicks += 1

    def choose_file_and_year(self, year):
        with self.page.expect_file_chooser() as chooser:
            self.click(self.page.locator('[data-testid="stFileUploaderDropzone"] button'))
        chooser.value.set_files(SIXTY)
        expect(self.page.get_by_role("button", name=f"{SIXTY.name}を外す")).to_be_visible()
        at_rest(self.page)
        self._choose(self.page.get_by_role("combobox", name="調査の年度"), year)
        at_rest(self.page)

    def _choose(self, field, words):
        """Click, type, enter: a key that comes while the page is set up anew is nobody's."""
        self.click(field)
        field.fill(words)
        expect(field).to_have_value(words)
        self.page.keyboard.press("Enter")

    def choose_column(self, indicator, heading):
        self._choose(self.page.get_by_role("combobox", name=re.compile(f"^{indicator}")), heading)
        self.page.keyboard.press("Escape")
        at_rest(self.page)

    def register(self):
        self.page.get_by_label("登録者の氏名(必須)").fill("総務課 山田")
        self.page.keyboard.press("Enter")
        gap = self.page.get_by_text("が未登録のまま")
        at_rest(self.page)
        if gap.count():
            gap.click()
        self.page.get_by_role("button", name="登録する", exact=True).click()
        expect(self.page.get_by_text(re.compile("登録しました"))).to_be_visible()


def test_sixty_questions_take_twelve_clicks_the_first_time_and_four_when_last_years_answers_fit(fresh, new_page):
    page = visit(new_page(), fresh.url + "/register")
    clerk = Counting(page)
    clerk.choose_file_and_year("H24")
    for indicator, heading in zip("①②③④", ("問12", "問20", "問30", "問44"), strict=True):
        clerk.choose_column(indicator, heading)
        if indicator == "①":  # the next questions have the same answers: what was said is offered, and seen
            for answer in ("1(", "2("):
                clerk.click(page.locator('[data-testid="stButtonGroup"]').first.get_by_text(answer))
                at_rest(page)
    expect(page.get_by_role("table", name="読み取った値").get_by_role("row")).to_have_count(5)
    assert clerk.clicks <= 12
    clerk.register()

    page = visit(new_page(), fresh.url + "/register")
    again = Counting(page)
    again.choose_file_and_year("H25")
    expect(page.get_by_role("table", name="読み取った値").get_by_role("row")).to_have_count(5)
    assert again.clicks <= 4


def test_what_came_of_a_button_is_seen_from_where_the_button_is(fresh, new_page):
    page = visit(new_page(), fresh.url + "/meeting")
    page.get_by_label("意見を書く人の氏名(必須)").fill("総務課 山田")  # left by pressing the button: a run of its own
    page.get_by_role("button", name="スライドに載せる").click()
    expect(page.get_by_text("登録者の名前を入力してください。")).to_be_in_viewport()
    page.wait_for_timeout(500)
    expect(page.get_by_text("登録者の名前を入力してください。")).to_be_in_viewport()

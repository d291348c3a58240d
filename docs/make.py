"""The guides' pictures, taken from the running application: ``python docs/make.py``.

Needs Chromium and the packages of requirements-dev.txt. A dashboard with a record of its own is started, the ways the
guides describe are walked, and each stop is kept as a PNG beside this file.
"""

import io
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "browser")]
from given import GOOD, summary_csv  # noqa: E402 (the folders above come first)
from looking import at_rest, visit  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402
from serving import CHROMIUM, FLAGS, Server  # noqa: E402

WIDE, HIGH = 1280, 800
GOOD_FILE = {
    "name": "平成24年度アンケート集計.csv",
    "mimeType": "text/csv",
    "buffer": summary_csv(GOOD, year="H24").decode("utf-8-sig").encode("cp932"),
}
BAD_FILE = {**GOOD_FILE, "name": "直す前.csv", "buffer": summary_csv({**GOOD, 2: "14.3人", 4: 326}, year="H24")}


def keep(page: Page, name: str, *, below: str = "", high: int = HIGH) -> None:
    """Keep what is seen, from the top or from a heading on, in few colours so that the file stays small."""
    at_rest(page)
    page.set_viewport_size({"width": WIDE, "height": high})
    if below:
        page.get_by_role("heading", name=below).first.evaluate("each => each.scrollIntoView({block: 'start'})")
        page.locator('[data-testid="stMain"]').evaluate("main => main.scrollBy(0, -70)")
    page.mouse.move(2, high - 2)
    page.wait_for_timeout(700)
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(ROOT / "docs" / f"{name}.png", optimize=True)
    page.set_viewport_size({"width": WIDE, "height": HIGH})


def choose(page: Page, file: dict) -> None:
    """Give the uploader a file."""
    page.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(file)


def walk(page: Page, url: str) -> None:
    """All stops, in the order the record grows."""
    keep(visit(page, url + "/"), "overview", high=800)
    keep(visit(page, url + "/indicators"), "indicators", high=900)
    keep(visit(page, url + "/indicators?indicator=3"), "basis", high=900)
    keep(visit(page, url + "/items?policy=I&actor=市民活動団体"), "items", high=1000)
    visit(page, url + "/register")
    keep(page, "register-choose", high=520)
    choose(page, BAD_FILE)
    page.get_by_text("登録できません").first.wait_for()
    keep(page, "register-problems", below="② 読み取りを確かめる", high=720)
    page.get_by_role("button", name="直す前.csvを外す").click()
    page.get_by_text("集計済みの表").first.wait_for()
    choose(page, GOOD_FILE)
    page.get_by_role("heading", name="③ 登録する").wait_for()
    page.get_by_label("登録者の氏名(必須)").fill("協働推進課 山田")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="登録する", exact=True, disabled=False).wait_for()
    keep(page, "register-preview", below="② 読み取りを確かめる", high=1180)
    page.get_by_role("button", name="登録する", exact=True).click()
    page.get_by_text("登録しました(登録番号1)").wait_for()
    keep(page, "register-done", high=420)
    keep(visit(page, url + "/history"), "history", high=900)
    keep(visit(page, url + "/meeting?number=3&date=2014-05-12"), "meeting", high=900)
    keep(visit(page, url + "/meeting?slide=4"), "slide", high=720)
    keep(visit(page, url + "/about?part=data&table=indicator_values"), "open-data", high=760)


def main() -> None:
    """Start, walk, stop."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder)).wait()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_context(viewport={"width": WIDE, "height": HIGH}, locale="ja-JP").new_page()
            walk(page, server.url)
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()

"""Walk every page and register a file where nothing but the host itself can be reached; run under ``unshare -n``."""

import fcntl
import socket
import struct
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2]), str(Path(__file__).parent)]
from given import GOOD, summary_csv  # noqa: E402 (the folders of the tests come first)
from looking import PAGES, visit  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from serving import CHROMIUM, FLAGS, Server  # noqa: E402

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def raise_loopback() -> None:
    """``ip link set lo up``, for machines without ``ip``."""
    with socket.socket() as control:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def main() -> None:
    raise_loopback()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder)).wait()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_context(locale="ja-JP").new_page()
            for path, title in PAGES.items():
                assert visit(page, server.url + path).locator("h1").inner_text() == title
            visit(page, server.url + "/register")
            file = {"name": "調査.csv", "mimeType": "text/csv", "buffer": summary_csv(GOOD)}
            page.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(file)
            page.get_by_label("登録者の氏名(必須)").fill("山田")
            page.keyboard.press("Enter")
            page.get_by_text("H24年度が未登録のまま").click()
            page.get_by_role("button", name="登録する", exact=True).click()
            page.get_by_text("登録しました(登録番号1)").wait_for()
        finally:
            browser.close()
            server.stop()
    print("すべてのページと登録が、ネットワークなしで動きました。")


if __name__ == "__main__":
    main()

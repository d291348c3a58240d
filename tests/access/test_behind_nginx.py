"""What docs/operator.md says of nginx and of two servers, done as written there (other ports, names and folders)."""

import base64
import http.client
import re
import shutil
import signal
import ssl
import subprocess
import time

import pytest
from given import GOOD, ROOT, summary_csv
from serving import Server, free_port
from speaking import Client

from kyodo.record import Record

pytestmark = pytest.mark.skipif(
    not (shutil.which("nginx") and shutil.which("openssl")), reason="nginx and openssl are not installed"
)
GUIDE = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")


def block(kind, having):
    """The guide's block of a kind that has some words in it."""
    return next(each for each in re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL) if having in each)


@pytest.fixture(scope="module", params=[pytest.param("sticky", marks=pytest.mark.slow), "not sticky"])
def office(request, tmp_path_factory):
    """Two servers on one record behind nginx with TLS and a password."""
    folder = tmp_path_factory.mktemp("office")
    ports = [free_port(), free_port()]
    rules = block("toml", "sign_in") + block("toml", "peers").replace('proxies = ["127.0.0.1"]\n', "")
    rules = rules.replace("8501", str(ports[0])).replace("8502", str(ports[1]))
    servers = []
    for port in ports:
        (own := folder / str(port)).mkdir()
        servers.append(Server(own, port=port, rules=rules, database=f"sqlite:///{folder / 'kyodo.db'}"))
    for each in servers:
        each.wait()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=kyodo.example.lg.jp",
         "-keyout", folder / "kyodo.key", "-out", folder / "kyodo.crt"], check=True, capture_output=True,
    )  # fmt: skip
    hashed = subprocess.run(
        ["openssl", "passwd", "-apr1", "x"], check=True, capture_output=True, text=True
    ).stdout.strip()
    (folder / "kyodo.users").write_text(f"yamada:{hashed}\nsato:{hashed}\n")
    port = free_port()
    site = (
        block("nginx", "proxy_pass")
        .replace("/etc/nginx/", f"{folder}/")
        .replace("listen 443", f"listen 127.0.0.1:{port}")
    )
    both = "".join(f"server 127.0.0.1:{each}; " for each in ports)
    site = site.replace("server 127.0.0.1:8501;", both)
    if request.param == "not sticky":
        site = re.sub(r"ip_hash;.*\n", "\n", site)
    temporary = "".join(
        f"{each}_temp_path {folder}/{each};\n" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"user root;\nworker_processes 1;\ndaemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n"
    )
    nginx = subprocess.Popen(["nginx", "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")])
    yield Office(port, f"sqlite:///{folder / 'kyodo.db'}", folder)
    nginx.send_signal(signal.SIGTERM)
    nginx.wait(20)
    for each in servers:
        each.stop()


class Office:
    """How a browser in the office reaches the servers."""

    def __init__(self, port, database, folder):
        self.port, self.database = port, database
        self.name = f"kyodo.example.lg.jp:{port}"
        self.tls = ssl.create_default_context(cafile=folder / "kyodo.crt")
        self.tls.check_hostname = False
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                self.ask("yamada", "/healthz")
                return
            except OSError:
                time.sleep(0.1)

    @staticmethod
    def password(person):
        return {"Authorization": "Basic " + base64.b64encode(f"{person}:x".encode()).decode()} if person else {}

    def ask(self, person, path, method="GET", body=None, **headers):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.tls, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Host": self.name} | self.password(person) | named)
        answer = connection.getresponse()
        made = answer.status, answer.headers, answer.read()
        connection.close()
        return made

    def open(self, person, page, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(
            f"https://{self.name}", page, self.password(person) | named,
            address=("127.0.0.1", self.port), tls=self.tls,
        )  # fmt: skip

    def put(self, person, address, data):
        cookie = self.ask(person, "/_stcore/health")[1]["set-cookie"].partition(";")[0]
        body = b'--b\r\nContent-Disposition: form-data; name="a"; filename="a.csv"\r\n\r\n' + data + b"\r\n--b--\r\n"
        more = {
            "Content_Type": "multipart/form-data; boundary=b",
            "X_Xsrftoken": cookie.partition("=")[2],
            "Cookie": cookie,
        }
        return self.ask(person, address, "PUT", body, **more)[0]


def test_who_has_no_password_sees_nothing_and_the_proxys_word_counts(office):
    assert office.ask("", "/")[0] == 401
    status, headers, _ = office.ask("yamada", "/_stcore/health")
    assert status == 200
    assert "Secure" in headers["set-cookie"]
    with office.open("yamada", "register") as client:
        assert client.ids("upload_0")
    with office.open("sato", "register") as client:
        assert "sato には登録の権限がありません" in client.text
    with office.open("sato", "register", X_Remote_User="yamada", X_Kyodo_Person="own") as client:
        assert not client.ids("upload_0")


def test_every_upload_and_every_file_arrives_whichever_server_is_asked(office):
    for _ in range(6):
        with office.open("yamada", "register") as client:
            (place,) = client.ask_to_upload("調査.csv")
            assert office.put("yamada", place.upload_url, summary_csv(GOOD)) == 204
            assert office.put("sato", place.upload_url, b"x") == 403
            client.choose_file("register", client.upload_id("register"), place)
            assert "読み取りを確かめる" in client.text
    assert (
        office.put(
            "yamada",
            f"/_stcore/upload_file/{'0' * 8}-0000-0000-0000-{'0' * 12}/{'0' * 8}-0000-0000-0000-{'0' * 12}",
            b"x",
        )
        == 403
    )


def test_a_file_to_be_saved_comes_from_whichever_server_made_it(office):
    from given import NOW

    from kyodo.intake import read_upload

    record = Record(office.database)
    number = record.submit(read_upload(summary_csv(GOOD), "調査.csv", today=NOW.date()), by="yamada", at=NOW)
    for _ in range(4):
        with office.open("yamada", "history") as client:
            (button,) = [each for each in client.elements if "元のファイルを保存" in str(each)]
            address = client.ask_to_save(button.download_button.deferred_file_id)
            status, _, body = office.ask("yamada", address)
            assert status == 200
            assert body == record.original(number)[1]


def test_a_new_revision_reaches_the_pages_of_both_servers(office):
    from given import NOW

    from kyodo.intake import read_upload

    clients = [office.open("sato", "items") for _ in range(4)]
    number = Record(office.database).submit(
        read_upload(summary_csv({**GOOD, 1: 44.4}), "調査.csv", today=NOW.date()), by="yamada", at=NOW, replace=True
    )
    for client in clients:
        client.read(seconds=5)
        assert f"登録番号{number}" in client.text
        client.close()

"""What an operator relies on: red lights that are red, a log that can be read, a start that says what is wrong."""

import os
import re
import sqlite3
import subprocess
import sys
import time

import pytest
from given import GOOD, NOW, ROOT, summary_csv
from serving import Server, free_port
from speaking import Client
from test_gate import ask
from test_many import register

from kyodo.intake import read_upload
from kyodo.record import Record

TIMED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ [\w.]+: ")


def started(tmp_path, **places):
    """What a start that must fail says."""
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(free_port())]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | places, capture_output=True, check=False, timeout=60)
    return done.returncode, (done.stdout + done.stderr).decode("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KYODO_DATABASE", "nonsense", "KYODO_DATABASE の書き方が違います"),
        ("KYODO_DATABASE", "sqlite:////nowhere/at/all/kyodo.db", "記録のフォルダ"),
        ("KYODO_ACCESS", "/nowhere/access.toml", "KYODO_ACCESS の示すファイル"),
        ("KYODO_DATA", "/nowhere", "起動できません"),
    ],
)
def test_a_start_that_cannot_work_says_why_and_ends(tmp_path, name, value, said):
    places = {"KYODO_DATABASE": f"sqlite:///{tmp_path / 'kyodo.db'}", name: value}
    code, text = started(tmp_path, **places)
    assert code == 1
    assert "起動できません。" in text
    assert said in text
    assert "Traceback" not in text


class TestLights:
    @pytest.fixture
    def server(self, tmp_path, monkeypatch):
        monkeypatch.setenv("LC_ALL", "C")  # the words must not depend on it
        Record(f"sqlite:///{tmp_path / 'kyodo.db'}").submit(
            read_upload(summary_csv(GOOD), "調査.csv", today=NOW.date()), by="山田", at=NOW
        )
        running = Server(tmp_path, rules="sessions = 9\n").wait()
        yield running
        running.stop()

    def test_ready_is_red_when_the_record_or_the_rules_are_not_there_and_green_again(self, server, tmp_path):
        database, away = tmp_path / "kyodo.db", tmp_path / "away.db"
        assert ask(server, "/readyz")[0] == 200
        database.rename(away)
        status, _, body = ask(server, "/readyz")
        assert (status, '"missing"' in body) == (503, True)
        with Client(server.url) as client:
            assert "なくなっています" in client.text
        assert ask(server, "/healthz")[0] == 200
        away.rename(database)
        assert ask(server, "/readyz")[0] == 200
        server.rules.write_text("sessions = ")
        assert ask(server, "/readyz")[0] == 503
        server.rules.write_text("sessions = 9")
        with sqlite3.connect(database) as other:
            other.execute("UPDATE record_meta SET text = '99' WHERE key = 'schema'")
        other.close()
        assert '"newer"' in ask(server, "/readyz")[2]

    def test_the_log_has_a_time_on_every_line_one_line_a_refusal_and_nothing_of_a_survey(self, server, tmp_path):
        register(server.database, _1=41.25)
        (tmp_path / "kyodo.db").rename(tmp_path / "away.db")
        for _ in range(5):
            with Client(server.url) as client:
                assert "なくなっています" in client.text
        ask(server, "/open-data/items.csv")
        time.sleep(0.2)
        lines = server.log.read_text(encoding="utf-8").splitlines()
        told = [line for line in lines if not line.startswith("協働推進ダッシュボード")]
        assert [line for line in told if line and not TIMED.match(line)] == []
        assert len([line for line in told if "refused" in line]) == 1
        assert "ScriptRunContext" not in "".join(lines)
        assert "Traceback" not in "".join(lines)
        assert "41.25" not in "".join(lines)


def test_every_entry_made_on_a_page_leaves_one_line_with_who_what_and_number(proxied):
    editor = {"X-Remote-User": "yamada"}
    record = Record(proxied.database)
    register(proxied.database, _1=41.75)
    with Client(proxied.url, "history", headers=editor) as client:
        client.rerun("history", **{client.ids("undo")[0]: True})
    lines = [line for line in proxied.log.read_text(encoding="utf-8").splitlines() if "kyodo.audit" in line]
    assert lines[-1].endswith(f"INFO kyodo.audit: undo by='yamada' number={record.revision()}")
    assert TIMED.match(lines[-1])


@pytest.mark.slow
def test_the_drill_of_the_guide_brings_the_record_back(tmp_path):
    """The commands of docs/operator.md, with folders of this test in place of the machine's."""
    guide = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    drill = guide[guide.index("## 写しと、戻す稽古") :]
    blocks = re.findall(r"```sh\n(.*?)```", drill, re.DOTALL)[:3]
    for name in ("backup", "lib"):
        (tmp_path / name).mkdir()
    url = f"sqlite:///{tmp_path}/lib/kyodo.db"
    record = Record(url)
    record.submit(read_upload(summary_csv(GOOD), "調査.csv", today=NOW.date()), by="山田", at=NOW)
    before = record.history().to_csv()
    here = {
        "/backup/kyodo-20140501.db": f"{tmp_path}/backup/kyodo-$(date +%Y%m%d).db",
        "/backup/": f"{tmp_path}/backup/",
        "/var/lib/kyodo/": f"{tmp_path}/lib/",
        "/tmp/drill.db": f"{tmp_path}/drill.db",
        "install -o kyodo": "install",
        "systemctl stop kyodo": f"echo broken > {tmp_path}/lib/kyodo.db",
        "systemctl start kyodo && curl -fsS http://127.0.0.1:8501/readyz": "true",
        "python -m kyodo": f"{sys.executable} -m kyodo",
    }
    script = re.sub("|".join(map(re.escape, here)), lambda found: here[found[0]], "\n".join(["set -eu", *blocks]))
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=ROOT,
        env=os.environ | {"KYODO_DATABASE": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    again = subprocess.run(
        [sys.executable, "-m", "kyodo", "history"], cwd=ROOT, env=os.environ | {"KYODO_DATABASE": url}, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert "調査.csv" in again.stdout
    assert record.history().to_csv() == before

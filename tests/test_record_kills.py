"""A process killed in mid-write, or refused a file: what was said is what is there, the old state or the new one, whole."""

import contextlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kyodo.record import Record
from tests.at_work import ROOT, as_version_1, file, nursery, work_submit_large  # noqa: F401 - fixtures
from tests.test_record import AT, held, reading

# ruff: noqa: F811 - a test's argument is the fixture of that name


# Only the calls that are named are told: a quarter of the time less. (With --seccomp-bpf some are not injected.)
STRACE = ["strace", "-f", "-qq", "-o", os.devnull, "-e"]


class TestKill:
    @pytest.mark.slow
    @pytest.mark.parametrize("rounds", [200])
    def test_kill_in_mid_submit_leaves_the_old_state_or_the_new_one_whole(self, rounds, nursery, file, tmp_path):
        url = f"sqlite:///{file}"
        record, delay, seen, chance = Record(url), 0.004, set(), random.Random(1)
        revision = record.revision()
        for year in range(1950, 1950 + rounds):
            ready = tmp_path / f"ready-{year}"
            child = nursery.start(work_submit_large, url, year, ready)
            while not ready.exists():
                time.sleep(0.0001)
            time.sleep(delay * chance.uniform(0.7, 1.3))
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            nursery.wait(child)
            stored = Record(url).revision() - revision
            assert stored or not Path(f"{ready}.stored").exists(), "reported as stored, and lost"
            assert record.check() == []
            assert ((1, year) in held(record)) == bool(stored)
            # Later where the old state was seen, earlier where the new one was: the kills gather around the commit,
            # after both were seen in smaller steps.
            seen, revision = seen | {stored}, revision + stored
            step = 1.4 if len(seen) == 2 else 2.5
            delay *= 1 / step if stored else step
        assert seen == {0, 1}

    @pytest.mark.slow
    @pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
    @pytest.mark.parametrize(
        ("work", "older"),
        [("submit(reading({(1, 2013): 37.2})", False), ("collect([ANSWER], files=[('a.csv', b'a')]", True)],
    )
    def test_kill_at_every_write_leaves_the_old_state_or_the_new_one_whole(self, work, older, tmp_path):
        submit = f"Record(sys.argv[1]).{work}, by='山田', at=AT)"
        seen = []
        for call in ("write", "pwrite64", "fdatasync", "fsync", "link", "unlink"):
            for when in itertools.count(1):
                (folder := tmp_path / f"{call}-{when}").mkdir()
                if older:
                    as_version_1(folder / "kyodo.db")
                kill = [*STRACE, f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}"]
                ended = self.run(kill, submit, folder)
                left = Record(f"sqlite:///{folder}/kyodo.db")
                assert left.check() == []
                seen.append(left.revision())
                if ended.returncode == 0:
                    break
        assert set(seen) == {0, 1}
        assert len(seen) > 15

    @staticmethod
    def run(kill, submit, folder):
        script = f"import sys; from tests.at_work import *; {submit}"
        command = [*kill, sys.executable, "-B", "-c", script, f"sqlite:///{folder}/kyodo.db"]
        return subprocess.run(command, cwd=ROOT, capture_output=True)


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
class TestTruth:
    """What is said of a registration is what became of it, at whichever opening of a file the system fails."""

    @pytest.mark.slow
    def test_whenever_a_file_cannot_be_opened_nothing_false_is_said(self, tmp_path):
        said, stored = [], set()
        for when in range(1, 9):
            file = tmp_path / f"{when}.db"
            Record(f"sqlite:///{file}").submit(reading({(1, 2012): 37.2}), by="山田", at=AT)
            paths = [f"--trace-path={file}{end}" for end in ("", "-journal")] + [f"--trace-path={tmp_path}"]
            command = [*STRACE, "trace=openat", *paths, "-e", f"inject=openat:error=ENOSPC:when={when}+"]
            script = [sys.executable, "-m", "tests.record_opens", f"sqlite:///{file}"]
            done = subprocess.run([*command, *script], cwd=ROOT, capture_output=True, text=True, check=True)
            there = Record(f"sqlite:///{file}").revision() == 2
            said.append(done.stdout)
            stored.add((there, done.stdout.startswith("stored")))
            assert there or not done.stdout.startswith("stored")
            if there and not done.stdout.startswith("stored"):
                assert "登録されたか確かめられません。履歴で確かめてください" in done.stdout
                assert "変わっていません" not in done.stdout
            assert "No space" not in done.stdout
        assert {there for there, _ in stored} == {True, False}
        assert (True, False) in stored, said

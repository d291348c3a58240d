"""With the cable out: no request leaves the host, and everything works where none can."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def test_every_page_and_a_registration_work_without_any_network(chromium):
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("a network of its own needs unshare -n, which is not permitted here (run as root)")
    script = Path(__file__).with_name("without_network.py")
    done = subprocess.run(
        [unshare, "-n", sys.executable, str(script)], capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "ネットワークなしで動きました" in done.stdout

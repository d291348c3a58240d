"""The server calls nobody and asks no name service, however it is started and whatever is asked of it."""

import os
import re
import shutil
import signal
import subprocess

import pytest
from serving import Server
from speaking import Client
from test_gate import ask

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
_ELSEWHERE = re.compile(
    r'(?:connect|sendto|sendmsg|sendmmsg)\(.*sin6?_port=htons\((\d+)\).*(?:inet_addr\("|")([\d.:a-f]+)"'
)


def called(trace):
    """Addresses and ports outside of this machine that a trace shows being called."""
    found = _ELSEWHERE.findall(trace.read_text(errors="replace"))
    return {(port, address) for port, address in found if not address.startswith(("127.", "::1"))}


@pytest.mark.slow
def test_the_ear_hears(tmp_path):
    code = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('203.0.113.9', 53))"
    trace = tmp_path / "trace"
    subprocess.run(["strace", "-f", "-o", trace, "-e", "trace=network", "python3", "-c", code], check=True)
    assert called(trace) == {("53", "203.0.113.9")}


@pytest.mark.slow
def test_neither_start_nor_foreign_origins_nor_pages_call_anybody(tmp_path):
    trace = tmp_path / "trace"
    strace = ("strace", "-f", "-o", str(trace), "-e", "trace=network")
    server = Server(tmp_path, strace, flags=("--server.address", "0.0.0.0")).wait()
    try:
        for origin in ("http://evil.example", "http://203.0.113.7", "null"):
            assert ask(server, "/_stcore/host-config", Origin=origin)[0] == 403
            with pytest.raises(Exception, match="403"):
                Client(server.url, origin=origin)
        for page in ("", "items", "register", "about"):
            Client(server.url, page).close()
    finally:
        os.killpg(server.process.pid, signal.SIGTERM)
        server.process.wait(20)
    assert called(trace) == set()

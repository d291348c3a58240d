"""Servers as an operator may set them up, asked over real sockets."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "browser")]
from given import HEADER_RULES  # noqa: E402
from serving import Server  # noqa: E402 (the folders of the tests come first)

SERVERS = {"own", "opened", "proxied", "private", "capped", "server", "office"}


def pytest_collection_modifyitems(items):
    for item in items:
        if "access" in Path(str(item.fspath)).parts and SERVERS & set(item.fixturenames):
            item.add_marker(pytest.mark.slow)


def serving(name, **more):
    @pytest.fixture(scope="module", name=name)
    def running(tmp_path_factory):
        server = Server(tmp_path_factory.mktemp(name), **more).wait()
        yield server
        server.stop()

    return running


own = serving("own")
opened = serving("opened", flags=("--server.address", "0.0.0.0"))
proxied = serving("proxied", rules=HEADER_RULES)
private = serving("private", rules=HEADER_RULES + 'reading = "signed-in"\n')

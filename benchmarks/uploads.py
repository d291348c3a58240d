"""Whether memory stays level when survey files are sent and read, one after the other, by one clerk who stays on the page."""

import asyncio
import tempfile
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

from benchmarks.report import Line, at_most
from benchmarks.serving import ROOT, Server, serving
from benchmarks.sessions import opened
from kyodo.plan import load_plan

PAGE, UPLOADER = "register", "-upload_0"  # the page, and how its uploader's id ends


class Clerk:
    """One open page of 登録."""

    def __init__(self, socket: ClientConnection, server: Server) -> None:
        """Opened on ``PAGE``."""
        self.socket, self.server = socket, server
        self.session = self.uploader = ""
        answer = urllib.request.urlopen(f"{server.url}/_stcore/health")
        self.cookie = answer.headers["set-cookie"].partition(";")[0]

    async def ask(self, message: BackMsg, until: str) -> list[ForwardMsg]:
        """Send a message; everything that comes up to one of a kind."""
        await self.socket.send(message.SerializeToString())
        came: list[ForwardMsg] = []
        while not came or came[-1].WhichOneof("type") != until:
            came.append(ForwardMsg.FromString(await self.socket.recv()))
        return came

    async def look(self) -> None:
        """Run the page and learn the session's and the uploader's names."""
        message = BackMsg()
        message.rerun_script.page_name = PAGE
        for each in await self.ask(message, "script_finished"):
            if each.WhichOneof("type") == "new_session":
                self.session = each.new_session.initialize.session_id
            found = each.delta.new_element.file_uploader.id if each.WhichOneof("type") == "delta" else ""
            self.uploader = found if found.endswith(UPLOADER) else self.uploader

    async def send(self, data: bytes) -> bool:
        """Choose a file, and have it read; whether the page shows what it holds."""
        message = BackMsg()
        message.file_urls_request.request_id = str(uuid.uuid4())
        message.file_urls_request.session_id = self.session
        message.file_urls_request.file_names.append("調査.csv")
        (place,) = (await self.ask(message, "file_urls_response"))[-1].file_urls_response.file_urls
        await asyncio.to_thread(self._put, place.upload_url, data)
        message = BackMsg()
        message.rerun_script.page_name = PAGE
        state = message.rerun_script.widget_states.widgets.add(id=self.uploader)
        state.file_uploader_state_value.uploaded_file_info.add(
            file_id=place.file_id, name="調査.csv", size=len(data), file_urls=place
        )
        return any("判定の変化" in str(each) for each in await self.ask(message, "script_finished"))

    def _put(self, address: str, data: bytes) -> None:
        head = b'--b\r\nContent-Disposition: form-data; name="a"; filename="a.csv"\r\n\r\n'
        request = urllib.request.Request(f"{self.server.url}{address}", head + data + b"\r\n--b--\r\n", method="PUT")
        request.add_header("Content-Type", "multipart/form-data; boundary=b")
        request.add_header("Cookie", self.cookie)
        request.add_header("X-Xsrftoken", self.cookie.partition("=")[2])
        urllib.request.urlopen(request).close()


async def gained(server: Server, count: int, first: int = 20) -> tuple[float, int]:
    """MiB gained by so many files after the ``first``, and how many of all were read."""
    clerk = Clerk((await opened(server.url, PAGE)).socket, server)
    await clerk.look()
    names = load_plan().indicators.set_index("indicator")["name"]
    read, before = 0, 0.0
    for number in range(first + count):
        if number == first:
            before = server.memory()
        rows = "".join(f"{each},{name},H24,{30 + number % 40},500\r\n" for each, name in names.items())
        read += await clerk.send(f"指標番号,指標名,年度,値(%),回答者数\r\n{rows}".encode("utf-8-sig"))
    return server.memory() - before, read


def measure(count: int = 500) -> Iterator[Line]:
    """One line: the memory, where every file was read."""
    with tempfile.TemporaryDirectory() as folder, serving(ROOT / "dashboard.py", Path(folder)) as server:
        grown, read = asyncio.run(gained(server, count))
    work = f"memory gained by {count} files sent and read"
    yield at_most(work, [grown], 10, "MiB", 1) if read > count else Line(work, "all read", f"{read} read", False)

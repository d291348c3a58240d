"""A client of our own that speaks Streamlit's protocol over a real socket: what a browser would never send, too."""

import contextlib
import socket
import time
import uuid

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect


class Client:
    """One open page: its session, the elements shown, and what it sends."""

    def __init__(self, url, page="", headers=None, origin=None, address=None, tls=None):
        self.base = url
        scheme, host = url.split("://")
        to = {"sock": socket.create_connection(address), "ssl": tls} if address else {}
        self.socket = connect(
            f"{'wss' if scheme == 'https' else 'ws'}://{host}/_stcore/stream",
            **to,
            origin=origin or url,
            additional_headers=headers or {},
            subprotocols=["streamlit"],
            max_size=None,
            open_timeout=20,
            close_timeout=1,
            ping_interval=None,  # a busy machine is not a fault
            legacy=True,  # connected here, closed by whoever made the client
        )
        self.session, self.elements, self.hash, self.urls = "", [], "", []
        self.rerun(page)

    def rerun(self, page="", **widgets):
        """Ask for a run of a page, with widget states by id (text, True for a press)."""
        message = BackMsg()
        message.rerun_script.query_string = ""
        message.rerun_script.page_name = page
        for name, value in widgets.items():
            state = message.rerun_script.widget_states.widgets.add(id=name)
            if value is True:
                state.trigger_value = True
            else:
                state.string_value = value
        self.send(message)
        return self.read()

    def send(self, message):
        self.socket.send(message.SerializeToString())

    def read(self, until="script_finished", seconds=30):
        """Take messages up to the end of a run."""
        end = time.monotonic() + seconds
        self.elements = [] if until == "script_finished" else self.elements
        while time.monotonic() < end:
            message = ForwardMsg()
            message.ParseFromString(self.socket.recv(timeout=max(end - time.monotonic(), 0.1)))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session = message.new_session.initialize.session_id
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self.elements.append(message.delta.new_element)
            elif kind == "backend_operation_response":
                self.urls = [message.backend_operation_response.deferred_file.url]
            elif kind == "file_urls_response":
                self.urls = list(message.file_urls_response.file_urls)
            if kind == until:
                return self
        raise TimeoutError(until)

    def ask_to_upload(self, *names):
        message = BackMsg()
        message.file_urls_request.request_id = str(uuid.uuid4())
        message.file_urls_request.file_names.extend(names)
        message.file_urls_request.session_id = self.session
        self.send(message)
        self.read(until="file_urls_response")
        return self.urls

    def ask_to_save(self, file):
        """Where the file of a button is that makes it when it is asked for."""
        message = BackMsg()
        message.backend_operation_request.request_id = str(uuid.uuid4())
        message.backend_operation_request.session_id = self.session
        message.backend_operation_request.deferred_file.file_id = file
        self.send(message)
        self.read(until="backend_operation_response")
        return self.urls[0]

    def choose_file(self, page, uploader, place):
        """Tell the page that its uploader now holds a file that was sent."""
        message = BackMsg()
        message.rerun_script.page_name = page
        state = message.rerun_script.widget_states.widgets.add(id=uploader)
        state.file_uploader_state_value.uploaded_file_info.add(
            file_id=place.file_id, name="調査.csv", size=1, file_urls=place
        )
        self.send(message)
        return self.read()

    def upload_id(self, page):
        """The id of the uploader of a page, asked for anew."""
        return self.rerun(page).ids("upload_0")[0]

    @property
    def text(self):
        """All that a reader sees, as text with its markup."""
        return "\n".join(str(each) for each in self.elements)

    def ids(self, key):
        """The ids of the widgets with a key."""
        kinds = [getattr(each, each.WhichOneof("type")) for each in self.elements]
        return [each.id for each in kinds if getattr(each, "id", "").endswith(f"-{key}")]

    def close(self):
        with contextlib.suppress(ConnectionClosed):
            self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

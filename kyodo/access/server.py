"""What is set in Streamlit and uvicorn themselves, since no option of theirs says it; each with its reason, once."""

import time
from collections.abc import Callable, Iterator

import streamlit.runtime.memory_session_storage as session_storage
import streamlit.runtime.memory_uploaded_file_manager as upload_manager
import uvicorn.config
from streamlit import net_util
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.runtime.session_manager import SessionInfo, SessionStorage

from kyodo.access.uploads import Uploads

GRACE = 30.0  # seconds a page that lost its connection may take to come back


class Sessions(SessionStorage):
    """The sessions whose page is gone, with when: Streamlit's own store drops them without closing them.

    What a session holds (uploads, downloads, its state) would then stay in memory for good.
    """

    def __init__(self, ttl_seconds: int = 0) -> None:
        """Begin with none; how long they are kept is :data:`GRACE`."""
        self._kept: dict[str, tuple[SessionInfo, float]] = {}

    def get(self, session_id: str) -> SessionInfo | None:
        """A session, None where there is none."""
        return self._kept.get(session_id, (None, 0.0))[0]

    def save(self, session_info: SessionInfo) -> None:
        """Keep a session."""
        self._kept[session_info.session.id] = session_info, time.monotonic()

    def delete(self, session_id: str) -> None:
        """Let a session go."""
        del self._kept[session_id]

    def list(self) -> list[SessionInfo]:
        """All sessions kept."""
        return [info for info, _ in self._kept.values()]

    def over(self) -> Iterator[str]:
        """The sessions whose page did not come back."""
        for name, (_, since) in list(self._kept.items()):
            if time.monotonic() - since > GRACE:
                yield name


uploads = Uploads("/_stcore/upload_file")
sessions = Sessions()


def settle() -> None:
    """Before the application is made: what Streamlit and uvicorn do on their own account and must not do here."""
    # Both ask other machines (checkip.amazonaws.com, 8.8.8.8) where this one is: at start, and for every foreign Origin.
    net_util.get_external_ip = net_util.get_internal_ip = _nowhere
    # Believes X-Forwarded-For from this machine, whoever runs there; the gate knows which proxies to believe.
    uvicorn.config.ProxyHeadersMiddleware = _as_it_came
    # The stores a server is made with have no other way in.
    upload_manager.MemoryUploadedFileManager = lambda endpoint: uploads
    session_storage.MemorySessionStorage = lambda ttl_seconds=0: sessions
    seek_no_components()


def seek_no_components() -> None:
    """Let Streamlit not read every installed package, at each start, for components: this dashboard has none."""
    BidiComponentManager.discover_and_register_components = lambda manager, **how: None


def _nowhere() -> None:
    """No address."""


def _as_it_came(app: Callable, trusted_hosts: object = None) -> Callable:
    """The application without anything around it."""
    return app

"""Files on their way in: only under ids a session was given, counted for the session and for all, gone with it."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from streamlit import config, runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from kyodo.access.person import HEADER, unseal
from kyodo.access.rules import rules

A_SESSION = 64 * 2**20  # bytes a session may have with us
ALL = 512 * 2**20  # bytes all sessions together may
_OPEN_IDS = 200  # ids given to a session that it may use: all sections' sheets may come at once


class Uploads(MemoryUploadedFileManager):
    """Streamlit's store of uploaded files, with ids that must have been given and room that ends."""

    def __init__(self, endpoint: str) -> None:
        """Begin with nothing."""
        super().__init__(endpoint)
        self._given: dict[str, list[str]] = defaultdict(list)
        self._coming: dict[tuple[str, str], int] = {}

    def get_upload_urls(self, session_id: str, file_names: Sequence[str]) -> list[Any]:
        """Addresses for files to be sent, for sessions of people who may send any."""
        if not _may_write(session_id):
            return []
        made = super().get_upload_urls(session_id, file_names[:_OPEN_IDS])
        given = self._given[session_id]
        given += [each.file_id for each in made]
        del given[:-_OPEN_IDS]
        return made

    def issued(self, session_id: str, file_id: str) -> bool:
        """Whether this id was given to this session."""
        return file_id in self._given.get(session_id, ())

    @contextmanager
    def expecting(self, session_id: str, file_id: str, length: int | None) -> Iterator[bool]:
        """Keep room for a file while it is sent; False where there is none. ``length`` None: as large as any may be."""
        key, most = (session_id, file_id), config.get_option("server.maxUploadSize") * 2**20
        size = min(length if length is not None else math.inf, most)
        mine = self._held(session_id) + sum(each for (owner, _), each in self._coming.items() if owner == session_id)
        room = mine + size <= A_SESSION and self._total_bytes + sum(self._coming.values()) + size <= ALL
        if not room or key in self._coming:
            yield False
            return
        self._coming[key] = size
        try:
            yield True
        finally:
            del self._coming[key]

    def remove_session_files(self, session_id: str) -> None:
        """Forget a session's files and ids."""
        self._given.pop(session_id, None)
        super().remove_session_files(session_id)

    def _held(self, session_id: str) -> int:
        return sum(len(file.data) for file in self.file_storage.get(session_id, {}).values())


def _may_write(session_id: str) -> bool:
    """Whether the person whose browser holds the session may send files."""
    client = runtime.get_instance().get_client(session_id)
    said = dict(client.client_context.headers) if client else {}
    return rules().may_write(unseal(said.get(HEADER.decode())))

"""The server's log: every line with its time, nothing twice in a moment, no line that says nothing to an operator."""

import logging
import sys
import time

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_QUIET = 10.0  # seconds in which the same message is not said again
_SILENT = (
    "streamlit.runtime.scriptrunner_utils.script_run_context",  # a warning to authors of scripts
    "streamlit.error_util",  # every error of a page with its traceback; the door says those worth it
)


class Once(logging.Filter):
    """Lets the same message of a logger through once in a while: an exhausted machine must not fill its disk, too."""

    def __init__(self) -> None:
        """Nothing said yet."""
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to say it."""
        if record.name == "kyodo.audit":
            return True
        key, now = (record.name, str(record.msg)[:200]), time.monotonic()
        if now - self._said.get(key, -_QUIET) < _QUIET:
            return False
        if len(self._said) > 500:
            self._said.clear()
        self._said[key] = now
        return True


def begin() -> None:
    """Write all loggers' lines to standard error in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(FORMAT))
    handler.addFilter(Once())
    root = logging.getLogger()
    root.handlers[:], root.level = [handler], logging.WARNING
    logging.getLogger("kyodo").setLevel(logging.INFO)
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("uvicorn", "streamlit", "websockets"):
            found = logging.getLogger(name)
            found.handlers[:], found.propagate = [], True
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in ("uvicorn.error", "uvicorn.access"):  # a session that comes and goes is not news
        logging.getLogger(name).setLevel(logging.WARNING)

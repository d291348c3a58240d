"""Slides as PDF by LibreOffice, where it is installed: one deck at a time, with limits, without any network.

>>> office = find_office()
>>> data = to_pdf(deck, office) if office else NO_OFFICE  # doctest: +SKIP
"""

import functools
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from kyodo.errors import KyodoError

NO_OFFICE = (
    "この端末には LibreOffice がないため、PDF を作れません。"
    "スライドを PowerPoint で開き、「名前を付けて保存」で PDF を選んでください。"
)
_NOT_RUN = "LibreOffice を動かせません。運用担当者に、入れ直しを依頼してください。"
TIME_LIMIT = 120.0  # seconds; a deck of fifty slides takes about five
MEMORY = 3 * 2**20  # KiB of addresses, of which a deck uses a tenth in earnest
_ONE_AT_A_TIME = threading.Lock()


class PdfError(KyodoError):
    """No PDF could be made."""


def find_office() -> Path | None:
    """LibreOffice's program, looked for once; None where it is not installed."""
    return _found(os.environ.get("PATH"))


@functools.cache  # every run of the meeting's page asks
def _found(folders: str | None) -> Path | None:
    found = shutil.which("soffice", path=folders) or shutil.which("libreoffice", path=folders)
    return Path(found) if found else None


def to_pdf(deck: bytes, office: Path | None = None, *, limit: float = TIME_LIMIT) -> bytes:
    """A .pptx file as PDF. ``limit`` in seconds counts the wait for other decks, too.

    Raises:
        PdfError: LibreOffice is missing, busy, too slow, or fails.
    """
    office = office or find_office()
    if office is None:
        raise PdfError(NO_OFFICE)
    if not _ONE_AT_A_TIME.acquire(timeout=limit):
        raise PdfError("ほかの PDF を作っているところです。しばらくしてからもう一度押してください。")
    try:
        with tempfile.TemporaryDirectory(prefix="kyodo-pdf-") as folder:
            return _converted(deck, office, Path(folder), limit)
    finally:
        _ONE_AT_A_TIME.release()


def _converted(deck: bytes, office: Path, folder: Path, limit: float) -> bytes:
    source, made = folder / "slides.pptx", folder / "slides.pdf"
    source.write_bytes(deck)
    # A profile of its own: LibreOffice refuses to start twice on one, and a person's own must not be touched.
    command = [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
    _run([*_confined(), *map(str, command), "--convert-to", "pdf", "--outdir", str(folder), str(source)], folder, limit)
    if not made.exists():
        raise PdfError("LibreOffice が PDF を作れませんでした。スライドを PowerPoint で開いて保存してください。")
    return made.read_bytes()


@functools.cache
def _confined() -> tuple[str, ...]:
    """What runs a program with a limit of memory and, where the system allows it, in a network of its own: an empty one."""
    if shutil.which("sh") is None:
        return ()
    limited = ("sh", "-c", f'ulimit -v {MEMORY}; exec "$@"', "sh")
    for alone in (("unshare", "-n"), ("unshare", "-rn")):  # as root; as anybody, where that is allowed
        if (
            shutil.which("unshare")
            and not subprocess.run([*alone, "true"], capture_output=True, check=False).returncode
        ):
            return *limited, *alone
    return limited


def _run(command: list[str], folder: Path, limit: float) -> None:
    """Run a program to its end; with all it started it is ended at the limit."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        program = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "HOME": str(folder)}, start_new_session=True, **quiet
        )
    except OSError as error:
        raise PdfError(_NOT_RUN) from error
    try:
        program.wait(timeout=limit)
    except subprocess.TimeoutExpired:
        raise PdfError(
            f"PDF が{limit:.0f}秒でできあがらないため、やめました。スライドを PowerPoint で開いて保存してください。"
        ) from None
    finally:
        _end(program)
    if program.returncode in (126, 127):  # what a shell says of a program that is not there or is none
        raise PdfError(_NOT_RUN)


def _end(program: subprocess.Popen) -> None:
    """End a program and what it started; soffice is a script whose child does the work."""
    if program.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(program.pid, signal.SIGKILL)
        else:
            program.kill()
    program.wait()

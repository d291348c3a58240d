"""A city's slide template, read once in a process of its own with limits, and given back with only what slides need.

What would reach out of the file (linked pictures, addresses) or run in it (macros, controls, embedded objects) is taken
out, and so are its slides. ``python -m kyodo.deck.template`` is that process: a template in, a clean one out.
"""

import io
import os
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

from kyodo.errors import KyodoError
from kyodo.posix import limit_cpu, limit_memory, nice

SECONDS = 15  # of processor time
PATIENCE = 60  # seconds by the clock, whatever else the machine does
MEMORY = 400 * 2**20
PARTS = 2_000
UNZIPPED = 100 * 2**20  # bytes, pictures included
ELEMENTS = 100_000  # of all XML together; a rich template has some 10,000
_REFUSED = 3  # the process' exit status where its standard error is a sentence for the reader
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_INNER = re.compile(
    "/(slideMaster|slideLayout|theme|image|presProps|viewProps|tableStyles|core-properties|extended-properties|font)$"
)
_NOT_READ = "様式のファイルを PowerPoint(.pptx)として読めません。PowerPoint で開き、.pptx で保存し直してください。"
_TOO_LARGE = "様式のファイルが大きすぎるか複雑すぎます。スライドと画像を減らして保存し直してください。"


def read_template(data: bytes) -> bytes:
    """A template's paper alone: masters, layouts, theme and their pictures.

    Raises:
        KyodoError: it is no .pptx, damaged, or takes more room or time than any template does.
    """
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]))
    command = [sys.executable, "-m", "kyodo.deck.template"]
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env=os.environ | {"PYTHONPATH": path},
        )
    except subprocess.TimeoutExpired:
        raise KyodoError(_TOO_LARGE) from None
    if done.returncode == _REFUSED:
        raise KyodoError(done.stderr.decode("utf-8", "replace").strip().splitlines()[-1])
    if done.returncode:
        raise KyodoError(_TOO_LARGE)
    return done.stdout


def cleaned(data: bytes) -> bytes:
    """What :func:`read_template` does, in this process.

    Raises:
        KyodoError: as there.
    """
    from pptx import Presentation  # only in the process that reads
    from pptx.exc import PythonPptxError
    from pptx.opc.constants import CONTENT_TYPE

    try:
        _count(data)
        deck = Presentation(io.BytesIO(data))
        deck.slides._sldIdLst.clear()
        for part in list(deck.part.package.iter_parts()):
            _cut_off(part)
        # No longer one with macros; the property keeps what it said first in the instance.
        vars(deck.part)["content_type"] = CONTENT_TYPE.PML_PRESENTATION_MAIN
        _ = [each.name for layout in deck.slide_layouts for each in layout.placeholders], deck.slide_width + 0
        out = io.BytesIO()
        deck.save(out)
    except KyodoError:
        raise
    # Whatever python-pptx stumbles over in a file of somebody else's making: the file is at fault.
    except (PythonPptxError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, LookupError, ValueError,
            TypeError, AttributeError, SyntaxError, OSError, AssertionError) as error:  # fmt: skip
        raise KyodoError(_NOT_READ) from error
    return out.getvalue()


def _count(data: bytes) -> None:
    """Raises KyodoError where the file is larger, once unpacked, or has more elements than any template."""
    room, signs = UNZIPPED, 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > PARTS or sum(entry.file_size for entry in entries) > UNZIPPED:
            raise KyodoError(_TOO_LARGE)
        if len({entry.filename.lower() for entry in entries}) < len(entries):
            raise KyodoError(_NOT_READ)
        for entry in entries:
            with archive.open(entry) as stream:
                content = stream.read(room + 1)  # whatever the directory says of its size
            room, signs = room - len(content), signs + _signs(entry.filename, content)
            if room < 0 or signs > 2 * ELEMENTS:  # an opening and a closing sign each
                raise KyodoError(_TOO_LARGE)


def _signs(name: str, content: bytes) -> int:
    """How many elements a part opens or closes. Raises KyodoError for what no office program writes into one."""
    if not name.lower().endswith((".xml", ".rels", ".vml")):
        return 0
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise KyodoError(_NOT_READ)
    return content.count(b"<")


def _cut_off(part) -> None:
    """Drop a part's relationships to what no slide needs, and what refers to them."""
    dropped = {name for name, rel in part.rels.items() if not _needed(rel)}
    for name in dropped:
        part.rels.pop(name)
    for element in list(part._element.iter()) if hasattr(part, "_element") else ():
        for attribute in [each for each in element.attrib if each.startswith(_RELATION)]:
            if element.get(attribute) in dropped:
                del element.attrib[attribute]
                _take_out(element)


def _needed(rel) -> bool:
    """Whether paper needs what a relationship leads to. A drawing of type SVG is a document of its own: it may call out."""
    inner = not rel.is_external and _INNER.search(rel.reltype)
    return bool(inner) and "svg" not in rel.target_part.content_type


def _take_out(element) -> None:
    """Take out what is nothing without its relationship: links, pictures that were only linked, frames of objects."""
    if element.tag.rpartition("}")[2] == "blip" and not element.attrib:
        element = next((each for each in element.iterancestors() if each.tag.endswith("}pic")), element)
    elif element.tag.rpartition("}")[2] in ("oleObj", "control", "externalData", "relIds"):
        element = next((each for each in element.iterancestors() if each.tag.endswith("}graphicFrame")), element)
    if (parent := element.getparent()) is not None and not element.tag.endswith("}blip"):
        parent.remove(element)


def main() -> int:
    """Read a template from standard input with limits, write the clean one to standard output."""
    import pptx  # noqa: F401 - its libraries are loaded before the limit counts

    nice(10)
    limit_memory(MEMORY)
    limit_cpu(SECONDS)
    try:
        made = cleaned(sys.stdin.buffer.read())
    except KyodoError as error:
        sys.stderr.buffer.write(str(error).encode())
        return _REFUSED
    except (MemoryError, RecursionError):
        sys.stderr.buffer.write(_TOO_LARGE.encode())
        return _REFUSED
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""XML parts read as a stream of events. Document types and entities are refused before they can expand."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from xml.parsers import expat

from kyodo.intake.archive import BookError

MAX_DEPTH = 200
MAX_TOKEN = 4 * 2**20  # bytes of one tag or comment: the parser looks at an unfinished one again and again
MAIN = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
ROOT = "/"  # the parent of a part's outermost element
Parents = Mapping[str, tuple[str, ...]]


def _refuse_doctype(*_: Any) -> None:
    raise BookError(
        "format",
        "XML の文書型宣言(DOCTYPE、ENTITY)を含むため、Excel ブックとして読み込めません(Excel が作る形式ではありません)。",
    )


def parse(
    chunks: Iterable[bytes],
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
    parents: Parents | None = None,
) -> None:
    """Feed a part to handlers that get local names (``row``, not ``{…}row``); raises :class:`BookError`.

    With ``parents`` (the elements each element may stand in, :data:`ROOT` outermost) only those elements are told that
    belong to the main namespace and stand where they belong: extensions may repeat every name with other values.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    path = [ROOT]  # of each open element its name, empty where it is not told

    def on_start(name: str, attributes: dict[str, str]) -> None:
        if len(path) > MAX_DEPTH:
            raise BookError("corrupt", "XML の入れ子が深すぎて、Excel ブックとして読み込めません。")
        space, _, name = name.rpartition(" ")
        if parents is not None and (space not in MAIN or path[-1] not in parents.get(name, ())):
            path.append("")
            return
        path.append(name)
        start(name, attributes)

    def on_end(_: str) -> None:
        name = path.pop()
        if name and end is not None:
            end(name)

    def on_text(data: str) -> None:
        if path[-1]:
            text(data)

    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    if text is not None:
        parser.CharacterDataHandler = on_text
    try:
        _feed(parser, chunks)
    except expat.ExpatError as error:
        raise BookError("corrupt", "ブックの中の XML が壊れていて、開けません。") from error
    except (LookupError, ValueError) as error:  # an encoding that does not exist
        raise BookError("corrupt", "ブックの中の XML の文字コードを読み込めません。") from error


def _feed(parser: Any, chunks: Iterable[bytes]) -> None:
    """Feed all chunks, as long as the parser gets on."""
    fed = 0
    for chunk in chunks:
        parser.Parse(chunk, False)
        fed += len(chunk)
        if fed - max(parser.CurrentByteIndex, 0) > MAX_TOKEN:
            raise BookError("too_large", "ブックの中の XML に大きすぎるタグかコメントがあり、読み込めません。")
    parser.Parse(b"", True)


def elements(chunks: Iterable[bytes], *names: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """All elements of some local names with their attributes, in order; for small parts."""
    found: list[tuple[str, Mapping[str, str]]] = []
    parse(chunks, lambda name, attributes: found.append((name, dict(attributes))) if name in names else None)
    return iter(found)


def local(attributes: Mapping[str, str], name: str) -> str:
    """An attribute by its local name (``r:id`` for ``id``), empty where it is missing."""
    return next((value for key, value in attributes.items() if key.rpartition(" ")[2] == name), "")

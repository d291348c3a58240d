"""XML parts read as a stream of events. Document types and entities are refused before they can expand."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from xml.parsers import expat

from kyodo.intake.archive import BookError

MAX_DEPTH = 200


def _refuse_doctype(*_: Any) -> None:
    raise BookError("format", "XML の文書型宣言(DOCTYPE、ENTITY)を含むため、Excel ブックとして読み込めません(Excel が作る形式ではありません)。")


def parse(
    chunks: Iterable[bytes],
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Feed a part to handlers that get local names (``row``, not ``{…}row``); raises :class:`BookError`."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    depth = 0

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise BookError("corrupt", "XML の入れ子が深すぎて、Excel ブックとして読み込めません。")
        start(name.rpartition(":")[2], attributes)

    def on_end(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(name.rpartition(":")[2])

    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise BookError("corrupt", "ブックの中の XML が壊れていて、開けません。") from error
    except (LookupError, ValueError) as error:  # an encoding that does not exist
        raise BookError("corrupt", "ブックの中の XML の文字コードを読み込めません。") from error


def elements(chunks: Iterable[bytes], *names: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """All elements of some local names with their attributes, in order; for small parts."""
    found: list[tuple[str, Mapping[str, str]]] = []
    parse(chunks, lambda name, attributes: found.append((name, dict(attributes))) if name in names else None)
    return iter(found)


def local(attributes: Mapping[str, str], name: str) -> str:
    """An attribute by its local name (``r:id`` for ``id``), empty where it is missing."""
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")

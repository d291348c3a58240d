"""A workbook's zip opened with care: every size is checked while it is read, whatever the zip's own directory says."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from kyodo.intake.codes import problem

MAX_ENTRIES = 2_000
MAX_UNZIPPED = 300 * 2**20
MAX_RATIO = 250  # a survey of nothing but 1 and 2 shrinks to a sixtieth; bombs to a thousandth
CHUNK = 1 << 16
_OTHERS = (
    ("word/", "Word 文書"),
    ("ppt/", "PowerPoint 文書"),
    ("Index/", "Numbers・Pages の文書"),
    ("META-INF/MANIFEST.MF", "Java のファイル"),
)


class BookError(Exception):
    """A workbook that cannot or must not be read; carries the one problem to report."""

    def __init__(self, code: str, message: str, **place) -> None:
        """Keep the problem."""
        super().__init__(message)
        self.problem = problem(code, message, **place)


class Archive:
    """The parts of a workbook, by lower-case name without a leading slash; reading is limited in all."""

    def __init__(self, data: bytes) -> None:
        """Open the zip and check its directory; raises :class:`BookError`."""
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            OSError,
            ValueError,
            EOFError,
            KeyError,
            IndexError,
            OverflowError,
        ) as error:
            raise BookError(
                "corrupt", "ファイルが壊れていて(途中で切れているなど)、Excel ブックとして開けません。"
            ) from error
        self._left = MAX_UNZIPPED
        if len(entries) > MAX_ENTRIES:
            raise BookError(
                "too_large",
                f"ブックの中の部品が多すぎます({len(entries):,}個、上限 {MAX_ENTRIES:,}個)。Excel の調査表ではないようです。",
            )
        if sum(entry.file_size for entry in entries) > MAX_UNZIPPED:
            raise BookError("too_large", f"展開後のサイズが大きすぎます(上限 {MAX_UNZIPPED // 2**20}MB)。")
        self.parts = {entry.filename.replace("\\", "/").lstrip("/").lower(): entry for entry in entries}
        if len(self.parts) < len(entries):
            raise BookError(
                "corrupt",
                "ブックの中に同じ名前の部品が2つあります。壊れていて、どちらが正しいか分からないため開けません。",
            )

    def require_workbook(self) -> None:
        """Refuse zips that are something else, with a name for it where it is known."""
        if "xl/workbook.bin" in self.parts:
            raise BookError(
                "format", "Excel バイナリ ブック(.xlsb)の形式です。Excel ブック(.xlsx)で保存し直してください。", hint=""
            )
        if any(name.endswith("workbook.xml") for name in self.parts):
            return
        if "mimetype" in self.parts and "content.xml" in self.parts:
            raise BookError(
                "format",
                "OpenDocument(.ods など)の形式です。Excel ブック(.xlsx)か CSV で保存し直してください。",
                hint="",
            )
        for prefix, shown in _OTHERS:
            if any(name.startswith(prefix.lower()) for name in self.parts):
                raise BookError("format", f"{shown}の形式のファイルです。Excel ブック(.xlsx)か CSV ではありません。")
        inside = sum(name.endswith((".csv", ".xlsx")) for name in self.parts)
        hint = "圧縮を解き、中のファイルを1つずつ選んでください。" if inside else None
        raise BookError(
            "format", "圧縮ファイル(zip)で、Excel ブックではありません(形式が違うか壊れています)。", hint=hint
        )

    def __contains__(self, name: str) -> bool:
        """Whether a part exists."""
        return name.lower() in self.parts

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part's bytes piece by piece, within the limits; raises :class:`BookError`."""
        entry = self.parts.get(name.lower())
        if entry is None:
            raise BookError("corrupt", "ブックの中の部品が足りません。壊れているため開けません。")
        if entry.flag_bits & 1:
            raise BookError("password", "パスワードで暗号化された zip で、開けません。")
        got = 0
        try:
            with self._zip.open(entry) as stream:
                while chunk := stream.read(CHUNK):
                    got += len(chunk)
                    self._left -= len(chunk)
                    if self._left < 0 or (got > 2**22 and got > MAX_RATIO * max(entry.compress_size, 1)):
                        raise BookError("too_large", f"展開後のサイズが大きすぎます(上限 {MAX_UNZIPPED // 2**20}MB)。")
                    yield chunk
        except (
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
            OSError,
            EOFError,
            RuntimeError,
            ValueError,
        ) as error:
            raise BookError(
                "corrupt", "ファイルが壊れていて(途中で切れているなど)、Excel ブックとして開けません。"
            ) from error

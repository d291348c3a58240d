"""Where a Japanese sentence may go on in the next line: between words, never inside 「やや遅れ」, 「I-3-2」 or 「39.8%」.

>>> phrases("③はH24目標39.8%に届かず、やや遅れ。I-3-2も同じ")
('③は', 'H24目標', '39.8%に', '届かず、', 'やや遅れ。', 'I-3-2も', '同じ')
"""

import re
from functools import lru_cache

from kyodo.wording import width

_WORDS = (  # that a break inside would hide: of several scripts, or with their number behind them
    "やや遅れ|遅れ|横ばい|未達成|達成|未調査|到達率|到達|順調|後退|計画どおり|先|予定なし|未回答|回答|対応済|対応中|未対応|新規|再掲"
    "|実施済|継続推進|一部実施|検討中|届かず|取組|取り組み|見込み|見通し|見直し"
)
_PIECE = re.compile(
    rf"[(「『【]*(?:(?:{_WORDS})\d*|[①-⑳㉑-㊿]?[▲+±第]?[\dA-Za-z][\dA-Za-z.,%/\-〜~]*(?:[一-龠々]+|[ァ-ヶー]+)?|[ァ-ヶー]+"
    rf"|(?:[①-⑳㉑-㊿]|(?!{_WORDS})[一-龠々〆])+|[ぁ-ん]+|\s+|.)(?:(?!{_WORDS})[ぁ-ん])*[、。,)」』】・:…\s]*",
    re.DOTALL,
)


@lru_cache(maxsize=8192)  # a table is set in several sizes until it fits
def phrases(text: str) -> tuple[str, ...]:
    """The pieces of a text that stay whole; joined they are the text."""
    return tuple(_PIECE.findall(text))


def two_lines(text: str, room: float) -> list[str] | None:
    """A text in one line, or in two (joined: the text) of at most ``room`` full-width characters; None where that does not do.

    It breaks after a full stop rather than after a comma, and there rather than between words.
    """
    if width(text) <= room:
        return [text]
    pieces = phrases(text)
    splits = (("".join(pieces[:place]), "".join(pieces[place:])) for place in range(1, len(pieces)))
    fitting = [pair for pair in splits if max(width(line.rstrip()) for line in pair) <= room]
    return list(min(fitting, key=_clumsiness)) if fitting else None


def _clumsiness(pair: tuple[str, str]) -> tuple[int, float]:
    first, second = pair
    last = first.rstrip()[-1:]
    rank = 0 if last in "。:" else 1 if last in "、,・" else 2
    return rank, abs(width(first) - width(second))


def wrapped(text: str, room: float) -> list[str]:
    """A text in lines of at most ``room`` full-width characters that break between words; a longer word is cut.

    >>> wrapped("遅れはI-2-11・I-3-2。", 8)
    ['遅れは', 'I-2-11・', 'I-3-2。']
    """
    return [line for paragraph in text.split("\n") for line in _filled(paragraph, room)]


def _filled(text: str, room: float) -> list[str]:
    if width(text) <= room:
        return [text]
    lines = [""]
    for piece in (part for phrase in phrases(text) for part in _cut(phrase, room)):
        if lines[-1] and width((lines[-1] + piece).rstrip()) > room:
            lines.append("")
        lines[-1] += piece
    return lines


def _cut(piece: str, room: float) -> list[str]:
    """A piece, or its signs where it is wider than a line."""
    return [piece] if width(piece.rstrip()) <= room else list(piece)

"""One cell into one number, or the reason why not.

Only digits, points, signs and percent signs that Japanese keyboards produce are folded; the wider NFKC would turn
38.2¹ (a footnote) into 38.21 and ㊲ into 37. Nothing uncertain becomes a number.
"""

import re
from dataclasses import dataclass

from kyodo.intake.grid import Cell, quoted

_FOLD = str.maketrans("０１２３４５６７８９．，％＋（）", "0123456789.,%+()")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]")
_MINUS = "-−－‐‑‒–—―ー▲△▼▽"
_PLAIN = re.compile(r"(?P<digits>\d+(?:\.\d*)?|\.\d+)\s*(?P<percent>%|パーセント|㌫)?", re.ASCII)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE][+-]?\d{1,2}", re.ASCII)
_NEGATIVE = re.compile(rf"(?:[{_MINUS}]\s*|マイナス)[\d.,]+\s*%?|\([\d.,]+\s*%?\)|[\d.,]+-", re.ASCII)
_GROUPED = re.compile(r"(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?:\.0*)?", re.ASCII)
_PEOPLE = re.compile(r"(?:n\s*=\s*)?(?P<rest>.*?)\s*(?:人|名|票|件)?", re.IGNORECASE)
_ERROR = re.compile(r"#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA|#+)", re.IGNORECASE)
MISSING_MARKS = frozenset(
    [
        "-",
        "－",
        "―",
        "ー",
        "—",
        "–",
        "‐",
        "−",
        "─",
        "…",
        "‥",
        "・・・",
        "...",
        "..",
        "***",
        "**",
        "*",
        "＊",
        "＊＊＊",
        "x",
        "X",
        "ｘ",
        "Ｘ",
        "×",
        "/",
        "／",
        "未集計",
        "集計中",
        "未実施",
        "調査なし",
        "調査せず",
        "調査無し",
        "未調査",
        "データなし",
        "値なし",
        "数値なし",
        "該当なし",
        "実施せず",
        "実施なし",
        "未定",
        "未確定",
        "確認中",
        "欠測",
        "欠損",
        "欠測値",
        "欠損値",
        "無し",
        "なし",
        "不明",
        "非公表",
        "秘匿",
        "未公表",
        "n/a",
        "N/A",
        "n.a.",
        "N.A.",
        "na",
        "NA",
        "null",
        "NULL",
        "None",
        "(未集計)",
        "（未集計）",
        "(集計中)",
        "（集計中）",
        "...",
        "………",
        "……",
        "未回答",
        "--",
        "---",
        "――",
        "ーー",
        "－－",
    ]
)
MAX_N = 10_000_000
LONGEST = 1_000  # characters a number may have with all its blanks


@dataclass(frozen=True, slots=True)
class Measured:
    """A number from a cell; ``decimals`` as written (None where unknown), ``explicit`` a % of its own, ``remark`` what was folded."""

    value: float
    decimals: int | None = None
    explicit: bool = False
    remark: str = ""


class CellFault(ValueError):
    """A cell that cannot be read: a declared problem code and a Japanese sentence."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the code beside the message."""
        super().__init__(message)
        self.code = code


def cleaned(cell: Cell) -> str:
    """A cell's text without surrounding blanks and invisible marks."""
    return _INVISIBLE.sub("", cell.text).strip()


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing that shows."""
    return cell.kind == "text" and not cleaned(cell)


def is_missing_mark(cell: Cell) -> bool:
    """Whether a cell says in a usual way that there is no value (－, …, ***, 未集計)."""
    return cell.kind == "text" and "".join(cleaned(cell).split()) in MISSING_MARKS


def is_numeric(cell: Cell) -> bool:
    """Whether a cell looks like a number, of whatever kind."""
    if cell.kind in {"number", "percent"}:
        return True
    text = cleaned(cell).translate(_FOLD) if len(cell.text) <= LONGEST else ""
    return cell.kind == "text" and bool(_PLAIN.fullmatch(text) or _GROUPED.fullmatch(text))


def _stored(cell: Cell, what: str) -> None:
    """Refuse kinds of worksheet cells that hold no number: errors, empty formulas, dates, truth values."""
    text = cleaned(cell)
    if cell.kind == "formula":
        raise CellFault("formula", f"{what}が数式のままで、計算結果が保存されていません(値がありません)。")
    if cell.kind == "error" or _ERROR.fullmatch(text):
        raise CellFault("error_cell", f"{what}がエラー値{quoted(text)}です。数値として読み取れません。")
    if cell.kind == "date":
        raise CellFault("number", f"{what}が日付{quoted(text)}になっています。数値として読み取れません。")
    if cell.kind == "bool":
        raise CellFault("number", f"{what}{quoted(text)}は数値ではありません。")


def _remark(cell: Cell, text: str) -> str:
    """What had to be folded for a text to become a number, in words."""
    parts = []
    if cell.text != cell.text.translate(_FOLD):
        parts.append("全角の数字や記号")
    if _INVISIBLE.search(cell.text):
        parts.append("見えない文字")
    if cell.superscript:
        parts.append("上付きの注記")
    if "e" in text.lower():
        parts.append("指数表記")
    return "、".join(parts)


def _line(cell: Cell, code: str, what: str) -> str:
    """A cell's text folded; a text far too long for a number is refused before any pattern looks at it."""
    if len(cell.text) > LONGEST:
        raise CellFault(code, f"{what}{quoted(cell.text)}を数値として読み取れません。")
    return cleaned(cell).translate(_FOLD)


def read_percent(cell: Cell) -> Measured:
    """A percentage as written, 0 to 100; a percent-formatted worksheet number counts a hundredfold.

    Raises:
        CellFault: ``number``, ``range``, ``formula`` or ``error_cell``.
    """
    _stored(cell, "値")
    text = _line(cell, "number", "値")
    if cell.kind in {"number", "percent"}:
        # 0.378 * 100 is 37.800000000000004 in binary; the cell shows 37.8
        value = round(cell.number * 100, 10) if cell.kind == "percent" else cell.number
        measured = Measured(value, _decimals(repr(value)), explicit=cell.kind == "percent")
    elif match := _PLAIN.fullmatch(text):
        digits = match["digits"]
        measured = Measured(float(digits), _decimals(digits), bool(match["percent"]), _remark(cell, ""))
    elif _SCIENTIFIC.fullmatch(text):
        measured = Measured(float(text), None, remark=_remark(cell, text))
    elif _GROUPED.fullmatch(text):
        measured = Measured(float(text.replace(",", "")), 0)
    elif _NEGATIVE.fullmatch(text):
        raise CellFault("range", f"値{quoted(cell.text)}は負の数(マイナス)の書き方です。値は0から100の範囲の数値です。")
    else:
        raise CellFault("number", f"値{quoted(cell.text)}を数値として読み取れません。")
    if not 0 <= measured.value <= 100:
        shown = f"(パーセント書式のため {measured.value:g}%)" if cell.kind == "percent" else ""
        side = "負の数(マイナス)で、" if measured.value < 0 else "100を超え、"
        raise CellFault("range", f"値{quoted(cell.text)}{shown}は{side}0から100の範囲にありません。")
    return measured


def _decimals(digits: str) -> int:
    """Decimals written in a plain number."""
    return len(digits.partition(".")[2].rstrip("0"))


def read_count(cell: Cell, what: str = "回答者数", lowest: int = 1) -> Measured:
    """A number of persons, a whole number of at least ``lowest``; thousands commas and 人 are allowed.

    Raises:
        CellFault: ``n``, ``formula`` or ``error_cell``.
    """
    try:
        _stored(cell, what)
    except CellFault as fault:
        raise CellFault("n" if fault.code == "number" else fault.code, str(fault)) from fault
    text = _line(cell, "n", what)
    if cell.kind == "percent":
        raise CellFault("n", f"{what}{quoted(cell.text)}がパーセント書式です。人数(整数)で記入してください。")
    if cell.kind == "number":
        number, remark = cell.number, ""
    else:
        match = _GROUPED.fullmatch(_PEOPLE.fullmatch(text)["rest"])
        if match is None:
            raise CellFault("n", f"{what}{quoted(cell.text)}を人数(整数)として読み取れません。")
        number, remark = float(match["digits"].replace(",", "")), _remark(cell, "")
    if not lowest <= number <= MAX_N:
        raise CellFault("n", f"{what}{quoted(cell.text)}は{lowest}以上{MAX_N:,}以下の整数(人数)ではありません。")
    if number != int(number):
        raise CellFault("n", f"{what}{quoted(cell.text)}が整数ではありません。人数で記入してください。")
    return Measured(number, 0, remark=remark)

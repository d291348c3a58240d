"""Columns about persons: named in a notice, shown nowhere, and not in what is kept."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from kyodo.intake.names import key_of

_WORDS = re.compile(
    r"氏名|名前|姓名|^姓$|^名$|フリガナ|ふりがな|カナ(?:氏名|名)?$|^よみ|住所|番地|所在地|電話|^tel|tel$|phone|携帯|fax|ファックス|ファクス|メール|e-?mail|^mail|"
    r"生年月日|誕生日|マイナンバー|個人番号|郵便番号|^〒|ipアドレス|^ip$|口座|職員番号|職員コード|lineid|連絡先|世帯主|署名|ニックネーム|住民コード|宛名番号"
)
_QUESTION = re.compile(r"^(?:問|設問|質問|q)\d|知って|利用|思い?ます|ですか|情報源|満足")
_CONTENT = re.compile(r"[^@\s,]+@[^@\s,]+\.[A-Za-z]{2,}|0\d{1,4}-\d{1,4}-\d{3,4}|0[789]0\d{8}|\d{3}-\d{4}")
_SAMPLE = 50


def is_personal(header: str, sample: Iterable[str] = ()) -> bool:
    """Whether a column is about the person: by its header, or because what stands in it looks like mail or phone."""
    key = key_of(header)
    if _WORDS.search(key) and not _QUESTION.search(key):
        return True
    texts = [text for text in sample if text.strip()][:_SAMPLE]
    return bool(texts) and sum(bool(_CONTENT.fullmatch(text.strip())) for text in texts) * 2 > len(texts)


def without_columns(records: Iterable[Sequence[str]], removed: set[int]) -> bytes:
    """Records as a CSV (UTF-8 with BOM, CRLF) without some columns (1-based)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for record in records:
        writer.writerow([text for column, text in enumerate(record, 1) if column not in removed])
    return out.getvalue().encode("utf-8-sig", errors="replace")

"""Text as HTML: escaped, and never broken inside what belongs together."""

import functools
import html
import re

from kyodo.ui.state import plan
from kyodo.verdicts import VERDICTS


@functools.cache
def _whole() -> re.Pattern[str]:
    """What is never broken; the words of the plan are those of this process's plan."""
    words = {*VERDICTS, *plan().statuses, *plan().stage_names, "計画どおり"}
    return re.compile(
        "|".join(
            [
                r"(?<![A-Za-z])[IVX]+-\d+(?:-\d+)?",  # a measure, an item
                r"[▲+±−]?\d[\d,]*(?:\.\d+)?(?:〜[▲+±−]?\d[\d,.]*)?(?:%|ポイント|項目|指標|人|件|枚|行|年度)?",
                r"[HRS]\d+(?:年度|目標|基準|実績|調査)?",
                *map(re.escape, sorted(words, key=len, reverse=True)),
                r"「[^「」]{1,10}」",
            ]
        )
    )


def said(text: str) -> str:
    """A text as HTML in which names of items, numbers with their units, years and verdicts stay on one line.

    >>> said("I-3-2は39.8%")
    '<span class="k-w">I-3-2</span>は<span class="k-w">39.8%</span>'
    """
    at, parts = 0, []
    for found in _whole().finditer(text):
        if len(found[0]) > 1:
            parts += [html.escape(text[at : found.start()]), f'<span class="k-w">{html.escape(found[0])}</span>']
            at = found.end()
    return "".join([*parts, html.escape(text[at:])])

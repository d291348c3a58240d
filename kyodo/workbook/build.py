"""The workbook as a whole: its sheets in order and the file's own properties."""

from kyodo import agenda
from kyodo.agenda import Choice, Meeting
from kyodo.brief import Brief
from kyodo.fiscal import in_japan
from kyodo.workbook import sheets
from kyodo.workbook.book import Book
from kyodo.workbook.judgement import basis, judgement

_SHEETS = (
    sheets.indicators, sheets.items, sheets.progress, sheets.opinions, sheets.past, judgement, basis, sheets.terms,
)  # fmt: skip


def build_workbook(brief: Brief, *, meeting: Meeting | None = None, choice: Choice | None = None) -> bytes:
    """The sheets 指標, 項目, 進行管理, 指摘 (where there is an opinion), 前期, 判定, 判定の根拠 and 用語 as an .xlsx file."""
    shown, meeting = agenda.chosen(brief, choice or Choice()), meeting or Meeting()
    source = f"{meeting.document}  {agenda.source(brief)}  {agenda.moment(brief)}".strip()
    book = Book()
    for make in _SHEETS:
        make(book, shown, source)
    title = f"{meeting.title} {brief.plan.title}"
    facts = {"title": title, "subject": agenda.source(brief), "author": "", "company": ""}
    if brief.as_of is not None:
        facts["created"] = in_japan(brief.as_of).replace(tzinfo=None, microsecond=0)
    book.file.set_properties(facts)
    return book.bytes()

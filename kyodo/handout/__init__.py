"""What is handed to sections: sheets to fill in (.xlsx, CSV) and the letter with it (.docx). Places what ``cycle`` made."""

from kyodo.handout.files import sheet_files
from kyodo.handout.letter import letter, reminder

__all__ = ["letter", "reminder", "sheet_files"]

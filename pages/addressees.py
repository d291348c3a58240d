from kyodo import ui

ui.page("宛先", "")

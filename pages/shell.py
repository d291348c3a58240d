import streamlit as st

from kyodo import access, ui
from kyodo.ui import door, places, runs

with runs.run():
    shown = st.navigation(ui.navigation(places.grouped(access.may_write())), position="top")
    door.window(shown.title)
    door.ask_to_sign_in()
    shown.run()

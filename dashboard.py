"""The door: ``streamlit run dashboard.py``. The pages are in ``pages/``, what they know is in ``kyodo/``."""

import sys

import streamlit as st

from kyodo.access import load_rules, server
from kyodo.errors import KyodoError
from kyodo.plan import load_plan
from kyodo.posix import more_files
from kyodo.record import check_url, default_url
from kyodo.ui import logs
from kyodo.ui.door import middleware, routes, say_error, say_start
from kyodo.ui.follow import keeping_house

try:
    load_plan()  # a broken table stops the start, not a meeting
    load_rules()
    check_url(default_url())
except KyodoError as error:
    sys.exit(f"起動できません。\n{error}")

logs.begin()
more_files()
server.settle()
say_start()
app = st.App(
    "pages/shell.py", routes=routes(), middleware=middleware(), lifespan=keeping_house, on_script_error=say_error
)
